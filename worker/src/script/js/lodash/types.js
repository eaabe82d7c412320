// Type tests and conversions of lodash: the is* and to* functions that need no iteration over nested values.
// Tests use the class name that the language reports, not instanceof, so that values of another context are
// recognized as well. Deep comparison is in equal.js, copying in clone.js.

const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const MAX_ARRAY = 4294967295;

function tagOf(value) {
  if (value === null) return 'Null';
  if (value === undefined) return 'Undefined';
  return Object.prototype.toString.call(value).slice(8, -1);
}

const hasOwn = (object, key) => Object.prototype.hasOwnProperty.call(object, key);
const same = (left, right) => left === right || (left !== left && right !== right);
const isArray = Array.isArray;
const isObject = (value) => value !== null && (typeof value === 'object' || typeof value === 'function');
const isObjectLike = (value) => value !== null && typeof value === 'object';
const isFunction = (value) => typeof value === 'function';
const isSymbol = (value) => typeof value === 'symbol' || (isObjectLike(value) && tagOf(value) === 'Symbol');
const isTagged = (name) => (value) => isObjectLike(value) && tagOf(value) === name;
const isString = (value) =>
  typeof value === 'string' || (!isArray(value) && isObjectLike(value) && tagOf(value) === 'String');
const isNumber = (value) => typeof value === 'number' || (isObjectLike(value) && tagOf(value) === 'Number');
const isBoolean = (value) =>
  value === true || value === false || (isObjectLike(value) && tagOf(value) === 'Boolean');
// oxlint-disable-next-line eslint/eqeqeq -- NaN, boxed or not, differs from itself as a number
const isNaN = (value) => isNumber(value) && value != +value;
const isLength = (value) => typeof value === 'number' && value > -1 && value % 1 === 0 && value <= MAX_SAFE;
const isArrayLike = (value) => value != null && !isFunction(value) && isLength(value.length);
const isArrayLikeObject = (value) => isObjectLike(value) && isArrayLike(value);
const isArguments = isTagged('Arguments');
const isTypedArray = (value) => ArrayBuffer.isView(value) && tagOf(value) !== 'DataView';
const isInteger = (value) => typeof value === 'number' && value === toInteger(value);
const isElement = (value) => isObjectLike(value) && value.nodeType === 1 && !isPlainObject(value);
const isError = (value) =>
  isObjectLike(value) &&
  (tagOf(value) === 'Error' ||
    tagOf(value) === 'DOMException' ||
    (typeof value.message === 'string' && typeof value.name === 'string' && !isPlainObject(value)));
const isNative = (value) =>
  isFunction(value) && /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(value));

function isIndex(value, length = MAX_SAFE) {
  const number = typeof value === 'number' || (typeof value === 'string' && /^(?:0|[1-9]\d*)$/.test(value));
  return !!length && number && value > -1 && value % 1 === 0 && value < length;
}

function isPlainObject(value) {
  if (!isObjectLike(value) || tagOf(value) !== 'Object') return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null) return true;
  const maker = hasOwn(prototype, 'constructor') && prototype.constructor;
  return (
    isFunction(maker) &&
    maker instanceof maker &&
    Function.prototype.toString.call(maker) === Function.prototype.toString.call(Object)
  );
}

// Returns true for the arguments (value, index, collection) that map and similar functions pass to a
// callback.
function isIterateeCall(value, index, object) {
  if (!isObject(object)) return false;
  const present =
    typeof index === 'number'
      ? isArrayLike(object) && isIndex(index, object.length)
      : typeof index === 'string' && index in object;
  return present && same(object[index], value);
}

const isPrototype = (value) => {
  const maker = value && value.constructor;
  return value === ((isFunction(maker) && maker.prototype) || Object.prototype);
};

function keys(object) {
  if (object == null) return [];
  if (isArray(object) || isArguments(object) || isTypedArray(object))
    return indexKeys(object, Object.keys(object));
  const names = Object.keys(Object(object));
  return isPrototype(object) ? names.filter((name) => name !== 'constructor') : names;
}

function keysIn(object) {
  if (object == null) return [];
  const names = [];
  for (const name in Object(object)) names.push(name);
  if (isArray(object) || isArguments(object) || isTypedArray(object)) return indexKeys(object, names);
  if (!isObject(object) || !isPrototype(object)) return names;
  return names.filter((name) => name !== 'constructor' || (hasOwn(object, name) && !isPrototype(object)));
}

// Holes of an array count as keys as well.
function indexKeys(list, names) {
  const result = Array.from({ length: list.length }, (_, index) => String(index));
  for (const name of names) if (!isIndex(name, list.length) && name !== 'length') result.push(name);
  return result;
}

const values = (object) => (object == null ? [] : keys(object).map((key) => object[key]));
const valuesIn = (object) => (object == null ? [] : keysIn(object).map((key) => object[key]));

function size(collection) {
  if (collection == null) return 0;
  if (isArrayLike(collection))
    return isString(collection) ? [...String(collection)].length : collection.length;
  const tag = tagOf(collection);
  return tag === 'Map' || tag === 'Set' ? collection.size : keys(collection).length;
}

function isEmpty(value) {
  if (value == null) return true;
  const listed =
    isArray(value) ||
    typeof value === 'string' ||
    isTypedArray(value) ||
    isArguments(value) ||
    (isArrayLike(value) && isFunction(value.splice));
  if (listed) return !value.length;
  const tag = tagOf(value);
  if (tag === 'Map' || tag === 'Set') return !value.size;
  return keys(value).length === 0;
}

function toNumber(value) {
  if (typeof value === 'number') return value;
  if (isSymbol(value)) return NaN;
  let plain = value;
  if (isObject(plain)) {
    plain = isFunction(plain.valueOf) ? plain.valueOf() : plain;
    if (isObject(plain)) plain += '';
  }
  if (typeof plain !== 'string') return plain === 0 ? plain : +plain;
  const text = plain.trim();
  return /^[-+]0x|^[-+]Infinity.|^[-+]0[bo]/i.test(text) ? NaN : +text;
}

function toFinite(value) {
  if (!value) return value === 0 ? value : 0;
  const number = toNumber(value);
  if (number === Infinity || number === -Infinity) return Math.sign(number) * Number.MAX_VALUE;
  return number === number ? number : 0;
}

function toInteger(value) {
  const number = toFinite(value);
  return number - (number % 1);
}

const limit = (number, low, high) => (number === number ? Math.min(Math.max(number, low), high) : number);
const toLength = (value) => (value ? limit(toInteger(value), 0, MAX_ARRAY) : 0);
const toSafeInteger = (value) =>
  value ? limit(toInteger(value), -MAX_SAFE, MAX_SAFE) : value === 0 ? value : 0;

function toString(value) {
  if (value == null) return '';
  if (typeof value === 'string') return value;
  return toText(value);
}

// Keeps the sign of zero, unlike String().
function toText(value) {
  if (isArray(value)) return Array.from(value, toText).join();
  if (isSymbol(value)) return Symbol.prototype.toString.call(value);
  const text = `${value}`;
  return text === '0' && 1 / value === -Infinity ? '-0' : text;
}

function toArray(value) {
  if (!value) return [];
  if (isArrayLike(value)) return isString(value) ? [...String(value)] : Array.from(value);
  if (isFunction(value[Symbol.iterator])) return [...value];
  return values(value);
}

// Sets a member even if its name would change the prototype; a read-only member stays. A value that is not an
// object is not changed.
function put(object, key, value) {
  if (!isObject(object)) return;
  if (key === '__proto__') {
    Object.defineProperty(object, key, { configurable: true, enumerable: true, writable: true, value });
  } else {
    Reflect.set(object, key, value);
  }
}

const published = {
  isArray,
  isObject,
  isObjectLike,
  isFunction,
  isSymbol,
  isString,
  isNumber,
  isBoolean,
  isNaN,
  isLength,
  isArrayLike,
  isArrayLikeObject,
  isArguments,
  isTypedArray,
  isInteger,
  isElement,
  isError,
  isNative,
  isPlainObject,
  isEmpty,
  isNull: (value) => value === null,
  isUndefined: (value) => value === undefined,
  isNil: (value) => value == null,
  isFinite: (value) => typeof value === 'number' && Number.isFinite(value),
  isSafeInteger: (value) => isInteger(value) && Math.abs(value) <= MAX_SAFE,
  isDate: isTagged('Date'),
  isRegExp: isTagged('RegExp'),
  isMap: isTagged('Map'),
  isSet: isTagged('Set'),
  isWeakMap: isTagged('WeakMap'),
  isWeakSet: isTagged('WeakSet'),
  isArrayBuffer: isTagged('ArrayBuffer'),
  isBuffer: (value) =>
    isTypedArray(value) && isFunction(value.constructor.isBuffer) && value.constructor.isBuffer(value),
  eq: same,
  gt: (left, right) => compareAs(left, right, (a, b) => a > b),
  gte: (left, right) => compareAs(left, right, (a, b) => a >= b),
  lt: (left, right) => compareAs(left, right, (a, b) => a < b),
  lte: (left, right) => compareAs(left, right, (a, b) => a <= b),
  toNumber,
  toFinite,
  toInteger,
  toLength,
  toSafeInteger,
  toString,
  toArray,
  keys,
  keysIn,
  values,
  valuesIn,
  size,
};

function compareAs(left, right, test) {
  if (typeof left === 'string' && typeof right === 'string') return test(left, right);
  return test(toNumber(left), toNumber(right));
}

module.exports = {
  published,
  tagOf,
  hasOwn,
  same,
  isIndex,
  isIterateeCall,
  isPrototype,
  put,
  toText,
  ...published,
};
