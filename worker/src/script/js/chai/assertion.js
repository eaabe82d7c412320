// The assertion that expect() returns, and the ways to add members to it (addProperty, addMethod, ...). Its
// data and the fast checks are in the engine (script/assertion.rs); messages are created in fail() only. A
// Proxy is behind the prototype, so that only undefined names reach it; they throw with a suggestion.
// As in chai, what follows a member works on a copy, and what is called or read on the assertion itself
// changes it: `own` returns what a member may change, `next` what it returns. Start functions (ssfi) are not
// kept.

const AssertionError = require('vayu:chai/error');
const config = require('vayu:chai/config');
const { display } = require('vayu:chai/inspect');
const { typeOf } = require('vayu:chai/type');

const INTERNAL = ['_obj', '_message', '_negate', '_flags', 'assert'];
const OBJECT_TYPES = ['Array', 'Object', 'function'];
const FUNCTION_MEMBERS = ['call', 'apply', 'bind'];
const chainables = new Map();
const MISSING = Symbol('missing');
const NOTHING = () => {};
const { indexOf } = String.prototype;

class Assertion {
  constructor(object, message) {
    const assertion = expect(object, message);
    return new.target === Assertion ? assertion : Object.setPrototypeOf(assertion, new.target.prototype);
  }

  // The default of `actual` is the object itself. (A rest parameter would cost more than the rest of the
  // call.)
  assert(condition, message, negatedMessage, expected, actual = MISSING, showDiff) {
    if (!condition === this._negate) return;
    if (actual === MISSING) fail(this, message, negatedMessage, expected);
    else fail(this, message, negatedMessage, expected, actual, showDiff);
  }

  static get includeStack() { return config.includeStack; }
  static set includeStack(value) { config.includeStack = value; }
  static get showDiff() { return config.showDiff; }
  static set showDiff(value) { config.showDiff = value; }
}

const { expect, own, next, word, subject, method: checking, include: including, parts } =
  host.assertions(Assertion.prototype);
Object.defineProperties(Assertion.prototype, parts);

// Sets of flags are shared between assertions and never changed. Sets of a single flag, the common case, are
// created once and frozen, because scripts can read them from an assertion.
const withFlag = (() => {
  const single = { __proto__: null };
  return (flags, name, value) => {
    if (flags !== null || value !== true) return { __proto__: null, ...flags, [name]: value };
    return (single[name] ??= Object.freeze({ __proto__: null, [name]: true }));
  };
})();

function getFlag(assertion, name) {
  if (name === 'object') return assertion._obj;
  if (name === 'message') return assertion._message;
  if (name === 'negate') return assertion._negate || undefined;
  if (assertion._flags !== null && name in assertion._flags) return assertion._flags[name];
  return name === 'eql' ? equality(assertion) : undefined;
}

function setFlag(assertion, name, value) {
  if (name === 'object') assertion._obj = value;
  else if (name === 'message') assertion._message = value;
  else if (name === 'negate') assertion._negate = Boolean(value);
  else assertion._flags = withFlag(assertion._flags, name, value);
}

// Returns whether one of the boolean flags (deep, contains, ...) is set.
const has = (assertion, name) => assertion._flags !== null && Boolean(assertion._flags[name]);

function equality(assertion) {
  const own = assertion._flags !== null && assertion._flags.eql;
  return own || config.deepEqual || require('vayu:chai/eql');
}

function transferFlags(from, to, includeAll = true) {
  to._flags = from._flags === null ? to._flags : { __proto__: null, ...to._flags, ...from._flags };
  to._negate = from._negate || to._negate;
  if (!includeAll) return;
  to._obj = from._obj;
  to._message = from._message;
}

function fillIn(text, object, expected, actual) {
  return text.replace(/#\{(this|act|exp)\}/g,
    (_, name) => display(name === 'this' ? object : name === 'act' ? actual : expected));
}

function messageOf(assertion, text, expected, actual) {
  const given = typeof text === 'function' ? text() : text;
  const filled = fillIn(String(given || ''), assertion._obj, expected, actual);
  return assertion._message ? `${assertion._message}: ${filled}` : filled;
}

function operatorOf(assertion, text, expected) {
  const set = getFlag(assertion, 'operator');
  if (set) return set;
  const given = String((typeof text === 'function' ? text() : text) || '');
  if (!given || /\shave\s/.test(given)) return undefined;
  const kind = OBJECT_TYPES.includes(typeOf(expected)) ? 'eepStrictEqual' : 'trictEqual';
  if (/\snot\s/.test(given)) return kind === 'trictEqual' ? 'notStrictEqual' : 'notDeepStrictEqual';
  return kind === 'trictEqual' ? 'strictEqual' : 'deepStrictEqual';
}

function fail(assertion, message, negatedMessage, expected, actual, showDiff) {
  const text = assertion._negate ? negatedMessage : message;
  const differs = showDiff !== false && (expected !== undefined || actual !== undefined);
  const shown = arguments.length > 4 ? actual : assertion._obj;
  const props = { actual: shown, expected, showDiff: differs && config.showDiff === true };
  const operator = operatorOf(assertion, text, expected);
  if (operator) props.operator = operator;
  throw new AssertionError(messageOf(assertion, text, expected, shown), props, assertion.assert);
}

// For arguments that an assertion cannot work with. .not does not negate these errors.
function reject(assertion, text) {
  throw new AssertionError(assertion._message ? `${assertion._message}: ${text}` : text);
}

// Returns the number of edits (insert, remove, replace) from one name to the other, at most `cap`.
function distance(one, other, cap) {
  if (Math.abs(one.length - other.length) >= cap) return cap;
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  row[other.length] = 0; // chai counts a first row that ends in 0, which favours short names
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      if (Math.abs(i - j) >= cap) {
        next.push(cap);
        continue;
      }
      const replaced = row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return Math.min(row[other.length], cap);
}

function closest(name) {
  let best;
  let least = 4;
  for (const known of Object.getOwnPropertyNames(Assertion.prototype)) {
    if (known in Object.prototype || INTERNAL.includes(known)) continue;
    const edits = distance(name, known, least);
    if (edits < least) {
      best = known;
      least = edits;
    }
  }
  return best;
}

function unknownMember(target, name, receiver) {
  const isKnown = typeof name !== 'string' || name in target || config.proxyExcludedKeys.includes(name);
  if (isKnown || !config.useProxy) {
    return Reflect.get(target, name, receiver);
  }
  const suggestion = closest(name);
  throw Error(`Invalid Chai property: ${name}${suggestion ? `. Did you mean "${suggestion}"?` : ''}`);
}

const guardOfMembers = new Proxy(Object.create(Object.prototype), { get: unknownMember });
Object.setPrototypeOf(Assertion.prototype, guardOfMembers);

// Behind each method: to.equal.foo is a mistake, to.equal.call is not.
const methodGuard = new Proxy(Object.create(Function.prototype), {
  get(target, name, receiver) {
    const allowed = typeof name !== 'string' || (name in target && name !== 'length') || !config.useProxy ||
      config.proxyExcludedKeys.includes(name);
    if (allowed) return Reflect.get(target, name, receiver);
    const method = receiver.name;
    throw Error(`Invalid Chai property: ${method}.${name}. See docs for proper usage of "${method}".`);
  },
});

function hide(name, descriptor) {
  Object.defineProperty(Assertion.prototype, name, { configurable: true, ...descriptor });
}

function guard(name, method) {
  delete method.length;
  Object.defineProperty(method, 'name', { value: name, configurable: true });
  return Object.setPrototypeOf(method, methodGuard);
}

// For the library's own members: the getter or method returns the assertion itself.
const defineGetter = (names, get) => names.split(' ').forEach((name) => hide(name, { get }));

// `check` names the engine's fast check, which may need `given`.
function defineMethod(names, method, check = '', given) {
  const [first, ...others] = names.split(' ');
  const value = guard(first, checking(check, method, given));
  for (const name of [first, ...others]) hide(name, { value, writable: true, enumerable: true });
}

function addProperty(name, getter = () => {}) {
  hide(name, {
    get() {
      const target = own(this);
      const result = getter.call(target);
      return result === undefined ? next(target) : result;
    },
  });
}

// Calls a method with all arguments, without creating a list in the common cases of one and two.
function applied(method, assertion, given, first, second) {
  if (given.length === 1) return method.call(assertion, first);
  if (given.length === 2) return method.call(assertion, first, second);
  return Reflect.apply(method, assertion, given);
}

function addMethod(name, method) {
  defineMethod(name, function (first, second) {
    const result = applied(method, this, arguments, first, second);
    return result === undefined ? this : result;
  });
}

// One function serves all assertions. Called as a method it knows its assertion; the chain after an uncalled
// word (.include.keys) uses the assertion on which the word was last read.
function addChainableMethod(name, method = NOTHING, chainingBehavior = NOTHING) {
  const entry = {
    method, chainingBehavior, shared: null, origin: null, latest: null,
    read() {
      entry.origin = this;
      entry.latest = own(this);
      entry.chainingBehavior.call(entry.latest);
      return entry.shared;
    },
  };
  installChainable(name, entry, function (...args) {
    const isLatest = this === entry.origin || !(this instanceof Assertion);
    const owner = isLatest ? entry.latest : this;
    const result = Reflect.apply(entry.method, owner, args);
    return result === undefined ? next(owner) : result;
  });
}

// For the library's own members: (value, message), without creating a list of arguments on each call. Reading
// the word sets `flag`, if there is one, when something follows. The engine searches strings itself for
// `include`.
function defineChainable(name, method, flag, isInclude = false) {
  const entry = {
    method, chainingBehavior: NOTHING, shared: null, origin: null,
    read() {
      entry.origin = this;
      return entry.shared;
    },
    get latest() { return flagged(entry, entry.origin); },
  };
  if (flag) entry.chainingBehavior = function () { setFlag(this, flag, true); };
  entry.plain = function (value, message) {
    const owner = flagged(entry, this instanceof Assertion ? this : entry.origin);
    return next(entry.method.call(owner, value, message) ?? owner);
  };
  const shared = isInclude ? including(entry.plain, indexOf, withFlag(null, flag, true)) : entry.plain;
  installChainable(name, entry, shared);
}

function installChainable(name, entry, shared) {
  delete shared.length;
  delete shared.name;
  Object.setPrototypeOf(shared, new Proxy(Object.create(Function.prototype), {
    get: (target, key) => memberOfChain(name, entry, target, key),
  }));
  entry.shared = shared;
  chainables.set(name, entry);
  hide(name, { get: entry.read });
}

// Returns the assertion with which a chain continues after one of the library's own words.
function flagged(entry, assertion) {
  const target = own(assertion);
  entry.chainingBehavior.call(target);
  return target;
}

function memberOfChain(name, entry, target, key) {
  if (typeof key !== 'string' || FUNCTION_MEMBERS.includes(key)) return target[key];
  if (key === 'length' && config.useProxy) {
    throw Error(`Invalid Chai property: ${name}.length. Due to a compatibility issue, "length" cannot ` +
      `directly follow "${name}". Use "${name}.lengthOf" instead.`);
  }
  const owner = entry.latest;
  const value = owner[key];
  return typeof value === 'function' && !chainables.has(key) ? value.bind(owner) : value;
}

function overwriteProperty(name, make) {
  const known = Object.getOwnPropertyDescriptor(Assertion.prototype, name);
  const before = (known && known.get) || (() => {});
  addProperty(name, make(before));
}

function overwriteMethod(name, make) {
  const known = Object.getOwnPropertyDescriptor(Assertion.prototype, name);
  const before = (known && known.value) || (() => { throw Error(`${name} is not a function`); });
  addMethod(name, make(before));
}

function overwriteChainableMethod(name, makeMethod, makeBehavior) {
  const entry = chainables.get(name);
  const { method, chainingBehavior } = entry;
  entry.method = makeMethod(method);
  entry.chainingBehavior = makeBehavior(chainingBehavior);
  if (entry.plain !== undefined) installChainable(name, entry, entry.plain);
}

Object.assign(Assertion, {
  addProperty, addMethod, addChainableMethod, overwriteProperty, overwriteMethod, overwriteChainableMethod,
});

module.exports = {
  Assertion, AssertionError, expect, fail, reject, has, equality, own, next, word, subject, getFlag, setFlag,
  transferFlags,
  defineGetter, defineMethod, defineChainable, chainables,
};
