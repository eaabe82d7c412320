// Locale-dependent methods. QuickJS has them, but without any locale data. Each replaces the built-in method;
// the implementation is loaded when one is first called.

const methods = () => require('vayu:intl/methods');
const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
const { valueOf: numberOf } = Number.prototype;
const { valueOf: bigOf } = BigInt.prototype;
const { getTime } = Date.prototype;
const apply = Reflect.apply;

// Each entry: prototype, methods, and their `length` in the standard, which does not count optional
// parameters.
const METHODS = [
  [Number.prototype, {
    toLocaleString(locales, options) {
      return methods().numberText(apply(numberOf, this, []), locales, options);
    },
  }, 0],
  [BigInt.prototype, {
    toLocaleString(locales, options) {
      return methods().numberText(apply(bigOf, this, []), locales, options);
    },
  }, 0],
  [Date.prototype, {
    toLocaleString(locales, options) {
      return methods().dateText('all', apply(getTime, this, []), locales, options);
    },
    toLocaleDateString(locales, options) {
      return methods().dateText('date', apply(getTime, this, []), locales, options);
    },
    toLocaleTimeString(locales, options) {
      return methods().dateText('time', apply(getTime, this, []), locales, options);
    },
  }, 0],
  [Array.prototype, {
    toLocaleString(locales, options) {
      return methods().arrayText(this, locales, options);
    },
  }, 0],
  [typedArray, {
    toLocaleString(locales, options) {
      return methods().arrayText(this, locales, options);
    },
  }, 0],
  [String.prototype, {
    localeCompare(other, locales, options) {
      return methods().compareTexts(String(this), String(other), locales, options);
    },
  }, 1],
];

module.exports = () => {
  for (const [prototype, members, length] of METHODS) {
    for (const [name, value] of Object.entries(members)) {
      Object.defineProperty(value, 'length', { value: length, configurable: true });
      Object.defineProperty(prototype, name, { value, writable: true, enumerable: false, configurable: true });
    }
  }
};
