// Properties of shared prototypes that can be overridden by assignment: an accessor gives the value, and its setter
// defines a property on the object that is assigned to. The prototype itself stays as it is.

const { freeze, hasOwn } = Object;
const { defineProperty: define, getOwnPropertyDescriptor: describe } = Reflect;

// Getters made here have it.
const VALUE = Symbol('value');

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

// Makes a data property one that can be overridden.
function overridable(holder, key, value) {
  const { get, set } = {
    get: () => value,
    set(given) {
      if (this === holder) throw new TypeError(`${String(key)} is read-only: built-in objects are shared by iterations`);
      if (!isObject(this)) return;
      if (hasOwn(this, key)) this[key] = given;
      else define(this, key, { value: given, writable: true, enumerable: true, configurable: true });
    },
  };
  get[VALUE] = true;
  const { enumerable } = describe(holder, key);
  define(holder, key, { get: freeze(get), set: freeze(set), enumerable, configurable: true });
}

// The value of a data property, or of one that can be overridden.
const dataOf = ({ value, get }) => (get !== undefined && get[VALUE] === true ? get() : value);

module.exports = { overridable, dataOf };
