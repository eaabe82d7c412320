// The globals TextEncoder and TextDecoder, for utf-8, latin1 (windows-1252 is read as latin1), ascii and
// utf-16le.
// Not supported: other encodings, which throw a RangeError.

const { decode, encode, latin1OfCodes } = require('vayu:node/encoding');
const { withCode } = require('vayu:node/errors');

const LABELS = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'unicode-1-1-utf-8': 'utf-8',
  'utf-16le': 'utf-16le',
  'utf-16': 'utf-16le',
  'ucs-2': 'utf-16le',
  unicode: 'utf-16le',
  latin1: 'windows-1252',
  'iso-8859-1': 'windows-1252',
  'windows-1252': 'windows-1252',
  ascii: 'windows-1252',
  'us-ascii': 'windows-1252',
};
const NODE_NAMES = { 'utf-8': 'utf8', 'utf-16le': 'utf16le', 'windows-1252': 'latin1' };

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function bytesOf(text) {
  const bytes = encode(text, 'utf8');
  const array = new Uint8Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) array[index] = bytes.charCodeAt(index);
  return array;
}

class TextEncoder {
  get encoding() {
    return 'utf-8';
  }

  encode(text = '') {
    return bytesOf(String(text));
  }

  encodeInto(text, target) {
    let read = 0;
    let written = 0;
    for (const char of text) {
      const bytes = bytesOf(char);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      read += char.length;
      written += bytes.length;
    }
    return { read, written };
  }
}

function latin1OfInput(input) {
  if (input === undefined) return '';
  if (ArrayBuffer.isView(input)) {
    return latin1OfCodes(Array.from(new Uint8Array(input.buffer, input.byteOffset, input.byteLength)));
  }
  return latin1OfCodes(Array.from(new Uint8Array(input)));
}

function utf16Tail(bytes) {
  const odd = bytes.length % 2;
  const high = bytes.charCodeAt(bytes.length - odd - 1);
  return high >= 0xd8 && high <= 0xdb ? odd + 2 : odd;
}

// Returns the number of bytes at the end that begin an incomplete character.
function incompleteTail(bytes, encoding) {
  if (encoding === 'utf-16le') return utf16Tail(bytes);
  if (encoding !== 'utf-8') return 0;
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const code = bytes.charCodeAt(bytes.length - back);
    if ((code & 0xc0) === 0x80) continue;
    const needed = code >= 0xf0 ? 4 : code >= 0xe0 ? 3 : code >= 0xc0 ? 2 : 1;
    return needed > back ? back : 0;
  }
  return 0;
}

class TextDecoder {
  #held = '';
  #started = false;

  constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
    const encoding = LABELS[String(label).trim().toLowerCase()];
    if (!encoding) {
      throw withCode(RangeError, 'ERR_ENCODING_NOT_SUPPORTED', `The "${label}" encoding is not supported`);
    }
    this.encoding = encoding;
    this.fatal = Boolean(fatal);
    this.ignoreBOM = Boolean(ignoreBOM);
  }

  decode(input, { stream = false } = {}) {
    const all = this.#held + latin1OfInput(input);
    const tail = stream ? incompleteTail(all, this.encoding) : 0;
    const bytes = all.slice(0, all.length - tail);
    this.#held = all.slice(all.length - tail);
    let text = decode(bytes, NODE_NAMES[this.encoding]);
    if (this.encoding === 'utf-16le')
      text = text.replace(LONE_SURROGATE, '\ufffd') + '\ufffd'.repeat(bytes.length % 2);
    if (this.fatal && text.includes('\ufffd') && encode(text, NODE_NAMES[this.encoding]) !== bytes) {
      throw withCode(
        TypeError,
        'ERR_ENCODING_INVALID_ENCODED_DATA',
        `The encoded data was not valid for encoding ${this.encoding}`,
      );
    }
    if (!this.#started && !this.ignoreBOM && text.startsWith('\ufeff')) text = text.slice(1);
    this.#started = stream && (this.#started || text !== '');
    return text;
  }
}

module.exports = { TextEncoder, TextDecoder, incompleteTail };
