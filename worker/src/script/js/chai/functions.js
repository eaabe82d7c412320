// What a function does when called (throw, satisfy, change, increase, decrease, by) and which methods
// an object answers to (respondTo, itself).

const { fail, has, getFlag, setFlag, defineMethod, Assertion } = require('vayu:chai/assertion');
const { inspect, display } = require('vayu:chai/inspect');
const { functionName } = require('vayu:chai/type');
const { flag, isA } = require('vayu:chai/values');
const { requireProperty } = require('vayu:chai/properties');

function requireType(value, type, message) {
  isA.call(new Assertion(value, message), type);
}

function errorName(error) {
  if (error instanceof Error) return functionName(error.constructor);
  return typeof error === 'function' ? error.name || functionName(new error().constructor) : error;
}

function matchesConstructor(thrown, wanted) {
  const constructor = wanted instanceof Error ? wanted.constructor : wanted;
  if (typeof constructor !== 'function') return false;
  if (constructor !== Error && !(constructor.prototype instanceof Error)) return false;
  return thrown.constructor === constructor || thrown instanceof constructor;
}

const textOfThrown = (thrown) => (typeof thrown === 'string' ? thrown : thrown.message || '');

function matchesText(thrown, pattern) {
  const text = typeof thrown === 'string' ? thrown : thrown.message;
  if (pattern instanceof RegExp) return pattern.test(text);
  return typeof pattern === 'string' && text.indexOf(pattern) !== -1;
}

const shownError = (value) => (value instanceof Error ? value.toString() : value && errorName(value));

function requireThrown(assertion, thrown, wanted) {
  if (Boolean(thrown) !== assertion._negate) return;
  const what = wanted instanceof Error ? '#{exp}' : wanted ? errorName(wanted) : 'an error';
  fail(assertion, `expected #{this} to throw ${what}`,
    'expected #{this} to not throw an error but #{act} was thrown',
    wanted && wanted.toString(), typeof thrown === 'string' ? thrown : shownError(thrown));
}

function failThrown(assertion, thrown, wanted) {
  fail(assertion, 'expected #{this} to throw #{exp} but #{act} was thrown',
    'expected #{this} to not throw #{exp}' + (thrown ? ' but #{act} was thrown' : ''),
    shownError(wanted), shownError(thrown));
}

// Returns whether, under .not, only the message can still make the error acceptable; throws on any other
// mismatch.
function checkError(assertion, thrown, wanted, both) {
  const negate = assertion._negate;
  let fits = false;
  if (wanted instanceof Error && (thrown === wanted) === negate) {
    if (both && negate) fits = true;
    else {
      fail(assertion, 'expected #{this} to throw #{exp} but #{act} was thrown',
        'expected #{this} to not throw #{exp}',
        wanted.toString(), thrown.toString());
    }
  }
  if (matchesConstructor(thrown, wanted) === negate) {
    if (both && negate) return true;
    failThrown(assertion, thrown, wanted);
  }
  return fits;
}

function checkText(assertion, thrown, pattern, both) {
  if (matchesText(thrown, pattern) !== assertion._negate) return false;
  if (both && assertion._negate) return true;
  const how = pattern instanceof RegExp ? 'matching' : 'including';
  fail(assertion, `expected #{this} to throw error ${how} #{exp} but got #{act}`,
    `expected #{this} to throw error not ${how} #{exp}`, pattern, textOfThrown(thrown));
  return false;
}

function throwing(errorLike, pattern, message) {
  if (message) this._message = message;
  requireType(this._obj, 'function', this._message);
  const textOnly = errorLike instanceof RegExp || typeof errorLike === 'string';
  const wanted = textOnly ? null : errorLike;
  const text = textOnly ? errorLike : pattern;
  let thrown;
  try {
    this._obj();
  } catch (error) {
    thrown = error;
  }
  const anything = wanted === undefined && text === undefined;
  const both = Boolean(wanted && text);
  if (anything || !this._negate) requireThrown(this, thrown, wanted);
  const errorFits = wanted && thrown ? checkError(this, thrown, wanted, both) : false;
  const hasText = text !== undefined && text !== null;
  const textFits = thrown && hasText ? checkText(this, thrown, text, both) : false;
  if (errorFits && textFits) failThrown(this, thrown, wanted);
  this._obj = thrown;
  return this;
}

function respondTo(method, message) {
  if (message) this._message = message;
  const target = this._obj;
  const owner = typeof target === 'function' && !has(this, 'itself') ? target.prototype : target;
  if ((typeof owner[method] === 'function') === this._negate) {
    fail(this, `expected #{this} to respond to ${inspect(method)}`,
      `expected #{this} to not respond to ${inspect(method)}`);
  }
  return this;
}

function satisfy(matcher, message) {
  if (message) this._message = message;
  const result = matcher(this._obj);
  if (Boolean(result) === this._negate) {
    // chai's message lacks this space as well.
    fail(this, `expected #{this} to satisfy ${display(matcher)}`,
      `expected #{this} to not satisfy${display(matcher)}`, !this._negate, result);
  }
  return this;
}

function defineCalls() {
  defineMethod('throw throws Throw', throwing);
  defineMethod('respondTo respondsTo', respondTo);
  flag('itself', (assertion) => setFlag(assertion, 'itself', true));
  defineMethod('satisfy satisfies', satisfy);
}

// How each behaviour compares the value before with the value after.
const isDifferent = (from, to) => from !== to;

const BEHAVIOURS = {
  change: { numeric: false, holds: isDifferent, delta: isDifferent },
  increase: { numeric: true, holds: (from, to) => to > from, delta: (from, to) => to - from },
  decrease: { numeric: true, holds: (from, to) => to < from, delta: (from, to) => from - to },
};

function effect(behaviour) {
  const { holds, delta, numeric } = BEHAVIOURS[behaviour];
  return function (subject, name, message) {
    if (message) this._message = message;
    requireType(this._obj, 'function', this._message);
    if (name) requireProperty(subject, name, this._message);
    else requireType(subject, 'function', this._message);
    const before = name ? subject[name] : subject();
    if (numeric) requireType(before, 'number', this._message);
    this._obj();
    const unnamed = name === undefined || name === null;
    const after = unnamed ? subject() : subject[name];
    const label = unnamed ? before : '.' + name;
    setFlag(this, 'change', { behaviour, label, before, after, delta: delta(before, after) });
    if (holds(before, after) === this._negate) {
      fail(this, `expected ${label} to ${behaviour}`, `expected ${label} to not ${behaviour}`);
    }
    return this;
  };
}

function by(amount, message) {
  if (message) this._message = message;
  const { behaviour, label, before, after, delta } = getFlag(this, 'change') || {};
  const moved = behaviour === 'change' ? Math.abs(after - before) : delta;
  const holds = moved === Math.abs(amount);
  if (holds === this._negate) {
    fail(this, `expected ${label} to ${behaviour} by ${amount}`,
      `expected ${label} to not ${behaviour} by ${amount}`);
  }
  return this;
}

function defineEffects() {
  defineMethod('change changes', effect('change'));
  defineMethod('increase increases', effect('increase'));
  defineMethod('decrease decreases', effect('decrease'));
  defineMethod('by', by);
}

module.exports = { defineCalls, defineEffects };
