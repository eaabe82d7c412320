// require('util'): inspect, format, isDeepStrictEqual, promisify, callbackify, inherits, deprecate, types and
// the old is* tests.
// Not supported: parseArgs, styleText, debuglog, MIMEType, aborted, getSystemErrorName.

const inspect = require('vayu:node/inspect');
const format = require('vayu:node/format');
const deepEqual = require('vayu:node/deep_equal');
const types = require('vayu:node/types');
const { received, invalidArgument } = require('vayu:node/errors');

const PROMISIFIED = Symbol.for('nodejs.util.promisify.custom');

function requireFunction(value, name) {
  if (typeof value === 'function') return;
  throw invalidArgument(`The "${name}" argument must be of type function. ${received(value)}`);
}

function promisify(original) {
  requireFunction(original, 'original');
  if (original[PROMISIFIED]) return original[PROMISIFIED];
  return function (...values) {
    return new Promise((resolve, reject) => {
      original.call(this, ...values, (error, value) => (error ? reject(error) : resolve(value)));
    });
  };
}
promisify.custom = PROMISIFIED;

function callbackify(original) {
  requireFunction(original, 'original');
  return function (...values) {
    const callback = values.pop();
    original.apply(this, values).then(
      (value) => callback(null, value),
      (reason) => callback(reason),
    );
  };
}

function inherits(constructor, parent) {
  requireFunction(constructor, 'ctor');
  requireFunction(parent, 'superCtor');
  Object.defineProperty(constructor, 'super_', { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

module.exports = {
  inspect,
  format,
  formatWithOptions: (options, ...values) => format(...values),
  isDeepStrictEqual: (left, right) => deepEqual(left, right, true),
  promisify,
  callbackify,
  inherits,
  deprecate: (original) => original,
  types,
  get TextEncoder() {
    return require('vayu:node/text_coding').TextEncoder;
  },
  get TextDecoder() {
    return require('vayu:node/text_coding').TextDecoder;
  },
  stripVTControlCharacters: (text) => text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, ''),
  isArray: Array.isArray,
  isBoolean: (value) => typeof value === 'boolean',
  isNull: (value) => value === null,
  isNullOrUndefined: (value) => value === null || value === undefined,
  isNumber: (value) => typeof value === 'number',
  isString: (value) => typeof value === 'string',
  isSymbol: (value) => typeof value === 'symbol',
  isUndefined: (value) => value === undefined,
  isRegExp: types.isRegExp,
  isObject: (value) => value !== null && typeof value === 'object',
  isDate: types.isDate,
  isError: (value) => types.isNativeError(value) || value instanceof Error,
  isFunction: (value) => typeof value === 'function',
  isPrimitive: (value) => value === null || (typeof value !== 'object' && typeof value !== 'function'),
};
