// require('string_decoder'): StringDecoder, which buffers an incomplete character until the rest of it
// arrives.

const { Buffer } = require('vayu:node/buffer');
const { canonical, decode } = require('vayu:node/encoding');
const { incompleteTail } = require('vayu:node/text_coding');
const { withCode } = require('vayu:node/errors');

function tailOf(bytes, encoding) {
  if (encoding === 'utf8') return incompleteTail(bytes, 'utf-8');
  if (encoding.startsWith('base64')) return bytes.length % 3;
  return encoding === 'utf16le' ? incompleteTail(bytes, 'utf-16le') : 0;
}

class StringDecoder {
  constructor(encoding) {
    this.encoding = canonical(encoding);
    if (!this.encoding) throw withCode(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
    this._held = '';
  }

  write(chunk) {
    if (typeof chunk === 'string') return chunk;
    const bytes = this._held + Buffer.from(chunk).toString('latin1');
    const tail = tailOf(bytes, this.encoding);
    this._held = bytes.slice(bytes.length - tail);
    return decode(bytes.slice(0, bytes.length - tail), this.encoding);
  }

  end(chunk) {
    const text = chunk === undefined ? '' : this.write(chunk);
    const rest = decode(this._held, this.encoding);
    this._held = '';
    return text + rest;
  }
}

module.exports = { StringDecoder };
