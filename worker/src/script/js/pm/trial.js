// Finds out whether a script changes built-ins or libraries: what it can reach is recorded before its first
// iteration and compared afterwards. The result decides which contexts its run gets, and isolates nothing by
// itself.

const { reach, staysWritable } = require('vayu:pm/harden');

const { getPrototypeOf: prototypeOf, is } = Object;
const { getOwnPropertyDescriptor: describe, ownKeys } = Reflect;

function record(object) {
  const members = ownKeys(object).map((key) => [key, describe(object, key)]);
  return { object, prototype: prototypeOf(object), members };
}

const isSame = (before, now) =>
  now !== undefined && is(before.value, now.value) && before.get === now.get && before.set === now.set;

const isUnchanged = ({ object, prototype, members }) =>
  prototypeOf(object) === prototype && ownKeys(object).length === members.length &&
  members.every(([key, before]) => isSame(before, describe(object, key)));

class Trial {
  // `open` are objects that scripts may change.
  constructor(open) {
    this.open = new Set(open);
    this.known = new Set();
    this.records = [];
  }

  add(roots) {
    const found = reach(roots, this.known, new Set());
    const isKept = (object) => !this.open.has(object) && !staysWritable(object);
    this.records.push(...found.filter(isKept).map(record));
  }

  hasChanges() {
    return !this.records.every(isUnchanged);
  }
}

module.exports = Trial;
