// The global object of a context, and what an iteration left in it or in the open objects of `pm`. Names are
// removed at the end. If something cannot be removed, the context is unfit and the engine creates a new one.

// Kept as constants, because the names of these built-ins are moved.
const { create, getPrototypeOf: prototypeOf, isExtensible, preventExtensions, setPrototypeOf } = Object;
const ownKeys = Reflect.ownKeys;
const describe = Reflect.getOwnPropertyDescriptor;
const remove = Reflect.deleteProperty;
const define = Reflect.defineProperty;

// Moves the names of a global object to an object behind it in the prototype chain. What a script assigns to,
// built-ins that it replaces included, is then an own property of the global object, and listing those costs
// next to nothing.
function moveNames(global) {
  const names = create(prototypeOf(global));
  for (const key of ownKeys(global)) {
    const member = describe(global, key);
    if (member.configurable) {
      define(names, key, member);
      remove(global, key);
    }
  }
  setPrototypeOf(global, names);
  return names;
}

// Removes what was added to an object. Returns whether it is as it was.
function sweepOne({ object, prototype, own }) {
  let clean = prototypeOf(object) === prototype && isExtensible(object);
  const names = ownKeys(object);
  if (names.length === own.size) return clean;
  for (let n = 0; n < names.length; n++) {
    if (!own.has(names[n])) clean = remove(object, names[n]) && clean;
  }
  return clean;
}

class Cleaner {
  constructor(global) {
    this.global = global;
    this.names = moveNames(global);
    this.opened = [];
  }

  // Allows scripts to add members to an object until the end of the iteration.
  open(object) {
    this.opened.push({ object, prototype: prototypeOf(object), own: new Set(ownKeys(object)) });
  }

  // Rejects undeclared names.
  close() {
    preventExtensions(this.global);
  }

  // Removes what scripts added to open objects. Returns whether these are as they were.
  sweep() {
    let clean = true;
    for (let i = 0; i < this.opened.length; i++) clean = sweepOne(this.opened[i]) && clean;
    return clean;
  }
}

module.exports = Cleaner;
