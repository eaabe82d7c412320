// What an object has: property, ownProperty, ownPropertyDescriptor, keys. Nested names are read with
// vayu:chai/path. The assertion continues with the property's value, as in chai.

const { fail, reject, has, equality, setFlag, defineMethod, Assertion } = require('vayu:chai/assertion');
const { inspect } = require('vayu:chai/inspect');
const { typeOf } = require('vayu:chai/type');
const { getPathInfo, hasProperty } = require('vayu:chai/path');

const isNothing = (value) => value === null || value === undefined;

function requireName(assertion, name, nested, own) {
  const kind = typeof name;
  if (nested && kind !== 'string') {
    reject(assertion, 'the argument to property must be a string when using nested syntax');
  }
  if (kind !== 'string' && kind !== 'number' && kind !== 'symbol') {
    reject(assertion, 'the argument to property must be a string, number, or symbol');
  }
  if (nested && own) reject(assertion, 'The "nested" and "own" flags cannot be combined.');
  if (isNothing(assertion._obj)) reject(assertion, 'Target cannot be null or undefined.');
}

const ownsProperty = (object, name) => Object.prototype.hasOwnProperty.call(object, name);

function failProperty(assertion, name, withValue, expected, actual) {
  const words = ['deep', 'own', 'nested'].filter((word) => has(assertion, word));
  const what = [...words, 'property'].join(' ') + ' ' + inspect(name);
  if (!withValue) {
    fail(assertion, `expected #{this} to have ${what}`, `expected #{this} to not have ${what}`);
  }
  fail(assertion, `expected #{this} to have ${what} of #{exp}, but got #{act}`,
    `expected #{this} to not have ${what} of #{act}`, expected, actual);
}

function property(name, expected, message) {
  if (message) this._message = message;
  const nested = has(this, 'nested');
  const own = has(this, 'own');
  requireName(this, name, nested, own);
  const object = this._obj;
  const path = nested ? getPathInfo(object, name) : null;
  const exists = nested ? path.exists : own ? ownsProperty(object, name) : hasProperty(object, name);
  const value = nested ? path.value : object[name];
  const withValue = arguments.length > 1;
  if ((!this._negate || !withValue) && exists === this._negate) failProperty(this, name, false);
  if (withValue) {
    const same = has(this, 'deep') ? equality(this)(expected, value) : expected === value;
    if ((exists && same) === this._negate) failProperty(this, name, true, expected, value);
  }
  this._obj = value;
  return this;
}

// For assertions that need a property first, whatever their own flags are; fails as property() does.
function requireProperty(object, name, message) {
  if (typeof name === 'string' && hasProperty(object, name)) return;
  property.call(new Assertion(object, message), name);
}

function ownProperty(...args) {
  setFlag(this, 'own', true);
  return Reflect.apply(property, this, args);
}

function failDescriptor(assertion, name, expected, actual) {
  const shown = inspect(name);
  if (!(actual && expected)) {
    fail(assertion, `expected #{this} to have an own property descriptor for ${shown}`,
      `expected #{this} to not have an own property descriptor for ${shown}`);
  }
  const start = `expected the own property descriptor for ${shown} on #{this} to `;
  fail(assertion, `${start}match ${inspect(expected)}, got ${inspect(actual)}`,
    `${start}not match ${inspect(expected)}`, expected, actual, true);
}

function ownPropertyDescriptor(name, descriptor, message) {
  const expected = typeof descriptor === 'string' ? null : descriptor;
  const text = typeof descriptor === 'string' ? descriptor : message;
  if (text) this._message = text;
  const actual = Object.getOwnPropertyDescriptor(Object(this._obj), name);
  const holds = actual && expected ? equality(this)(expected, actual) : Boolean(actual);
  if (holds === this._negate) failDescriptor(this, name, expected, actual);
  this._obj = actual;
  return this;
}

function defineProperties() {
  defineMethod('property', property);
  defineMethod('ownProperty haveOwnProperty', ownProperty);
  defineMethod('ownPropertyDescriptor haveOwnPropertyDescriptor', ownPropertyDescriptor);
}

const MIXED_KEYS = 'when testing keys against an object or an array you must give a single ' +
  'Array|Object|String argument or multiple String arguments';

function ownEnumerable(object) {
  const symbols = Object.getOwnPropertySymbols(object);
  return Object.keys(object).concat(
    symbols.filter((symbol) => Object.prototype.propertyIsEnumerable.call(object, symbol)));
}

function wantedKeys(assertion, args, isCollection) {
  const type = typeOf(args[0]);
  if (isCollection) return type === 'Array' ? args[0] : args;
  if ((type === 'Array' || type === 'Object') && args.length > 1) reject(assertion, MIXED_KEYS);
  const wanted = type === 'Array' ? args[0] : type === 'Object' ? Object.keys(args[0]) : args;
  return wanted.map((key) => (typeof key === 'symbol' ? key : String(key)));
}

function byInspection(one, other) {
  return inspect(one) < inspect(other) ? -1 : 1;
}

function keysText(assertion, wanted, any) {
  const shown = wanted.map((key) => inspect(key));
  const last = shown.pop();
  const joined = shown.length ? `keys ${shown.join(', ')}, ${any ? 'or' : 'and'} ${last}` : `key ${last}`;
  return `${has(assertion, 'contains') ? 'contain' : 'have'} ${joined}`;
}

function failKeys(assertion, wanted, actual, any, isCollection) {
  const what = (isCollection && has(assertion, 'deep') ? 'deeply ' : '') + keysText(assertion, wanted, any);
  fail(assertion, `expected #{this} to ${what}`, `expected #{this} to not ${what}`,
    wanted.slice().sort(byInspection), actual.sort(byInspection), true);
}

function keys(...args) {
  const object = this._obj;
  const type = typeOf(object);
  const isCollection = type === 'Map' || type === 'Set';
  const actual = isCollection ? [...object.keys()] : ownEnumerable(object);
  const wanted = wantedKeys(this, args, isCollection);
  if (!wanted.length) reject(this, 'keys required');
  const any = has(this, 'any');
  const same = has(this, 'deep') ? equality(this) : (one, other) => one === other;
  const isThere = (key) => actual.some((other) => same(key, other));
  const complete = any || has(this, 'contains') || wanted.length === actual.length;
  const holds = any ? wanted.some(isThere) : complete && wanted.every(isThere);
  if (holds === this._negate) failKeys(this, wanted, actual, any, isCollection);
  return this;
}

const defineKeys = () => defineMethod('keys key', keys);

module.exports = { defineProperties, defineKeys, requireProperty, property, ownEnumerable, byInspection };
