// The words of a chain, and assertions about one value: its type, truth, equality, text, state. The order of
// definition is the order in which suggestions for a misspelt name are tried.

const { fail, reject, equality, own, next, word, setFlag, defineGetter, defineMethod, defineChainable,
  Assertion } = require('vayu:chai/assertion');
const config = require('vayu:chai/config');
const { untilEnd } = require('vayu:settings');
const { inspect } = require('vayu:chai/inspect');
const { typeOf, functionName } = require('vayu:chai/type');

// A check without arguments: `holds(value)`, and the ends of its two messages.
function check(names, holds, positive, negative, expected) {
  defineGetter(names, function () {
    if (holds(this._obj) === this._negate) {
      fail(this, `expected #{this} ${positive}`, `expected #{this} ${negative}`,
        expected === undefined ? undefined : expected !== this._negate);
    }
    return next(this);
  });
}

// Sets flags. Without a word in between they are set on the assertion itself, as in chai.
function flag(name, set) {
  defineGetter(name, function () {
    const target = own(this);
    set(target);
    return target === this ? next(target) : target;
  });
}

function defineWords() {
  defineGetter('to be been is and has have with that which at of same but does still also', word);
  flag('not', (assertion) => { assertion._negate = true; });
  for (const name of ['deep', 'nested', 'own', 'ordered']) {
    flag(name, (assertion) => setFlag(assertion, name, true));
  }
  flag('any', (assertion) => {
    setFlag(assertion, 'any', true);
    setFlag(assertion, 'all', false);
  });
  flag('all', (assertion) => {
    setFlag(assertion, 'all', true);
    setFlag(assertion, 'any', false);
  });
}

function lowerType(value) {
  const kind = typeof value;
  if (kind !== 'object') return kind;
  const type = typeOf(value);
  return type === 'Object' ? kind : type === 'Array' ? 'array' : type.toLowerCase();
}

function isA(type, message) {
  if (message) this._message = message;
  const wanted = type.toLowerCase();
  if ((lowerType(this._obj) === wanted) === this._negate) {
    const article = /^[aeiou]/.test(wanted) ? 'an ' : 'a ';
    fail(this, `expected #{this} to be ${article}${wanted}`,
      `expected #{this} not to be ${article}${wanted}`);
  }
  return this;
}

function defineTypes() {
  defineChainable('an', isA);
  defineChainable('a', isA);
}

function countOf(assertion) {
  const value = assertion._obj;
  const type = lowerType(value);
  if (type === 'array' || type === 'string') return value.length;
  if (type === 'map' || type === 'set') return value.size;
  if (type === 'weakmap' || type === 'weakset') reject(assertion, '.empty was passed a weak collection');
  if (type === 'function') reject(assertion, `.empty was passed a function ${functionName(value)}`.trim());
  if (value !== Object(value)) reject(assertion, `.empty was passed non-string primitive ${inspect(value)}`);
  return Object.keys(value).length;
}

function defineChecks() {
  check('ok', (value) => Boolean(value), 'to be truthy', 'to be falsy');
  check('true', (value) => value === true, 'to be true', 'to be false', true);
  defineGetter('false', function () {
    if ((this._obj === false) === this._negate) {
      fail(this, 'expected #{this} to be false', 'expected #{this} to be true', this._negate);
    }
    return next(this);
  });
  check('null', (value) => value === null, 'to be null', 'not to be null');
  check('undefined', (value) => value === undefined, 'to be undefined', 'not to be undefined');
  check('NaN', (value) => Number.isNaN(value), 'to be NaN', 'not to be NaN');
  check('exist exists', (value) => value !== null && value !== undefined, 'to exist', 'to not exist');
  defineGetter('empty', function () {
    if ((countOf(this) === 0) === this._negate) {
      fail(this, 'expected #{this} to be empty', 'expected #{this} not to be empty');
    }
    return next(this);
  });
  defineGetter('arguments Arguments', function () {
    const type = typeOf(this._obj);
    if ((type === 'Arguments') === this._negate) {
      fail(this, `expected #{this} to be arguments but got ${type}`, 'expected #{this} to not be arguments');
    }
    return next(this);
  });
}

function eql(value, message) {
  if (message) this._message = message;
  if (equality(this)(value, this._obj) === this._negate) {
    fail(this, 'expected #{this} to deeply equal #{exp}', 'expected #{this} to not deeply equal #{exp}',
      value, this._obj, true);
  }
  return this;
}

function defineEquality() {
  defineMethod('equal equals eq', function (value, message) {
    if (message) this._message = message;
    if (this._flags !== null && this._flags.deep) return eql.call(this, value);
    if ((this._obj === value) === this._negate) {
      fail(this, 'expected #{this} to equal #{exp}', 'expected #{this} to not equal #{exp}',
        value, this._obj, true);
    }
    return this;
  }, 'equal');
  // A custom comparison decides everything; the list contains it then.
  const comparisons = [];
  defineMethod('eql eqls', eql, 'eql', comparisons);
  const forget = () => {
    comparisons.length = 0;
  };
  Object.defineProperty(config, 'deepEqual', {
    enumerable: true,
    get: () => comparisons[0] ?? null,
    set(comparison) {
      untilEnd(comparisons, forget);
      forget();
      if (comparison) comparisons.push(comparison);
    },
  });
}

function defineInstance() {
  defineMethod('instanceof instanceOf', function (constructor, message) {
    if (message) this._message = message;
    let holds;
    try {
      holds = this._obj instanceof constructor;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      reject(this, `The instanceof assertion needs a constructor but ${typeOf(constructor)} was given.`);
    }
    if (holds === this._negate) {
      const name = functionName(constructor) ?? 'an unnamed constructor';
      fail(this, `expected #{this} to be an instance of ${name}`,
        `expected #{this} to not be an instance of ${name}`);
    }
    return this;
  });
}

function defineTexts() {
  defineMethod('match matches', function (expression, message) {
    if (message) this._message = message;
    if ((expression.exec(this._obj) !== null) === this._negate) {
      fail(this, `expected #{this} to match ${expression}`, `expected #{this} not to match ${expression}`);
    }
    return this;
  });
  defineMethod('string', function (text, message) {
    if (message) this._message = message;
    isA.call(new Assertion(this._obj, this._message), 'string');
    if ((this._obj.indexOf(text) !== -1) === this._negate) {
      fail(this, `expected #{this} to contain ${inspect(text)}`,
        `expected #{this} to not contain ${inspect(text)}`);
    }
    return this;
  });
}

const isFiniteNumber = (value) => typeof value === 'number' && isFinite(value);

function defineStates() {
  const isObject = (value) => value === Object(value);
  check('extensible', (value) => isObject(value) && Object.isExtensible(value), 'to be extensible',
    'to not be extensible');
  check('sealed', (value) => !isObject(value) || Object.isSealed(value), 'to be sealed', 'to not be sealed');
  check('frozen', (value) => !isObject(value) || Object.isFrozen(value), 'to be frozen', 'to not be frozen');
  check('finite', isFiniteNumber, 'to be a finite number', 'to not be a finite number');
}

module.exports = {
  defineWords, defineTypes, defineChecks, defineEquality, defineInstance, defineTexts, defineStates,
  flag, isA, lowerType,
};
