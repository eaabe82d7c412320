// The `should` style. Calling should() adds a `should` getter to Object.prototype, as chai does; loading this
// file changes nothing.

const { Assertion, AssertionError } = require('vayu:chai/assertion');

function get() {
  const boxed = this instanceof String || this instanceof Number || this instanceof Boolean ||
    this instanceof Symbol || this instanceof BigInt;
  return new Assertion(boxed ? this.valueOf() : this);
}

// An assignment to obj.should creates an own property, as it would without the getter.
function set(value) {
  Object.defineProperty(this, 'should', { value, enumerable: true, configurable: true, writable: true });
}

function fail(actual, expected, message, operator) {
  const single = arguments.length < 2;
  throw new AssertionError((single ? actual : message) || 'should.fail()',
    { actual: single ? undefined : actual, expected, operator });
}

function throwing(fn, error, pattern, message) {
  new Assertion(fn, message).to.Throw(error, pattern);
}

function notThrowing(fn, error, pattern, message) {
  new Assertion(fn, message).to.not.Throw(error, pattern);
}

function should() {
  // oxlint-disable-next-line eslint/no-extend-native -- what chai's should() does
  Object.defineProperty(Object.prototype, 'should', { get, set, configurable: true });
  return {
    fail,
    equal: (actual, expected, message) => { new Assertion(actual, message).to.equal(expected); },
    Throw: throwing,
    throw: throwing,
    exist: (value, message) => { new Assertion(value, message).to.exist; },
    not: {
      equal: (actual, expected, message) => { new Assertion(actual, message).to.not.equal(expected); },
      Throw: notThrowing,
      throw: notThrowing,
      exist: (value, message) => { new Assertion(value, message).to.not.exist; },
    },
  };
}

module.exports = should;
