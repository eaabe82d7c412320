// The `assert` style: assert(condition, message) and one function per assertion. Most are a chain of the
// expect style, written as such in CHAINS: name, words, and the number of arguments of the last word. Loaded
// when chai.assert is first read.

const { Assertion, AssertionError } = require('vayu:chai/assertion');
const { inspect } = require('vayu:chai/inspect');

// name=words/arguments. A chain without a number ends in a property; 'x' in its place: a fixed argument.
const CHAINS = `
isOk=is.ok isNotOk=is.not.ok isTrue=is.true isFalse=is.false isNaN=to.be.NaN isNotNaN=not.to.be.NaN
exists=to.exist notExists=to.not.exist isFinite=to.be.finite
isExtensible=to.be.extensible isNotExtensible=to.not.be.extensible isSealed=to.be.sealed
isNotSealed=to.not.be.sealed isFrozen=to.be.frozen isNotFrozen=to.not.be.frozen
isEmpty=to.be.empty isNotEmpty=to.not.be.empty
strictEqual=to.equal/1 notStrictEqual=to.not.equal/1 deepEqual=to.eql/1 notDeepEqual=to.not.eql/1
isAbove=to.be.above/1 isAtLeast=to.be.least/1 isBelow=to.be.below/1 isAtMost=to.be.most/1
typeOf=to.be.a/1 notTypeOf=to.not.be.a/1
instanceOf=to.be.instanceOf/1 notInstanceOf=to.not.be.instanceOf/1
include=include/1 notInclude=not.include/1 deepInclude=deep.include/1 notDeepInclude=not.deep.include/1
nestedInclude=nested.include/1 notNestedInclude=not.nested.include/1
deepNestedInclude=deep.nested.include/1 notDeepNestedInclude=not.deep.nested.include/1
ownInclude=own.include/1 notOwnInclude=not.own.include/1
deepOwnInclude=deep.own.include/1 notDeepOwnInclude=not.deep.own.include/1
match=to.match/1 notMatch=to.not.match/1
property=to.have.property/1 notProperty=to.not.have.property/1
propertyVal=to.have.property/2 notPropertyVal=to.not.have.property/2
deepPropertyVal=to.have.deep.property/2 notDeepPropertyVal=to.not.have.deep.property/2
ownProperty=to.have.own.property/1 notOwnProperty=to.not.have.own.property/1
ownPropertyVal=to.have.own.property/2 notOwnPropertyVal=to.not.have.own.property/2
deepOwnPropertyVal=to.have.deep.own.property/2 notDeepOwnPropertyVal=to.not.have.deep.own.property/2
nestedProperty=to.have.nested.property/1 notNestedProperty=to.not.have.nested.property/1
nestedPropertyVal=to.have.nested.property/2 notNestedPropertyVal=to.not.have.nested.property/2
deepNestedPropertyVal=to.have.deep.nested.property/2
notDeepNestedPropertyVal=to.not.have.deep.nested.property/2
lengthOf=to.have.lengthOf/1
hasAnyKeys=to.have.any.keys/1 hasAllKeys=to.have.all.keys/1 containsAllKeys=to.contain.all.keys/1
doesNotHaveAnyKeys=to.not.have.any.keys/1 doesNotHaveAllKeys=to.not.have.all.keys/1
hasAnyDeepKeys=to.have.any.deep.keys/1 hasAllDeepKeys=to.have.all.deep.keys/1
containsAllDeepKeys=to.contain.all.deep.keys/1
doesNotHaveAnyDeepKeys=to.not.have.any.deep.keys/1 doesNotHaveAllDeepKeys=to.not.have.all.deep.keys/1
closeTo=to.be.closeTo/2 approximately=to.be.approximately/2
sameMembers=to.have.same.members/1 notSameMembers=to.not.have.same.members/1
sameDeepMembers=to.have.same.deep.members/1 notSameDeepMembers=to.not.have.same.deep.members/1
sameOrderedMembers=to.have.same.ordered.members/1 notSameOrderedMembers=to.not.have.same.ordered.members/1
sameDeepOrderedMembers=to.have.same.deep.ordered.members/1
notSameDeepOrderedMembers=to.not.have.same.deep.ordered.members/1
includeMembers=to.include.members/1 notIncludeMembers=to.not.include.members/1
includeDeepMembers=to.include.deep.members/1 notIncludeDeepMembers=to.not.include.deep.members/1
includeOrderedMembers=to.include.ordered.members/1 notIncludeOrderedMembers=to.not.include.ordered.members/1
includeDeepOrderedMembers=to.include.deep.ordered.members/1
notIncludeDeepOrderedMembers=to.not.include.deep.ordered.members/1
oneOf=to.be.oneOf/1`;

const ALIASES = `ok=isOk notOk=isNotOk throw=throws Throw=throws deepStrictEqual=deepEqual
extensible=isExtensible
notExtensible=isNotExtensible sealed=isSealed notSealed=isNotSealed frozen=isFrozen notFrozen=isNotFrozen
empty=isEmpty notEmpty=isNotEmpty`;

const TYPES = ['Function', 'Object', 'Array', 'String', 'Number', 'Boolean'];
const EFFECTS = { change: ['changes', 'doesNotChange'], increase: ['increases', 'doesNotIncrease'],
  decrease: ['decreases', 'doesNotDecrease'] };

const OPERATORS = {
  // oxlint-disable-next-line eslint/eqeqeq -- the operator that is asserted
  '==': (one, other) => one == other,
  '===': (one, other) => one === other,
  // oxlint-disable-next-line eslint/eqeqeq -- the operator that is asserted
  '!=': (one, other) => one != other,
  '!==': (one, other) => one !== other,
  '>': (one, other) => one > other,
  '>=': (one, other) => one >= other,
  '<': (one, other) => one < other,
  '<=': (one, other) => one <= other,
};

function assert(condition, message) {
  new Assertion(null, null).assert(condition, message, '[ negation message unavailable ]');
}

const pairs = (text) => text.trim().split(/\s+/).map((pair) => pair.split('='));

function chained(words, count) {
  const names = words.split('.');
  const last = names.pop();
  return (value, ...args) => {
    let assertion = new Assertion(value, args[count]);
    for (const name of names) assertion = assertion[name];
    if (count) assertion[last](...Array.from({ length: count }, (_, i) => args[i]));
    else assertion[last];
  };
}

function addChains() {
  for (const [name, chain] of pairs(CHAINS)) {
    const [words, count] = chain.split('/');
    assert[name] = chained(words, Number(count || 0));
  }
}

function addFixed() {
  const is = (name, expected) => {
    assert[name] = (value, message) => { new Assertion(value, message).to.equal(expected); };
  };
  const isNot = (name, expected) => {
    assert[name] = (value, message) => { new Assertion(value, message).to.not.equal(expected); };
  };
  is('isNull', null);
  is('isUndefined', undefined);
  isNot('isNotTrue', true);
  isNot('isNotFalse', false);
  isNot('isNotNull', null);
  isNot('isDefined', undefined);
  for (const type of TYPES) {
    const lower = type.toLowerCase();
    assert[`is${type}`] = (value, message) => { new Assertion(value, message).to.be.a(lower); };
    assert[`isNot${type}`] = (value, message) => { new Assertion(value, message).to.not.be.a(lower); };
  }
}

function addLooseEquality() {
  assert.equal = (actual, expected, message) => {
    // oxlint-disable-next-line eslint/eqeqeq -- the operator that is asserted
    new Assertion(actual, message).assert(expected == actual, 'expected #{this} to equal #{exp}',
      'expected #{this} to not equal #{act}', expected, actual, true);
  };
  assert.notEqual = (actual, expected, message) => {
    // oxlint-disable-next-line eslint/eqeqeq -- the operator that is asserted
    new Assertion(actual, message).assert(expected != actual, 'expected #{this} to not equal #{exp}',
      'expected #{this} to equal #{act}', expected, actual, true);
  };
  assert.operator = (value, operator, other, message) => {
    if (!Object.hasOwn(OPERATORS, operator)) {
      throw new AssertionError(`${message ? message + ': ' : message}Invalid operator "${operator}"`);
    }
    const holds = OPERATORS[operator](value, other);
    const text = (verb) => `expected ${inspect(value)} ${verb} ${operator} ${inspect(other)}`;
    new Assertion(holds, message).assert(holds, () => text('to be'), () => text('to not be'));
  };
}

function addThrowing() {
  const isText = (value) => typeof value === 'string' || value instanceof RegExp;
  assert.throws = (fn, error, pattern, message) => {
    const assertion = new Assertion(fn, message).to;
    return (isText(error) ? assertion.throw(null, error) : assertion.throw(error, pattern))._obj;
  };
  assert.doesNotThrow = (fn, error, pattern, message) => {
    const assertion = new Assertion(fn, message).to.not;
    if (isText(error)) assertion.throw(null, error);
    else assertion.throw(error, pattern);
  };
}

// (fn, subject[, message]) or (fn, object, name[, message]).
const effect = (apply) => function (fn, subject, name, message) {
  const single = arguments.length === 3 && typeof subject === 'function';
  apply(new Assertion(fn, single ? name : message).to, subject, single ? null : name);
};

// (fn, subject, delta[, message]) or (fn, object, name, delta[, message]).
const effectBy = (apply) => function (fn, subject, name, delta, message) {
  if (arguments.length === 4 && typeof subject === 'function') {
    apply(new Assertion(fn, delta).to, subject, name, name);
  } else if (arguments.length === 3) {
    apply(new Assertion(fn, message).to, subject, null, name);
  } else {
    apply(new Assertion(fn, message).to, subject, name, delta);
  }
};

function addEffects() {
  for (const [verb, [does, doesNot]] of Object.entries(EFFECTS)) {
    assert[does] = effect((to, subject, name) => { to[verb](subject, name); });
    assert[doesNot] = effect((to, subject, name) => { to.not[verb](subject, name); });
    assert[`${does}By`] = effectBy((to, subject, name, delta) => { to[verb](subject, name).by(delta); });
    assert[`${does}ButNotBy`] = effectBy((to, subject, name, delta) => {
      to[verb](subject, name).but.not.by(delta);
    });
    if (verb === 'decrease') {
      assert[`${doesNot}By`] = effectBy((to, subject, name, delta) => {
        to.not[verb](subject, name).by(delta);
      });
    }
  }
}

assert.fail = function (actual, expected, message, operator) {
  const single = arguments.length < 2;
  throw new AssertionError((single ? actual : message) || 'assert.fail()',
    { actual: single ? undefined : actual, expected, operator }, assert.fail);
};

assert.ifError = (value) => {
  if (value) throw value;
};

addChains();
addFixed();
addLooseEquality();
addThrowing();
addEffects();
for (const [alias, name] of pairs(ALIASES)) assert[alias] = assert[name];

module.exports = assert;
