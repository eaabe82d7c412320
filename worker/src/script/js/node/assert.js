// require('assert'): node's assert functions and AssertionError, and assert.strict. Messages name both
// values; the line-by-line difference that node prints is left out, and so is the source text of a failed
// assert.ok.
// Not supported: CallTracker, snapshot, partialDeepStrictEqual.

const inspect = require('vayu:node/inspect');
const deepEqual = require('vayu:node/deep_equal');
const { withCode, received, invalidArgument } = require('vayu:node/errors');

class AssertionError extends Error {
  constructor({ message, actual, expected, operator }) {
    super(message === undefined ? comparison(actual, expected, operator) : String(message));
    this.name = 'AssertionError';
    this.generatedMessage = message === undefined;
    this.code = 'ERR_ASSERTION';
    this.actual = actual;
    this.expected = expected;
    this.operator = operator;
  }
}

const SYMBOLS = { '==': '==', '!=': '!=', strictEqual: '!==' };
const HEADS = {
  strictEqual: 'Expected values to be strictly equal:',
  deepEqual: 'Expected values to be loosely deep-equal:',
  deepStrictEqual: 'Expected values to be strictly deep-equal:',
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
};

function comparison(actual, expected, operator) {
  if (operator === '==' || operator === '!=') return `${inspect(actual)} ${operator} ${inspect(expected)}`;
  if (operator && operator.startsWith('not')) {
    const text = inspect(expected);
    return `${HEADS[operator]}${text.includes('\n') ? `\n\n${text}` : ` ${text}`}`;
  }
  const [left, right] = [inspect(actual), inspect(expected)];
  if (operator === 'strictEqual') return `${HEADS.strictEqual}\n\n${left} ${SYMBOLS.strictEqual} ${right}\n`;
  return (
    `${HEADS[operator] || 'Failed'}\n\n${left}\n\nshould ${operator === 'deepEqual' ? 'loosely ' : ''}` +
    `deep-equal\n\n${right}`
  );
}

function fail(message, details) {
  if (message instanceof Error) throw message;
  throw new AssertionError({ message, ...details });
}

function check(holds, message, actual, expected, operator) {
  if (!holds) fail(message, { actual, expected, operator });
}

function ok(value, message) {
  if (value) return;
  const text = message === undefined ? 'The expression evaluated to a falsy value' : message;
  fail(text, { actual: value, expected: true, operator: '==' });
}

// oxlint-disable-next-line eslint/eqeqeq -- the loose comparison of Node
const looselyEqual = (left, right) => left == right || (left !== left && right !== right);

const compare = {
  equal: (actual, expected, message) =>
    check(looselyEqual(actual, expected), message, actual, expected, '=='),
  notEqual: (actual, expected, message) =>
    check(!looselyEqual(actual, expected), message, actual, expected, '!='),
  strictEqual: (actual, expected, message) =>
    check(Object.is(actual, expected), message, actual, expected, 'strictEqual'),
  notStrictEqual: (actual, expected, message) =>
    check(!Object.is(actual, expected), message, actual, expected, 'notStrictEqual'),
  deepEqual: (actual, expected, message) =>
    check(deepEqual(actual, expected, false), message, actual, expected, 'deepEqual'),
  notDeepEqual: (actual, expected, message) =>
    check(!deepEqual(actual, expected, false), message, actual, expected, 'notDeepEqual'),
  deepStrictEqual: (actual, expected, message) =>
    check(deepEqual(actual, expected, true), message, actual, expected, 'deepStrictEqual'),
  notDeepStrictEqual: (actual, expected, message) =>
    check(!deepEqual(actual, expected, true), message, actual, expected, 'notDeepStrictEqual'),
};

function matcher(negated) {
  const operator = negated ? 'doesNotMatch' : 'match';
  return (text, pattern, message) => {
    if (Object.prototype.toString.call(pattern) !== '[object RegExp]') {
      throw invalidArgument(`The "regexp" argument must be an instance of RegExp. ${received(pattern)}`);
    }
    if (typeof text === 'string' && pattern.test(text) !== negated) return;
    const rule = `${negated ? 'was expected to not match' : 'did not match'} the regular expression`;
    const default_ =
      typeof text === 'string'
        ? `The input ${rule} ${inspect(pattern)}. Input:\n\n${inspect(text)}\n`
        : `The "string" argument must be of type string. ${received(text)}`;
    fail(message === undefined ? default_ : message, { actual: text, expected: pattern, operator });
  };
}

const isPattern = (value) => Object.prototype.toString.call(value) === '[object RegExp]';

function checkProperties(error, expected, message, operator) {
  const keys =
    expected instanceof Error ? [...Object.keys(expected), 'name', 'message'] : Object.keys(expected);
  if (keys.length === 0) {
    throw withCode(
      TypeError,
      'ERR_INVALID_ARG_VALUE',
      "The argument 'error' may not be an empty object. Received {}",
    );
  }
  for (const key of keys) {
    const matches =
      isPattern(expected[key]) && typeof error[key] === 'string'
        ? expected[key].test(error[key])
        : key in Object(error) && deepEqual(error[key], expected[key], true);
    if (!matches) fail(message, { actual: error, expected, operator });
  }
}

// Checks a thrown value against the expected one: a class, a pattern, an object with properties or a
// function.
function checkThrown(error, expected, message, operator) {
  if (expected === undefined) return;
  if (isPattern(expected)) {
    const text =
      message === undefined
        ? `The input did not match the regular expression ${inspect(expected)}. ` +
          `Input:\n\n${inspect(String(error))}\n`
        : message;
    if (!expected.test(String(error))) fail(text, { actual: error, expected, operator });
    return;
  }
  if (typeof expected === 'object') {
    checkProperties(error, expected, message, operator);
    return;
  }
  if (expected.prototype !== undefined && error instanceof expected) return;
  if (expected === Error || Object.prototype.isPrototypeOf.call(Error, expected)) {
    const text = `The error is expected to be an instance of "${expected.name}". ${received(error)}`;
    fail(message === undefined ? text : message, { actual: error, expected, operator });
  }
  if (expected.call({}, error) !== true) {
    const name = expected.name ? `"${expected.name}"` : '';
    const text = `The ${name} validation function is expected to return "true".`;
    fail(message === undefined ? text : message, { actual: error, expected, operator });
  }
}

function missing(what, expected, message) {
  const name = expected && expected.name ? ` (${expected.name})` : '';
  const end = message === undefined ? '.' : `: ${message}`;
  return `Missing expected ${what}${name}${end}`;
}

const splitMessage = (expected, message) =>
  typeof expected === 'string' ? [undefined, expected] : [expected, message];

function requireFunction(value) {
  if (typeof value === 'function') return;
  throw invalidArgument(`The "fn" argument must be of type function. ${received(value)}`);
}

function throws(action, ...rest) {
  requireFunction(action);
  const [expected, message] = splitMessage(...rest);
  let error;
  try {
    action();
  } catch (caught) {
    error = { caught };
  }
  if (!error) fail(missing('exception', expected, message), { expected, operator: 'throws' });
  checkThrown(error.caught, expected, message, 'throws');
}

function unwanted(what, error, message) {
  const text =
    `Got unwanted ${what}${message === undefined ? '.' : `: ${message}`}\n` +
    `Actual message: "${error && error.message}"`;
  fail(text, { actual: error, operator: 'doesNotThrow' });
}

function doesNotThrow(action, ...rest) {
  requireFunction(action);
  const [, message] = splitMessage(...rest);
  try {
    action();
  } catch (error) {
    unwanted('exception', error, message);
  }
}

async function rejects(promise, ...rest) {
  const [expected, message] = splitMessage(...rest);
  let error;
  try {
    await (typeof promise === 'function' ? promise() : promise);
  } catch (caught) {
    error = { caught };
  }
  if (!error) fail(missing('rejection', expected, message), { expected, operator: 'rejects' });
  checkThrown(error.caught, expected, message, 'rejects');
}

async function doesNotReject(promise, ...rest) {
  const [, message] = splitMessage(...rest);
  try {
    await (typeof promise === 'function' ? promise() : promise);
  } catch (error) {
    unwanted('rejection', error, message);
  }
}

function ifError(value) {
  if (value === null || value === undefined) return;
  const text = value instanceof Error ? value.message : inspect(value);
  fail(`ifError got unwanted exception: ${text}`, { actual: value, expected: null, operator: 'ifError' });
}

function build(base) {
  const assert = (value, message) => ok(value, message);
  return Object.assign(assert, base, {
    ok,
    fail: (message = 'Failed') => fail(message, { operator: 'fail' }),
    match: matcher(false),
    doesNotMatch: matcher(true),
    throws,
    doesNotThrow,
    rejects,
    doesNotReject,
    ifError,
    AssertionError,
  });
}

const strict = build({
  ...compare,
  equal: compare.strictEqual,
  notEqual: compare.notStrictEqual,
  deepEqual: compare.deepStrictEqual,
  notDeepEqual: compare.notDeepStrictEqual,
});
strict.strict = strict;

module.exports = build({ ...compare, strict });
