// Takes away what an iteration left in its context: new global names and members of `pm.environment`
// and the like always, and changed built-ins where the text of a script says that it may have changed some
// (`watch`). What cannot be taken away makes the context unfit; the engine then makes a new one.

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
      const { get, set, value } = describe(target, key);
      if (get !== undefined || set !== undefined) this.accessors.push({ key, get, set });
      else {
        this.plain.push(key);
        this.values.push(value);
      }
    }
  }

  isUnchanged() {
    const { target, plain, values, accessors } = this;
    if (ownKeys(target).length !== this.count || prototypeOf(target) !== this.prototype) return false;
    for (let i = 0; i < plain.length; i++) {
      const value = target[plain[i]];
      if (value !== values[i] && !is(value, values[i])) return false;
    }
    for (let i = 0; i < accessors.length; i++) {
      const { key, get, set } = accessors[i];
      const now = describe(target, key);
      if (now === undefined || now.get !== get || now.set !== set) return false;
    }
    return true;
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
    // Objects of `pm`, which have nothing of their own.
    this.bare = [];
  }

  // Takes away what scripts put into these objects.
  keepBare(objects) {
    this.bare.push(...objects);
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

  // Whether all is as it was. (Loops are written out: iterators would be half of the time.)
  sweep() {
    let clean = true;
    for (let i = 0; i < this.bare.length; i++) {
      const names = ownKeys(this.bare[i]);
      for (let n = 0; n < names.length; n++) clean = remove(this.bare[i], names[n]) && clean;
    }
    const names = ownKeys(this.global);
    if (names.length !== this.own.size) {
      for (let n = 0; n < names.length; n++) {
        if (!this.own.has(names[n])) clean = remove(this.global, names[n]) && clean;
      }
    }
    const { snapshots } = this;
    // Values of lazy names are read through getters, which stay the same.
    for (let i = 0; snapshots !== undefined && i < snapshots.length; i++) {
      clean = snapshots[i].isUnchanged() && clean;
    }
    return clean;
  }
}

module.exports = Cleaner;
