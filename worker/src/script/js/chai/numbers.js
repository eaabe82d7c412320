// Order and size: above, least, below, most, within (numbers, dates, and lengths or sizes after
// .length), lengthOf itself, closeTo.

const { fail, reject, has, defineMethod, defineChainable, Assertion } =
  require('vayu:chai/assertion');
const { lowerType, isA } = require('vayu:chai/values');
const { requireProperty } = require('vayu:chai/properties');

const isSized = (type) => type === 'map' || type === 'set';

// Throws unless the value and the limits can be compared; `limits` names them in the message.
function requireComparable(assertion, type, byLength, limitsAre, limits) {
  const kind = (plural) => (limits.startsWith('arguments') ? `must be ${plural}s` : `must be a ${plural}`);
  if (!byLength && type === 'date' && !limitsAre('date')) reject(assertion, `the ${limits} ${kind('date')}`);
  if (!limitsAre('number') && (byLength || type === 'number')) {
    reject(assertion, `the ${limits} ${kind('number')}`);
  }
  if (!byLength && type !== 'date' && type !== 'number') {
    const shown = type === 'string' ? `'${assertion._obj}'` : assertion._obj;
    reject(assertion, 'expected ' + shown + ' to be a number or a date');
  }
}

// Checks the arguments and returns whether lengths are compared.
function prepare(assertion, limitsAre, limits) {
  const value = assertion._obj;
  const type = lowerType(value);
  const byLength = has(assertion, 'doLength');
  if (byLength && !isSized(type)) requireProperty(value, 'length', assertion._message);
  requireComparable(assertion, type, byLength, limitsAre, limits);
  return byLength;
}

const sizeWord = (value) => (typeof value !== 'string' && isSized(lowerType(value)) ? 'size' : 'length');

function failComparison(assertion, byLength, words, limit) {
  const value = assertion._obj;
  if (!byLength) {
    fail(assertion, `expected #{this} to be ${words.holds} #{exp}`,
      `expected #{this} to be ${words.opposite} #{exp}`, limit);
  }
  const size = sizeWord(value);
  fail(assertion, `expected #{this} to have a ${size} ${words.holds} #{exp} but got #{act}`,
    `expected #{this} to ${words.not}have a ${size} ${words.longer} #{exp}`, limit, value[size]);
}

function comparison(names, holds, words) {
  const argument = `argument to ${words.name}`;
  defineMethod(names, function (limit, message) {
    if (message) this._message = message;
    const byLength = prepare(this, (type) => lowerType(limit) === type, argument);
    const value = byLength ? this._obj[sizeWord(this._obj)] : this._obj;
    if (holds(value, limit) === this._negate) failComparison(this, byLength, words, limit);
    return this;
  }, words.name);
}

function within(start, finish, message) {
  if (message) this._message = message;
  const bothAre = (type) => lowerType(start) === type && lowerType(finish) === type;
  const byLength = prepare(this, bothAre, 'arguments to within');
  const size = byLength ? sizeWord(this._obj) : '';
  const value = byLength ? this._obj[size] : this._obj;
  if ((value >= start && value <= finish) === this._negate) {
    const range = bothAre('date') ? `${start.toISOString()}..${finish.toISOString()}` : `${start}..${finish}`;
    const what = byLength ? `have a ${size} within ${range}` : `be within ${range}`;
    fail(this, `expected #{this} to ${what}`, `expected #{this} to not ${what}`);
  }
  return this;
}

function defineOrder() {
  comparison('above gt greaterThan', (value, limit) => value > limit,
    { name: 'above', holds: 'above', opposite: 'at most', not: 'not ', longer: 'above' });
  comparison('least gte greaterThanOrEqual', (value, limit) => value >= limit,
    { name: 'least', holds: 'at least', opposite: 'below', not: '', longer: 'below' });
  comparison('below lt lessThan', (value, limit) => value < limit,
    { name: 'below', holds: 'below', opposite: 'at least', not: 'not ', longer: 'below' });
  comparison('most lte lessThanOrEqual', (value, limit) => value <= limit,
    { name: 'most', holds: 'at most', opposite: 'above', not: '', longer: 'above' });
  defineMethod('within', within);
}

function lengthOf(length, message) {
  if (message) this._message = message;
  const value = this._obj;
  const size = sizeWord(value);
  if (size === 'length') requireProperty(value, 'length', this._message);
  const count = value[size];
  // oxlint-disable-next-line eslint/eqeqeq -- '2' is a length of 2 in chai
  if ((count == length) === this._negate) {
    fail(this, `expected #{this} to have a ${size} of #{exp} but got #{act}`,
      `expected #{this} to not have a ${size} of #{act}`, length, count);
  }
  return this;
}

function defineLength() {
  defineChainable('length', lengthOf, 'doLength');
  defineChainable('lengthOf', lengthOf, 'doLength');
}

function defineCloseness() {
  defineMethod('closeTo approximately', function (expected, delta, message) {
    if (message) this._message = message;
    isA.call(new Assertion(this._obj, this._message), 'number');
    if (typeof expected !== 'number' || typeof delta !== 'number') {
      const hint = delta === undefined ? ', and a delta is required' : '';
      reject(this, `the arguments to closeTo or approximately must be numbers${hint}`);
    }
    if ((Math.abs(this._obj - expected) <= delta) === this._negate) {
      fail(this, `expected #{this} to be close to ${expected} +/- ${delta}`,
        `expected #{this} not to be close to ${expected} +/- ${delta}`);
    }
    return this;
  });
}

module.exports = { defineOrder, defineLength, defineCloseness };
