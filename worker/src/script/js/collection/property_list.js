// The list of headers, parameters and cookies: ordered, searched by the names of its members, which may occur
// more than once. The static members of the member class configure it: `indexKey` (the field with the name),
// `ignoresCase`, `repeats`, `parse` (a whole list from a string) and `unparse`. Members are searched in their
// current state, so a member renamed by a script is found by its new name. `list[0]` works; lists with
// `readsByName` support `list['content-type']` as well, by a Proxy behind the classes, which the list's own
// members never reach.

const { isObject, plain, IS_LIST, PARENT } = require('vayu:collection/property');

const fallback = new Proxy({}, {
  get(target, key, list) {
    if (key in target || typeof key === 'symbol') return Reflect.get(target, key, list);
    if (!PostmanPropertyList.isPropertyList(list) || !Object.hasOwn(list, 'Type')) return undefined;
    if (/^\d+$/.test(key)) return list.members[key];
    return list.readsByName ? list.get(key) : undefined;
  },
});

// Functions are used as they are; { key: value } and 'key' are the short forms of lodash.
function iteratee(rule, context) {
  if (typeof rule === 'function') return context === undefined ? rule : rule.bind(context);
  if (isObject(rule)) return (item) => Object.keys(rule).every((key) => item[key] === rule[key]);
  return (item) => item[rule];
}

// The members of a list whose source provides them when a script first needs one. The state is private:
// scripts reach the object itself, and such a list serves one iteration after the other.
class Known {
  #source;
  #members;

  constructor(source) {
    this.#source = source;
  }

  get isUnread() {
    return this.#members === undefined;
  }

  // Returns the value of one member, as long as no member was created.
  valueOf(name) {
    return this.#members === undefined ? this.#source.headerValue(name) : undefined;
  }

  of(list) {
    if (this.#members === undefined) {
      this.#members = [];
      list.populate(this.#source.listed());
    }
    return this.#members;
  }

  replace(members) {
    this.#members = members;
    this.#source.replaceHeaders?.();
  }
}

// The key under which a list keeps that. It is a property, not a private field, so that it is also found
// through an object that inherits from a list and through a Proxy.
const KNOWN = Symbol('known');

// The `members` property of such a list.
const ASKED = {
  get() {
    return this[KNOWN].of(this);
  },
  set(members) {
    this[KNOWN].replace(members);
  },
  enumerable: true,
  configurable: true,
};

function setMembers(list, value) {
  Object.defineProperty(list, 'members', { value, writable: true, enumerable: true, configurable: true });
}

class PostmanPropertyList {
  // The source is a list in any form, or an object that provides one: `listed()` returns the list, and
  // `headerValue(name)` the value of one member. No member is created before one is read.
  constructor(Type, parent, source) {
    Object.defineProperty(this, 'Type', { value: Type, writable: true, configurable: true });
    if (typeof source?.listed === 'function') {
      Object.defineProperty(this, KNOWN, { value: Object.freeze(new Known(source)) });
      Object.defineProperty(this, 'members', ASKED);
      // A list whose members were not read serves the next response, so it must be unchanged.
      Object.freeze(this);
      return;
    }
    setMembers(this, []);
    if (isObject(parent)) this.setParent(parent);
    if (source !== undefined && source !== null) this.populate(source);
  }

  setParent(parent) {
    Object.defineProperty(this, PARENT, { value: parent, writable: true, configurable: true });
  }

  get __parent() {
    return this[PARENT];
  }

  parent() {
    return this[PARENT]?.[PARENT] ?? this[PARENT];
  }

  eachParent(iterator, context = this) {
    let inner;
    for (let owner = this[PARENT]; typeof iterator === 'function' && owner; owner = owner[PARENT]) {
      iterator.call(context, owner, inner);
      inner = owner;
    }
  }

  // Members of collections know their container. Those of requests and responses need not, and are many.
  link(member) {
    if (this.Type.isLinked && this[PARENT] !== undefined) member.setParent(this);
    return member;
  }

  // Shows the members, as for any list.
  [Symbol.for('nodejs.util.inspect.custom')]() {
    if (this[KNOWN] === undefined) return this;
    const shown = Object.create(Object.getPrototypeOf(this));
    setMembers(shown, this.members);
    return shown;
  }

  get readsByName() {
    return false;
  }

  // Returns whether it has a source, has read no members from it, and is unchanged.
  isUnread() {
    const known = this[KNOWN];
    return known !== undefined && known.isUnread;
  }

  static isPropertyList(value) {
    return value instanceof PostmanPropertyList;
  }

  make(item) {
    return item instanceof this.Type ? item : new this.Type(item);
  }

  // The members of a list given as a string, an array, another list, or { name: value }.
  membersOf(source) {
    if (source instanceof PostmanPropertyList) return source.members.map((item) => plain(item));
    if (Array.isArray(source)) return source;
    if (typeof source === 'string') return this.Type.parse ? this.Type.parse(source) : [];
    if (!isObject(source)) return [];
    const key = this.Type.indexKey;
    if (key in source || 'key' in source) return [source];
    return Object.entries(source).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => ({ [key]: name, value: one })));
  }

  position(at) {
    return typeof at === 'string' ? this.indexOf(at) : this.members.indexOf(at);
  }

  place(item, find) {
    if (item === undefined || item === null) return;
    const member = this.link(this.make(item));
    const present = this.members.indexOf(member);
    if (present >= 0) this.members.splice(present, 1);
    this.members.splice(find(), 0, member);
  }

  add(item) {
    if (item === undefined || item === null) return;
    const member = this.make(item);
    if (member === item && this.members.includes(item)) this.remove(item);
    this.members.push(this.link(member));
  }

  append(item) {
    this.add(item);
  }

  prepend(item) {
    this.place(item, () => 0);
  }

  insert(item, before) {
    this.place(item, () => {
      const at = this.position(before);
      return at < 0 ? this.members.length : at;
    });
  }

  insertAfter(item, after) {
    this.place(item, () => this.position(after) + 1);
  }

  upsert(item) {
    if (item === undefined || item === null) return null;
    const member = this.make(item);
    const present = this.one(member[this.Type.indexKey]);
    if (present === undefined) {
      this.add(member);
      return true;
    }
    if (present !== member) present.update(plain(member));
    return false;
  }

  remove(predicate, context) {
    if (predicate === undefined || predicate === null) return;
    let goes = (item) => item === predicate;
    if (typeof predicate === 'string') goes = this.matcher(predicate);
    else if (typeof predicate === 'function') goes = iteratee(predicate, context);
    this.members = this.members.filter((item) => !goes(item));
  }

  clear() {
    this.members = [];
  }

  populate(items) {
    for (const item of this.membersOf(items)) this.add(item);
  }

  repopulate(items) {
    this.clear();
    this.populate(items);
  }

  // With `prune`, members that are not in the source are removed.
  assimilate(source, prune) {
    const items = this.membersOf(source).map((item) => this.make(item));
    for (const item of items) this.upsert(item);
    if (!prune) return;
    const named = items.map((item) => this.matcher(item[this.Type.indexKey]));
    this.members = this.members.filter((item) => named.some((matches) => matches(item)));
  }

  matcher(name) {
    const key = this.Type.indexKey;
    if (!this.Type.ignoresCase || typeof name !== 'string') return (item) => item[key] === name;
    const lower = name.toLowerCase();
    return (item) => {
      const own = item[key];
      if (own === name) return true;
      return typeof own === 'string' && own.length === name.length && own.toLowerCase() === lower;
    };
  }

  all() {
    return this.members.slice();
  }

  one(name) {
    return this.members.findLast(this.matcher(name));
  }

  get(name) {
    const known = this[KNOWN];
    if (known !== undefined && typeof name === 'string' && known.isUnread) {
      return known.valueOf(name);
    }
    return this.one(name)?.valueOf();
  }

  has(item, value) {
    if (typeof item !== 'string') return this.members.includes(item);
    const known = this[KNOWN];
    if (known !== undefined && arguments.length < 2 && known.isUnread) {
      return known.valueOf(item) !== undefined;
    }
    const matches = this.matcher(item);
    if (arguments.length < 2) return this.members.some(matches);
    return this.members.some((member) => matches(member) && member.valueOf() === value);
  }

  idx(index) {
    return this.members[index];
  }

  indexOf(item) {
    if (typeof item !== 'string') return this.members.indexOf(item);
    return this.members.findLastIndex(this.matcher(item));
  }

  count() {
    return this.members.length;
  }

  each(iterator, context) {
    const call = iteratee(iterator, context);
    this.members.every((item, index, list) => call(item, index, list) !== false);
  }

  filter(rule, context) {
    return this.members.filter(iteratee(rule, context));
  }

  find(rule, context) {
    return this.members.find(iteratee(rule, context));
  }

  map(iterator, context) {
    return this.members.map(iteratee(iterator, context));
  }

  reduce(iterator, accumulator, context) {
    const call = iteratee(iterator, context);
    return arguments.length < 2 ? this.members.reduce(call) : this.members.reduce(call, accumulator);
  }

  toObject(excludeDisabled, caseSensitive, multiValue, sanitizeKeys) {
    const result = {};
    const seen = new Set();
    for (const member of this.members) {
      if (excludeDisabled && member.disabled) continue;
      const own = member[this.Type.indexKey];
      if (sanitizeKeys && !own) continue;
      const name = this.Type.ignoresCase && !caseSensitive ? String(own).toLowerCase() : String(own);
      const value = member.valueOf();
      if (seen.has(name) && (this.Type.repeats || multiValue)) result[name] = [].concat(result[name], [value]);
      else result[name] = value;
      seen.add(name);
    }
    return result;
  }

  toString() {
    const enabled = this.members.filter((item) => !item.disabled);
    return this.Type.unparse ? this.Type.unparse(enabled) : enabled.map(String).join(',');
  }

  toJSON() {
    return this.members.map(plain);
  }

  get reference() {
    return Object.fromEntries(this.members.map((item) => {
      const name = String(item[this.Type.indexKey]);
      return [this.Type.ignoresCase ? name.toLowerCase() : name, item];
    }));
  }

  get length() {
    return this.members.length;
  }

  [Symbol.iterator]() {
    return this.members[Symbol.iterator]();
  }
}

// Found here by lists that do not have them, before the Proxy is called.
for (const [key, value] of [[KNOWN, undefined], [PARENT, undefined], [IS_LIST, true]]) {
  Object.defineProperty(PostmanPropertyList.prototype, key, { value });
}
Object.setPrototypeOf(PostmanPropertyList.prototype, fallback);

module.exports = PostmanPropertyList;
