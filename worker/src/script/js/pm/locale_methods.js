// Methods that follow a locale: QuickJS has them, but without any language. Each is put over the built-in
// one; what they do is loaded when one is called first.

const methods = () => require('vayu:intl/methods');
const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
const { valueOf: numberOf } = Number.prototype;
const { valueOf: bigOf } = BigInt.prototype;
const { getTime } = Date.prototype;
const apply = Reflect.apply;

// Methods have their length of the standard: the arguments after the first are options.
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
