// Properties of shared prototypes that can be overridden by assignment: the getter returns the value, and the
// setter defines a property on the object that is assigned to. The prototype itself does not change.

const { freeze, hasOwn } = Object;
const { defineProperty: define, getOwnPropertyDescriptor: describe } = Reflect;

// Marks the getters created here.
const VALUE = Symbol('value');

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

// Makes a data property overridable.
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

// Returns the value of a data property, or of an overridable one.
const dataOf = ({ value, get }) => (get !== undefined && get[VALUE] === true ? get() : value);

module.exports = { overridable, dataOf };
