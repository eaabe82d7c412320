// What a collection or a string contains: include, members, oneOf. For objects, each of the wanted properties
// is tested.

const { fail, reject, has, equality, transferFlags, defineMethod, defineChainable, Assertion,
  AssertionError } = require('vayu:chai/assertion');
const { inspect } = require('vayu:chai/inspect');
const { isA, lowerType } = require('vayu:chai/values');
const { property } = require('vayu:chai/properties');

const strictly = (one, other) => one === other;
// Compares as maps and sets do.
const sameValueZero = (one, other) => one === other || (Number.isNaN(one) && Number.isNaN(other));

function someItem(items, matches) {
  for (const item of items) {
    if (matches(item)) return true;
  }
  return false;
}

// Returns true or false; undefined for a target whose properties must be compared.
function holdsItem(assertion, type, wanted) {
  const target = assertion._obj;
  const deep = has(assertion, 'deep');
  const same = deep ? equality(assertion) : sameValueZero;
  switch (type) {
    case 'array':
      return deep ? target.some((item) => same(item, wanted)) : target.indexOf(wanted) !== -1;
    case 'map': return someItem(target.values(), (item) => same(item, wanted));
    case 'set': return deep ? someItem(target, (item) => same(item, wanted)) : target.has(wanted);
    case 'weakset':
      if (deep) reject(assertion, 'unable to use .deep.include with WeakSet');
      return target.has(wanted);
    default: return undefined;
  }
}

function requireObject(assertion, type, wanted) {
  if (wanted === Object(wanted)) return;
  const kind = lowerType(wanted);
  reject(assertion, `the given combination of arguments (${type} and ${kind}) is invalid for this ` +
    `assertion. You can use an array, a map, an object, a set, a string, or a weakset instead of a ${kind}`);
}

function testProperty(assertion, name, expected) {
  const single = new Assertion(assertion._obj);
  transferFlags(assertion, single);
  property.call(single, name, expected);
}

// Negated, several properties are included unless all of them fail the negated test.
function includeProperties(assertion, wanted) {
  const names = Object.keys(wanted);
  if (!assertion._negate || names.length === 1) {
    for (const name of names) testProperty(assertion, name, wanted[name]);
    return;
  }
  let first = null;
  let failures = 0;
  for (const name of names) {
    try {
      testProperty(assertion, name, wanted[name]);
    } catch (error) {
      if (!(error instanceof AssertionError)) throw error;
      first = first || error;
      failures++;
    }
  }
  if (names.length > 1 && failures === names.length) throw first;
}

function include(wanted, message) {
  if (message) this._message = message;
  const value = this._obj;
  const type = typeof value === 'string' ? 'string' : lowerType(value);
  const holds = type === 'string' ? value.indexOf(wanted) !== -1 : holdsItem(this, type, wanted);
  if (holds === undefined) {
    requireObject(this, type, wanted);
    includeProperties(this, wanted);
  } else if (holds === this._negate) {
    const what = `${has(this, 'deep') ? 'deep ' : ''}include ${inspect(wanted)}`;
    fail(this, `expected #{this} to ${what}`, `expected #{this} to not ${what}`);
  }
  return this;
}

function defineInclude() {
  for (const name of ['include', 'contain', 'contains', 'includes']) {
    defineChainable(name, include, 'contains', true);
  }
}

function requireArray(value, message) {
  isA.call(new Assertion(value, message), 'array');
}

function isSubset(subset, list, same, contains, ordered) {
  if (!contains && subset.length !== list.length) return false;
  if (ordered) return subset.every((item, i) => same(item, list[i]));
  const left = list.slice();
  return subset.every((item) => {
    const at = same === strictly ? left.indexOf(item) : left.findIndex((other) => same(item, other));
    if (at !== -1 && !contains) left.splice(at, 1);
    return at !== -1;
  });
}

function members(subset, message) {
  if (message) this._message = message;
  const list = this._obj;
  requireArray(list, this._message);
  requireArray(subset, this._message);
  const contains = has(this, 'contains');
  const ordered = has(this, 'ordered');
  const same = has(this, 'deep') ? equality(this) : strictly;
  if (isSubset(subset, list, same, contains, ordered) === this._negate) {
    const what = contains ? `be ${ordered ? 'an ordered superset' : 'a superset'} of`
      : `have the same ${ordered ? 'ordered members' : 'members'} as`;
    fail(this, `expected #{this} to ${what} #{exp}`, `expected #{this} to not ${what} #{exp}`,
      subset, list, true);
  }
  return this;
}

function oneOf(list, message) {
  if (message) this._message = message;
  const value = this._obj;
  if (!Array.isArray(list)) requireArray(list, this._message);
  const flags = this._flags;
  const deep = flags !== null && Boolean(flags.deep);
  const contains = flags !== null && Boolean(flags.contains);
  let holds;
  if (contains) holds = list.some((possible) => value.indexOf(possible) > -1);
  else if (deep) holds = list.some((possible) => equality(this)(value, possible));
  else holds = list.indexOf(value) > -1;
  if (holds === this._negate) {
    const what = contains ? 'contain' : deep ? 'deeply equal' : 'be';
    // chai's negated message of a deep comparison lacks its "not" as well.
    const negated = deep && !contains ? what : `not ${what}`;
    fail(this, `expected #{this} to ${what} one of #{exp}`, `expected #{this} to ${negated} one of #{exp}`,
      list, value);
  }
  return this;
}

function defineMembers() {
  defineMethod('members', members);
  defineMethod('oneOf', oneOf, 'oneOf');
}

module.exports = { defineInclude, defineMembers };
