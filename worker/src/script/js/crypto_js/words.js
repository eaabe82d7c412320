// The word arrays of crypto-js (32-bit big-endian words and a count of significant bytes), the Base object of
// its classes, and the encoders between word arrays and text. The other files in this folder pass binary data
// to the host as latin1 strings; bytesOf and fromBytes convert in both directions.
// Not supported: `$super`, the 64-bit words of CryptoJS.x64.

const { latin1OfCodes } = require('vayu:node/encoding');

const Base = {
  extend(overrides) {
    const child = Object.assign(Object.create(this), overrides);
    if (overrides && Object.hasOwn(overrides, 'toString')) child.toString = overrides.toString;
    return constructible(child);
  },
  create(...values) {
    const instance = Object.create(this);
    instance.init(...values);
    return instance;
  },
  init() {},
  mixIn(properties) {
    Object.assign(this, properties);
  },
  clone() {
    return Object.assign(Object.create(Object.getPrototypeOf(this)), this);
  },
};

// `new X.init(...)` must work as well as `X.create(...)`.
function constructible(object) {
  const initialise = object.init;
  object.init = function (...values) {
    initialise.apply(this, values);
  };
  object.init.prototype = object;
  return object;
}

const WordArray = Object.create(Base);
WordArray.init = function (words, sigBytes) {
  if (ArrayBuffer.isView(words) || words instanceof ArrayBuffer) {
    this.words = wordsOfBytes(latin1OfView(words));
    this.sigBytes = words.byteLength;
    return;
  }
  this.words = words || [];
  this.sigBytes = sigBytes === undefined ? this.words.length * 4 : sigBytes;
};
WordArray.init.prototype = WordArray;

Object.assign(WordArray, {
  toString(encoder) {
    return (encoder || Hex).stringify(this);
  },
  concat(other) {
    this.clamp();
    const start = this.sigBytes;
    if (start % 4 === 0) {
      const count = Math.ceil(other.sigBytes / 4);
      for (let index = 0; index < count; index++) this.words[start / 4 + index] = other.words[index] | 0;
    } else {
      for (let index = 0; index < other.sigBytes; index++) {
        const at = start + index;
        this.words[at >>> 2] |= byteAt(other.words, index) << (24 - (at % 4) * 8);
      }
    }
    this.sigBytes += other.sigBytes;
    return this;
  },
  clamp() {
    const { words, sigBytes } = this;
    words[sigBytes >>> 2] &= 0xffffffff << (32 - (sigBytes % 4) * 8);
    words.length = Math.ceil(sigBytes / 4);
  },
  clone() {
    const copy = Base.clone.call(this);
    copy.words = this.words.slice();
    return copy;
  },
  random(count) {
    return fromBytes(host.random(count));
  },
});

function byteAt(words, index) {
  return (words[index >>> 2] >>> (24 - (index % 4) * 8)) & 0xff;
}

function latin1OfView(view) {
  const bytes =
    view instanceof ArrayBuffer
      ? new Uint8Array(view)
      : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return latin1OfCodes(Array.from(bytes));
}

function wordsOfBytes(bytes) {
  const words = new Array(Math.ceil(bytes.length / 4)).fill(0);
  for (let index = 0; index < bytes.length; index++) {
    words[index >>> 2] |= (bytes.charCodeAt(index) & 0xff) << (24 - (index % 4) * 8);
  }
  return words;
}

function fromBytes(bytes) {
  return new WordArray.init(wordsOfBytes(bytes), bytes.length);
}

function bytesOf(wordArray) {
  const codes = [];
  for (let index = 0; index < wordArray.sigBytes; index++) codes.push(byteAt(wordArray.words, index));
  return latin1OfCodes(codes);
}

// Returns the bytes of a message, key, password or salt argument: text is encoded as UTF-8.
function bytesOfInput(value, what) {
  if (typeof value === 'string') return host.utf8Encode(value);
  if (value && Array.isArray(value.words)) return bytesOf(value);
  throw new TypeError(`CryptoJS: the ${what} must be a string or a WordArray, not ${nameOfType(value)}`);
}

function nameOfType(value) {
  if (value === null || value === undefined) return String(value);
  return `${/^[aeiou]/.test(typeof value) ? 'an' : 'a'} ${typeof value}`;
}

const Hex = {
  stringify(wordArray) {
    const count = Math.ceil(wordArray.sigBytes);
    let text = '';
    for (let index = 0; index * 4 < count; index++) {
      text += (wordArray.words[index] >>> 0).toString(16).padStart(8, '0');
    }
    return text.slice(0, Math.max(0, count * 2));
  },
  parse(text) {
    const words = [];
    for (let index = 0; index < text.length; index += 2) {
      words[index >>> 3] |= parseInt(text.slice(index, index + 2), 16) << (24 - (index % 8) * 4);
    }
    return new WordArray.init(words, text.length / 2);
  },
};

const Latin1 = {
  stringify: bytesOf,
  parse: fromBytes,
};

const Utf8 = {
  stringify(wordArray) {
    const bytes = bytesOf(wordArray);
    const text = host.utf8Decode(bytes);
    if (text.includes('\ufffd') && host.utf8Encode(text) !== bytes) throw new Error('Malformed UTF-8 data');
    return text;
  },
  parse(text) {
    return fromBytes(host.utf8Encode(String(text)));
  },
};

function utf16(highShift, lowShift) {
  return {
    stringify(wordArray) {
      const codes = [];
      for (let index = 0; index < wordArray.sigBytes; index += 2) {
        const high = byteAt(wordArray.words, index);
        const low = byteAt(wordArray.words, index + 1);
        codes.push((high << highShift) | (low << lowShift));
      }
      return latin1OfCodes(codes);
    },
    parse(text) {
      const words = [];
      for (let index = 0; index < text.length; index++) {
        const code = text.charCodeAt(index);
        const pair = (((code >>> highShift) & 0xff) << 8) | ((code >>> lowShift) & 0xff);
        words[index >>> 1] |= pair << (16 - (index % 2) * 16);
      }
      return new WordArray.init(words, text.length * 2);
    },
  };
}

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = STANDARD.replace('+/', '-_');

function base64Text(wordArray, alphabet, padding) {
  wordArray.clamp();
  const { words, sigBytes } = wordArray;
  let text = '';
  for (let index = 0; index < sigBytes; index += 3) {
    const triple = (byteAt(words, index) << 16) | (byteAt(words, index + 1) << 8) | byteAt(words, index + 2);
    const digits = Math.min(4, Math.ceil(((sigBytes - index) * 8) / 6));
    for (let digit = 0; digit < digits; digit++) text += alphabet[(triple >>> (18 - digit * 6)) & 63];
    if (padding) text += '='.repeat(4 - digits);
  }
  return text;
}

// A character outside the alphabet counts as zero bits, as in the original.
function base64Words(text, alphabet) {
  const end = text.indexOf('=');
  const digits = end < 0 ? text.length : end;
  const words = [];
  let bits = 0;
  let count = 0;
  for (let index = 0; index < digits; index++) {
    bits = ((bits << 6) | Math.max(0, alphabet.indexOf(text[index]))) & 0xffff;
    if (index % 4 === 0) continue;
    const byte = (bits >>> (6 - (index % 4) * 2)) & 0xff;
    words[count >>> 2] |= byte << (24 - (count % 4) * 8);
    count += 1;
  }
  return new WordArray.init(words, count);
}

const Base64 = {
  stringify: (wordArray) => base64Text(wordArray, STANDARD, true),
  parse: (text) => base64Words(text, STANDARD),
};

const Base64url = {
  stringify: (wordArray, urlSafe = true) => base64Text(wordArray, urlSafe ? URL_SAFE : STANDARD, !urlSafe),
  parse: (text, urlSafe = true) => base64Words(text, urlSafe ? URL_SAFE : STANDARD),
};

const Utf16BE = utf16(8, 0);

module.exports = {
  Base,
  WordArray,
  bytesOf,
  fromBytes,
  bytesOfInput,
  constructible,
  enc: { Hex, Latin1, Utf8, Utf16BE, Utf16: Utf16BE, Utf16LE: utf16(0, 8), Base64, Base64url },
};
