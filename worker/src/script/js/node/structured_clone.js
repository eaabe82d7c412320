// The global structuredClone: copies plain objects, arrays, maps, sets, dates, patterns, errors, boxed values
// and binary data, with cycles. Functions, symbols, promises, weak collections and keys of `crypto` cannot be
// cloned. Buffers named in the option `transfer` are detached afterwards.

const types = require('vayu:node/types');

// Types refused by their tag, because nothing of them can be copied.
const REFUSED = ['Promise', 'WeakMap', 'WeakSet', 'WeakRef', 'CryptoKey', 'Generator', 'AbortSignal', 'Blob'];

function refuse(value) {
  const shown = typeof value === 'object' ? `#<${value.constructor?.name ?? 'Object'}>` : String(value);
  throw new DOMException(`${shown} could not be cloned.`, 'DataCloneError');
}

const ERRORS = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function cloneError(value, clone) {
  const Type = ERRORS[value.name] || Error;
  const options = Object.hasOwn(value, 'cause') ? { cause: clone(value.cause) } : undefined;
  const copy = new Type(value.message, options);
  if (typeof value.stack === 'string') {
    Object.defineProperty(copy, 'stack', { value: value.stack, writable: true, configurable: true });
  }
  return copy;
}

function cloneView(value, clone) {
  const buffer = clone(value.buffer);
  const length = types.isTypedArray(value) ? value.length : value.byteLength;
  const Type = types.isTypedArray(value) ? viewType(value) : DataView;
  return new Type(buffer, value.byteOffset, length);
}

// A Buffer becomes a Uint8Array: classes of the script are not kept.
function viewType(value) {
  let prototype = Object.getPrototypeOf(value);
  while (!Object.hasOwn(prototype, 'BYTES_PER_ELEMENT')) prototype = Object.getPrototypeOf(prototype);
  return prototype.constructor;
}

function shellOf(value, clone) {
  if (Array.isArray(value)) return new Array(value.length);
  if (types.isMap(value)) return new Map();
  if (types.isSet(value)) return new Set();
  if (types.isDate(value)) return new Date(value.getTime());
  if (types.isRegExp(value)) return new RegExp(value.source, value.flags);
  if (types.isBoxedPrimitive(value) && !types.isSymbolObject(value)) return Object(value.valueOf());
  if (types.isAnyArrayBuffer(value)) return value.slice(0);
  if (ArrayBuffer.isView(value)) return cloneView(value, clone);
  if (types.isNativeError(value)) return cloneError(value, clone);
  if (REFUSED.includes(Object.prototype.toString.call(value).slice(8, -1))) return refuse(value);
  return {};
}

const hasFields = (value) =>
  Array.isArray(value) ||
  Object.prototype.toString.call(value) === '[object Object]' ||
  (!types.isRegExp(value) &&
    !types.isDate(value) &&
    !types.isMap(value) &&
    !types.isSet(value) &&
    !types.isBoxedPrimitive(value) &&
    !types.isAnyArrayBuffer(value) &&
    !ArrayBuffer.isView(value) &&
    !types.isNativeError(value));

const put = (copy, key, value) =>
  Object.defineProperty(copy, key, { value, writable: true, enumerable: true, configurable: true });

function checkTransfer(buffers) {
  buffers.forEach((buffer, at) => {
    const isFresh = types.isArrayBuffer(buffer) && !buffer.detached && buffers.indexOf(buffer) === at;
    if (!isFresh) throw new DOMException(`the value at index ${at} of transfer is no ArrayBuffer that can be detached`, 'DataCloneError');
  });
}

function structuredClone(root, options) {
  if (arguments.length === 0) throw new TypeError('structuredClone needs a value');
  const transferred = Array.from(options?.transfer ?? []);
  checkTransfer(transferred);
  const copies = new Map();
  const clone = (value) => {
    if (typeof value === 'function' || typeof value === 'symbol') return refuse(value);
    if (value === null || typeof value !== 'object') return value;
    if (copies.has(value)) return copies.get(value);
    const copy = shellOf(value, clone);
    copies.set(value, copy);
    if (types.isMap(value)) value.forEach((item, key) => copy.set(clone(key), clone(item)));
    if (types.isSet(value)) value.forEach((item) => copy.add(clone(item)));
    if (hasFields(value)) for (const key of Object.keys(value)) put(copy, key, clone(value[key]));
    return copy;
  };
  const copy = clone(root);
  for (const buffer of transferred) buffer.transfer();
  return copy;
}

module.exports = structuredClone;
