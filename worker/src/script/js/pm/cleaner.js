// Takes away what an iteration left in its context: new global names and members of
// `pm.environment` and the like always, and changed built-ins where the text of a script says that it may have changed
// some (`watch`). What cannot be taken away makes the context unfit; the engine
// then makes a new one.

const BUILT_INS = ['Object', 'Array', 'String', 'Number', 'Boolean', 'Function', 'Promise', 'RegExp', 'Date',
  'Map', 'Set', 'Symbol', 'Error', 'TypeError', 'JSON', 'Math', 'Reflect'];

// Kept, as the names they go by are moved.
const { create, getPrototypeOf: prototypeOf, is, setPrototypeOf } = Object;
const ownKeys = Reflect.ownKeys;
const describe = Reflect.getOwnPropertyDescriptor;
const remove = Reflect.deleteProperty;
const define = Reflect.defineProperty;

// A built-in with its members, to be compared with later. Those that are plain are read, which costs a fifth
// of describing them: there are over a thousand.
class Snapshot {
  constructor(target) {
    this.target = target;
    this.count = ownKeys(target).length;
    this.prototype = prototypeOf(target);
    this.plain = [];
    this.values = [];
    this.accessors = [];
    for (const key of ownKeys(target)) {
      const member = describe(target, key);
      if (member.get !== undefined || member.set !== undefined) this.accessors.push([key, member]);
      else {
        this.plain.push(key);
        this.values.push(member.value);
      }
    }
  }

  isUnchanged() {
    const { target, plain, values } = this;
    if (ownKeys(target).length !== this.count || prototypeOf(target) !== this.prototype) return false;
    for (let i = 0; i < plain.length; i++) {
      const value = target[plain[i]];
      if (value !== values[i] && !is(value, values[i])) return false;
    }
    return this.accessors.every(([key, then]) => {
      const now = describe(target, key);
      return now !== undefined && now.get === then.get && now.set === then.set;
    });
  }
}

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

class Cleaner {
  constructor(global) {
    this.global = global;
    this.names = moveNames(global);
    this.own = new Set(ownKeys(global));
    this.snapshots = undefined;
    // Objects of `pm`, each with the keys it has of its own.
    this.kept = new Map();
  }

  // Takes away what scripts put into these objects.
  keepBare(objects) {
    for (const object of objects) this.kept.set(object, new Set(ownKeys(object)));
  }

  hasNewNames() {
    return ownKeys(this.global).length !== this.own.size;
  }

  // Looks at the built-ins, too, from now on.
  watch(wary) {
    if (!wary || this.snapshots !== undefined) return;
    const targets = [this.names];
    for (const name of BUILT_INS) {
      const target = this.global[name];
      targets.push(target);
      if (typeof target === 'function' && target.prototype) targets.push(target.prototype);
    }
    this.snapshots = targets.map((target) => new Snapshot(target));
  }

  // Takes away what an object has that it had not.
  bare(object, own) {
    let clean = true;
    for (const key of ownKeys(object)) {
      if (!own.has(key)) clean = remove(object, key) && clean;
    }
    return clean;
  }

  // Whether all is as it was.
  sweep() {
    let clean = true;
    for (const [object, own] of this.kept) clean = this.bare(object, own) && clean;
    if (this.snapshots === undefined && !this.hasNewNames()) return clean;
    clean = this.bare(this.global, this.own) && clean;
    if (this.snapshots !== undefined) {
      // Values of lazy names are read through getters, which stay the same.
      clean = this.snapshots.every((snapshot) => snapshot.isUnchanged()) && clean;
    }
    return clean;
  }
}

module.exports = Cleaner;
