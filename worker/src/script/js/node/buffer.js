// require('buffer') and the global Buffer: a Uint8Array with node's members, the conversions of encoding.js,
// and atob and btoa. Memory is always cleared: allocUnsafe is alloc.
// Not supported: Blob, File, transcode, SlowBuffer, constants and pools.

const { canonical, encode, decode, latin1OfCodes } = require('vayu:node/encoding');
const { withCode, received, invalidArgument } = require('vayu:node/errors');
const addNumbers = require('vayu:node/buffer_numbers');

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

class Bytes extends Uint8Array {}

// Callable with and without new, because older scripts call it without.
function Buffer(value, encoding, length) {
  return typeof value === 'number' ? Buffer.alloc(value) : Buffer.from(value, encoding, length);
}
Object.setPrototypeOf(Buffer, Uint8Array);
Buffer.prototype = Bytes.prototype;

function requireEncoding(name) {
  const encoding = canonical(name);
  if (encoding === undefined) throw withCode(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${name}`);
  return encoding;
}

function ofLatin1(bytes) {
  const buffer = new Bytes(bytes.length);
  for (let index = 0; index < bytes.length; index++) buffer[index] = bytes.charCodeAt(index);
  return buffer;
}

const latin1Of = (bytes) => latin1OfCodes(Array.from(bytes));
const isBytes = (value) => value instanceof Uint8Array;
const isSharedOrPlain = (value) => Object.prototype.toString.call(value).endsWith('ArrayBuffer]');

function requireBytes(value, name) {
  if (isBytes(value)) return value;
  throw invalidArgument(
    `The "${name}" argument must be an instance of Buffer or Uint8Array. ${received(value)}`,
  );
}

function ofArrayLike(list) {
  const buffer = new Bytes(list.length);
  for (let index = 0; index < list.length; index++) buffer[index] = list[index];
  return buffer;
}

function ofObject(value, encoding, length) {
  if (isSharedOrPlain(value)) return new Bytes(value, encoding, length);
  if (typeof value.length === 'number') return ofArrayLike(value);
  if (value.type === 'Buffer' && Array.isArray(value.data)) return ofArrayLike(value.data);
  const primitive = value.valueOf();
  if (primitive !== null && primitive !== undefined && primitive !== value)
    return Buffer.from(primitive, encoding);
  if (typeof value[Symbol.toPrimitive] === 'function') {
    return Buffer.from(value[Symbol.toPrimitive]('string'), encoding);
  }
  return undefined;
}

// Like node, this calculates from the length and does not check the digits.
function lengthAs(text, encoding) {
  if (encoding === 'hex') return text.length >>> 1;
  if (encoding.startsWith('base64')) return (text.replace(/={1,2}$/, '').length * 3) >>> 2;
  return encode(text, encoding).length;
}

function size(value) {
  if (typeof value !== 'number') {
    throw invalidArgument(`The "size" argument must be of type number. ${received(value)}`);
  }
  return value;
}

const statics = {
  poolSize: 8192,
  from(value, encoding, length) {
    if (typeof value === 'string') return ofLatin1(encode(value, requireEncoding(encoding)));
    const made = value !== null && typeof value === 'object' ? ofObject(value, encoding, length) : undefined;
    if (made) return made;
    throw invalidArgument(
      'The first argument must be of type string or an instance of Buffer, ArrayBuffer, or ' +
        `Array or an Array-like Object. ${received(value)}`,
    );
  },
  of: (...items) => ofArrayLike(items),
  alloc(length, fill, encoding) {
    const buffer = new Bytes(size(length));
    return fill === undefined || fill === 0 ? buffer : buffer.fill(fill, encoding);
  },
  allocUnsafe: (length) => new Bytes(size(length)),
  allocUnsafeSlow: (length) => new Bytes(size(length)),
  concat(list, totalLength) {
    if (!Array.isArray(list)) {
      throw invalidArgument(`The "list" argument must be an instance of Array. ${received(list)}`);
    }
    const total = totalLength === undefined ? list.reduce((sum, item) => sum + item.length, 0) : totalLength;
    const buffer = new Bytes(total);
    let offset = 0;
    list.forEach((item, index) => {
      requireBytes(item, `list[${index}]`);
      if (offset < total) buffer.set(item.subarray(0, total - offset), offset);
      offset += item.length;
    });
    return buffer;
  },
  byteLength(value, encoding) {
    if (typeof value === 'string') return lengthAs(value, canonical(encoding) || 'utf8');
    if (ArrayBuffer.isView(value) || isSharedOrPlain(value)) return value.byteLength;
    throw invalidArgument(
      'The "string" argument must be of type string or an instance of Buffer or ArrayBuffer. ' +
        received(value),
    );
  },
  compare(left, right) {
    requireBytes(left, 'buf1');
    requireBytes(right, 'buf2');
    const shared = Math.min(left.length, right.length);
    for (let index = 0; index < shared; index++) {
      if (left[index] !== right[index]) return left[index] < right[index] ? -1 : 1;
    }
    return Math.sign(left.length - right.length);
  },
  isBuffer: (value) => value instanceof Bytes,
  isEncoding: (name) => typeof name === 'string' && name !== '' && canonical(name) !== undefined,
};
// Some of these names are also inherited, so they are defined, not assigned.
Object.defineProperties(Buffer, Object.getOwnPropertyDescriptors(statics));

const bounded = (value, length, fallback) => {
  if (value === undefined) return fallback;
  return Math.max(0, Math.min(Math.trunc(value) || 0, length));
};

function needleOf(value, encoding) {
  if (typeof value === 'number') return String.fromCharCode(value & 0xff);
  if (typeof value === 'string') return encode(value, requireEncoding(encoding));
  if (isBytes(value)) return latin1Of(value);
  throw invalidArgument(
    'The "value" argument must be one of type number or string or an instance of Buffer or ' +
      `Uint8Array. ${received(value)}`,
  );
}

function search(buffer, method, value, offset, encoding) {
  const offsetIsEncoding = typeof offset === 'string';
  const needle = needleOf(value, offsetIsEncoding ? offset : encoding);
  const haystack = latin1Of(buffer);
  let start =
    offsetIsEncoding || offset === undefined || Number.isNaN(Number(offset)) ? undefined : Math.trunc(offset);
  if (start === undefined) return haystack[method](needle);
  if (start < 0) start += haystack.length;
  if (start < 0 && method === 'lastIndexOf') return -1;
  return haystack[method](needle, start);
}

const methods = {
  constructor: Buffer,
  toString(encoding, start, end) {
    const bytes =
      start === undefined && end === undefined
        ? this
        : Uint8Array.prototype.subarray.call(
            this,
            bounded(start, this.length, 0),
            bounded(end, this.length, this.length),
          );
    return decode(latin1Of(bytes), requireEncoding(encoding));
  },
  toJSON() {
    return { type: 'Buffer', data: Array.from(this) };
  },
  equals(other) {
    return Buffer.compare(this, requireBytes(other, 'otherBuffer')) === 0;
  },
  compare(target, targetStart, targetEnd, start, end) {
    requireBytes(target, 'target');
    return Buffer.compare(this.subarray(start, end), target.subarray(targetStart, targetEnd));
  },
  slice(start, end) {
    return this.subarray(start, end);
  },
  // write(text[, offset[, length]][, encoding]); a character that does not fit entirely is left out.
  write(text, ...rest) {
    const encoding = typeof rest.at(-1) === 'string' ? requireEncoding(rest.pop()) : 'utf8';
    const offset = rest[0] === undefined ? 0 : rest[0];
    const room = Math.min(this.length - offset, rest[1] === undefined ? Infinity : rest[1]);
    let bytes = encode(text, encoding).slice(0, room);
    if (encoding === 'utf8') bytes = withoutCutCharacter(bytes, text);
    if (encoding === 'utf16le') bytes = bytes.slice(0, bytes.length & ~1);
    this.set(ofLatin1(bytes), offset);
    return bytes.length;
  },
  copy(target, targetStart = 0, start = 0, end = this.length) {
    const part = this.subarray(start, Math.min(end, start + Math.max(0, target.length - targetStart)));
    target.set(part, targetStart);
    return part.length;
  },
  // fill(value[, offset[, end]][, encoding])
  fill(value, ...rest) {
    const encoding = typeof rest.at(-1) === 'string' ? rest.pop() : undefined;
    const [offset = 0, end = this.length] = rest;
    const unit = typeof value === 'boolean' ? String.fromCharCode(Number(value)) : needleOf(value, encoding);
    if (unit === '' && value.length > 0) {
      throw withCode(
        TypeError,
        'ERR_INVALID_ARG_VALUE',
        `The argument 'value' is invalid. Received '${value}'`,
      );
    }
    for (let index = offset; index < end; index++) {
      this[index] = unit === '' ? 0 : unit.charCodeAt((index - offset) % unit.length);
    }
    return this;
  },
  indexOf(value, offset, encoding) {
    return search(this, 'indexOf', value, offset, encoding);
  },
  lastIndexOf(value, offset, encoding) {
    return search(this, 'lastIndexOf', value, offset, encoding);
  },
  includes(value, offset, encoding) {
    return search(this, 'indexOf', value, offset, encoding) !== -1;
  },
  swap16() {
    return swap(this, 2);
  },
  swap32() {
    return swap(this, 4);
  },
  swap64() {
    return swap(this, 8);
  },
  [INSPECT]() {
    const hex = Array.from(this.subarray(0, 50), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const more = this.length - 50;
    return `<Buffer${hex && ` ${hex}`}${more > 0 ? ` ... ${more} more byte${more > 1 ? 's' : ''}` : ''}>`;
  },
};
methods.toLocaleString = methods.toString;

function withoutCutCharacter(bytes, text) {
  const whole = encode(text, 'utf8');
  let end = bytes.length;
  while (end > 0 && end < whole.length && (whole.charCodeAt(end) & 0xc0) === 0x80) end -= 1;
  return bytes.slice(0, end);
}

function swap(buffer, width) {
  if (buffer.length % width !== 0) {
    throw withCode(
      RangeError,
      'ERR_INVALID_BUFFER_SIZE',
      `Buffer size must be a multiple of ${width * 8}-bits`,
    );
  }
  for (let start = 0; start < buffer.length; start += width) {
    Uint8Array.prototype.reverse.call(buffer.subarray(start, start + width));
  }
  return buffer;
}

for (const key of Reflect.ownKeys(methods)) {
  Object.defineProperty(Bytes.prototype, key, { value: methods[key], writable: true, configurable: true });
}
addNumbers(Bytes.prototype);
Object.defineProperty(Bytes.prototype, 'parent', {
  get() {
    return this.buffer;
  },
  configurable: true,
});

module.exports = {
  Buffer,
  atob: require('vayu:node/atob'),
  btoa: require('vayu:node/btoa'),
  kMaxLength: 2 ** 31 - 1,
};
