// Freezes everything that scripts can reach, so that one iteration cannot leave anything in it for the next:
// own properties, getters, setters and prototypes, from the given roots on, Proxies included. State that
// freezing does not reach (private fields, closures, the contents of a Map) is not handled here: see
// `settings.js` and `pm/tame.js`.
//
// A frozen property cannot be overridden by assignment on objects that inherit it. Properties that programs
// override in this way therefore become accessors (`override.js`).

const { overridable } = require('vayu:override');

const { freeze, getPrototypeOf: prototypeOf, hasOwn, preventExtensions } = Object;
const { getOwnPropertyDescriptor: describe, ownKeys } = Reflect;

// Overridden on instances and derived prototypes.
const OVERRIDDEN = ['constructor', 'toString', 'toLocaleString', 'valueOf', 'toJSON', 'name', 'message', 'inspect'];

// Prototypes whose `constructor` the language reads in each call of methods such as `map`, `then` and
// `split`: an accessor would slow these calls down.
const SPECIES = [Array, Promise, RegExp, ArrayBuffer, prototypeOf(Uint8Array)].map((Type) => Type.prototype);

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

const overriddenOf = (holder) => {
  if (holder === Object.prototype) return ownKeys(holder);
  if (holder === Function.prototype) return ['constructor', 'toString', 'bind'];
  // Not the prototype of a class: objects that inherit from it have members of the same names, as in
  // CryptoJS.
  if (!hasOwn(holder, 'constructor')) return ownKeys(holder);
  return OVERRIDDEN.filter((key) => hasOwn(holder, key) && !(key === 'constructor' && SPECIES.includes(holder)));
};

function enableOverrides(holder) {
  for (const key of overriddenOf(holder)) {
    const { configurable, writable, value } = describe(holder, key);
    if (configurable && writable) overridable(holder, key, value);
  }
}

// Returns all objects that can be reached from `roots` and are not in `known`, and adds them to `known`.
// Prototypes with members of their own are also added to `prototypes`.
function reach(roots, known, prototypes) {
  const found = [];
  const meet = (value) => {
    if (!isObject(value) || known.has(value)) return;
    known.add(value);
    found.push(value);
  };
  roots.forEach(meet);
  for (let n = 0; n < found.length; n++) {
    const object = found[n];
    meet(prototypeOf(object));
    const keys = ownKeys(object);
    for (let i = 0; i < keys.length; i++) {
      const member = describe(object, keys[i]);
      const { value } = member;
      if (value === undefined) {
        meet(member.get);
        meet(member.set);
      } else if (isObject(value)) {
        meet(value);
        if (keys[i] === 'prototype' && typeof object === 'function' && ownKeys(value).length > 1) prototypes.add(value);
      }
    }
  }
  return found;
}

// The library's own use of a pattern with these flags writes to it, and views cannot be frozen.
const staysWritable = (object) =>
  ArrayBuffer.isView(object) || (object instanceof RegExp && hasOwn(object, 'lastIndex') && /[gy]/.test(object.flags));

// Adds objects that other objects of a library inherit from.
function addPrototypes(found, prototypes) {
  const all = new Set(found);
  for (const object of found) {
    const prototype = prototypeOf(object);
    if (typeof prototype === 'object' && all.has(prototype)) prototypes.add(prototype);
  }
}

class Hardener {
  // `open` are objects that are not frozen, because other code restores them.
  constructor(open) {
    this.open = new Set(open);
    this.known = new Set();
    this.hasBuiltIns = false;
  }

  // The first roots belong to the language and to `pm`, later ones to libraries.
  add(roots) {
    const prototypes = new Set();
    const found = reach(roots, this.known, prototypes);
    if (this.hasBuiltIns) addPrototypes(found, prototypes);
    this.hasBuiltIns = true;
    for (const holder of prototypes) enableOverrides(holder);
    for (const object of found) {
      if (this.open.has(object)) continue;
      if (staysWritable(object)) preventExtensions(object);
      else freeze(object);
    }
  }
}

module.exports = { Hardener, reach, staysWritable };
