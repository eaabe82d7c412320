// The global object of a context, and what an iteration left in it or in the open objects of `pm`: names are
// taken away at the end. What cannot be taken away makes the context unfit; the engine then makes a new one.

// Kept, as the names they go by are moved.
const { create, getPrototypeOf: prototypeOf, isExtensible, preventExtensions, setPrototypeOf } = Object;
const ownKeys = Reflect.ownKeys;
const describe = Reflect.getOwnPropertyDescriptor;
const remove = Reflect.deleteProperty;
const define = Reflect.defineProperty;

// Moves the names of a global object to one behind it: what a script assigns to lies
// in the global object alone then, built-ins it put something over among them, and
// listing that costs next to nothing.
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

// Takes away what was put into an object; answers whether it is as it was.
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

  // Lets scripts put members into an object until the end of the iteration.
  open(object) {
    this.opened.push({ object, prototype: prototypeOf(object), own: new Set(ownKeys(object)) });
  }

  // Refuses undeclared names.
  close() {
    preventExtensions(this.global);
  }

  // Takes away what scripts put into open objects; answers whether these are as they were.
  sweep() {
    let clean = true;
    for (let i = 0; i < this.opened.length; i++) clean = sweepOne(this.opened[i]) && clean;
    return clean;
  }
}

module.exports = Cleaner;
