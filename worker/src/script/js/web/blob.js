// The global `Blob`: immutable bytes with a type. Its promises are already settled.
// Not supported: `stream`, which nothing could read, and `File`.

const { bytesOf, isBytes, viewOf } = require('vayu:web/bytes');
const { TextDecoder } = require('vayu:node/text_coding');

const PRINTABLE = /^[\x20-\x7e]*$/;

const typeOf = (type) => {
  const text = String(type);
  return PRINTABLE.test(text) ? text.toLowerCase() : '';
};

const joined = (parts) => {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};

const place = (given, size, fallback) => {
  const number = given === undefined ? fallback : Math.trunc(Number(given)) || 0;
  return number < 0 ? Math.max(size + number, 0) : Math.min(number, size);
};

class Blob {
  #bytes;
  #type;

  constructor(parts = [], options = {}) {
    if (parts === null || typeof parts !== 'object' || typeof parts[Symbol.iterator] !== 'function') {
      throw new TypeError('the parts of a Blob must be a list of strings, buffers, views and blobs');
    }
    const { type = '', endings = 'transparent' } = options ?? {};
    if (endings !== 'transparent' && endings !== 'native') throw new TypeError(`endings is "${endings}": use transparent or native`);
    this.#bytes = joined(Array.from(parts, Blob.#bytesOf));
    this.#type = typeOf(type);
  }

  static #bytesOf(part) {
    if (part instanceof Blob) return part.#bytes;
    return isBytes(part) ? viewOf(part) : bytesOf(host.utf8Encode(String(part).toWellFormed()));
  }

  get size() {
    return this.#bytes.length;
  }

  get type() {
    return this.#type;
  }

  slice(start, end, type = '') {
    const size = this.#bytes.length;
    const from = place(start, size, 0);
    return new Blob([this.#bytes.subarray(from, Math.max(place(end, size, size), from))], { type });
  }

  async arrayBuffer() {
    return this.#bytes.slice().buffer;
  }

  async bytes() {
    return this.#bytes.slice();
  }

  async text() {
    return new TextDecoder('utf-8', { ignoreBOM: false }).decode(this.#bytes);
  }

  get [Symbol.toStringTag]() {
    return 'Blob';
  }
}

module.exports = Blob;
