// Chains of chai's expect, and calls of its assert, on values of all kinds. Messages are compared, too.

import * as make from '../random.mjs';

const VALUES = [
  'NaN',
  '-0',
  '0',
  '1',
  '"a"',
  '""',
  'null',
  'undefined',
  'true',
  'false',
  '10n',
  'Symbol("s")',
  'Symbol.iterator',
  'new Map([["a", 1], [NaN, NaN]])',
  'new Map([[{a: 1}, {b: 2}]])',
  'new Map()',
  'new Set([1, NaN, -0, "a"])',
  'new Set([{a: 1}, [2]])',
  'new Set()',
  'new WeakSet()',
  'new WeakMap()',
  'new Date(0)',
  'new Date(NaN)',
  '/a+/gi',
  'new Uint8Array([1, 2, 255])',
  'new Float32Array([0, -0, NaN])',
  'new ArrayBuffer(2)',
  'new DataView(new ArrayBuffer(2))',
  '[1, NaN, "a", null]',
  '[{a: 1}, {a: 2}]',
  '[[1], [2, 3]]',
  '[]',
  '{}',
  '{a: 1, b: {c: [1, 2, {d: "x"}]}}',
  '{a: NaN, b: -0}',
  '{a: undefined}',
  'Object.create(null)',
  'Object.create({a: 1})',
  '(function () { return arguments; })(1, 2)',
  'new Error("bad")',
  'new TypeError("worse")',
  '() => 1',
  'function named() { throw new RangeError("out of range"); }',
  'class Foo {}',
  'new (class Foo { constructor() { this.a = 1; } })()',
  'Object.freeze({a: 1})',
  'Object.seal([1])',
  'Object("ab")',
  'Object(1)',
  'Object(NaN)',
  'Object(false)',
  '"hello world"',
  '"it\'s \\"q\\""',
  '"line\\nbreak"',
  '[1, , 3]',
  '[undefined]',
  '{[Symbol("k")]: 1, z: 2}',
  '{get a() { return 5; }}',
  'Promise.resolve(1)',
  '{length: 2, 0: "a", 1: "b"}',
  '"a rather long text that goes on for more than forty characters"',
  '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]',
  '{aaaaaaaaaa: 1, bbbbbbbbbb: 2, cccccccccc: 3, dddddddddd: 4}',
  'Object.assign([1, 2], {x: 1})',
  'new Set([[NaN]])',
  'new Map([[1, new Map([[2, 3]])]])',
  'new Number(-0)',
  'new (class extends Array {})(2)',
  'new (class Special extends Map {})([[1, 2]])',
  '{toString() { return "own"; }}',
  '{inspect() { return "own"; }}',
  '(() => { const x = {a: 1}; x.self = x; return x; })()',
  '(function* () { yield 1; })()',
  'Math',
  'JSON',
  'globalThis.undefinedName',
  'async () => 1',
  'Symbol()',
  '-1.5',
  '1e21',
  '123456789012345680000',
  '"\u{1f600}"',
  "{'x-y': 1, 2: 3}",
  '[[[[[1]]]]]',
  '{a: {b: {c: {d: {e: 1}}}}}',
];

const TYPES = [
  'string',
  'number',
  'array',
  'object',
  'map',
  'set',
  'date',
  'regexp',
  'null',
  'undefined',
  'symbol',
  'function',
  'bigint',
  'error',
  'Uint8Array',
  'promise',
  'weakset',
  'boolean',
  'arguments',
  'nonsense',
  'NaN',
];
const KEYS = [
  '"a"',
  '"b"',
  '"a", "b"',
  '["a"]',
  '["a", "b"]',
  '{a: 1}',
  'NaN',
  '0',
  '1',
  '{a: 9}, "a"',
  '{a: 1, b: {}}',
  '',
  '[]',
  'Symbol("k")',
  '[{a: 1}]',
  '"z"',
  'new Set([1])',
  '["a"], "b"',
];
const NAMES = [
  '"a"',
  '"b"',
  '"b.c"',
  '"b.c[1]"',
  '"b.c[2].d"',
  '"length"',
  '0',
  '"size"',
  '"nope"',
  'Symbol.iterator',
  '"message"',
  '"x y"',
  'null',
  '{}',
  '"[0].a"',
  '"a.b"',
  '""',
];

const PROPERTIES = [
  'ok',
  'true',
  'false',
  'null',
  'undefined',
  'NaN',
  'exist',
  'empty',
  'arguments',
  'extensible',
  'sealed',
  'frozen',
  'finite',
  'Arguments',
  'exists',
];
const JOINS = [
  'to',
  'be',
  'been',
  'is',
  'that',
  'which',
  'and',
  'has',
  'have',
  'with',
  'at',
  'of',
  'same',
  'but',
  'does',
  'still',
  'also',
];

const any = (random) => (random.chance(0.75) ? random.pick(VALUES) : make.value(random, 2));
const list = (random) => (random.chance(0.85) ? make.array(random, any, 0, 3) : any(random));
const message = (random) => (random.chance(0.06) ? ', "note"' : '');
const number = (random) => (random.chance(0.85) ? make.number(random) : any(random));

// Values that are likely to be related.
function related(random, subject) {
  const kind = random.below(10);
  if (kind < 5) return subject;
  return any(random);
}

const METHODS = {
  equal: related,
  eql: related,
  include: (random) => any(random),
  a: (random) => `'${random.pick(TYPES)}'`,
  members: list,
  keys: (random) => random.pick(KEYS),
  property: (random) => `${random.pick(NAMES)}${random.chance(0.4) ? `, ${any(random)}` : ''}`,
  lengthOf: (random) => String(random.between(0, 4)),
  above: number,
  least: number,
  below: number,
  most: number,
  within: (random) => `${number(random)}, ${number(random)}`,
  closeTo: (random) => `${number(random)}, ${number(random)}`,
  match: (random) => random.pick(['/a/', '/^h/', '/\\d/']),
  string: (random) => make.text(random),
  instanceof: (random) =>
    random.pick([
      'Array',
      'Object',
      'Map',
      'Set',
      'Error',
      'Date',
      'RegExp',
      'Function',
      '{}',
      'null',
      'Promise',
      'Uint8Array',
    ]),
  oneOf: list,
  satisfy: (random) => random.pick(['(x) => x', '(x) => typeof x === "object"', '() => false']),
  throw: (random) =>
    random.pick([
      '',
      'Error',
      'RangeError',
      '"range"',
      '/out/',
      'RangeError, "out"',
      'TypeError, /x/',
      'new Error("x")',
      '""',
      'undefined',
      'null',
    ]),
  respondTo: (random) => random.pick(['"map"', '"get"', '"nope"', '"toString"']),
  ownPropertyDescriptor: (random) =>
    `${random.pick(['"a"', '"length"', '"b"'])}${random.chance(0.4) ? ', {value: 1, writable: true, enumerable: true, configurable: true}' : ''}`,
  ownProperty: (random) => random.pick(NAMES),
};
const ALIASES = {
  equal: ['equals', 'eq'],
  eql: ['eqls'],
  include: ['contain', 'contains', 'includes', 'include', 'contain'],
  a: ['an'],
  keys: ['key'],
  lengthOf: ['length', 'lengthOf'],
  above: ['gt', 'greaterThan'],
  least: ['gte', 'greaterThanOrEqual'],
  below: ['lt', 'lessThan'],
  most: ['lte', 'lessThanOrEqual'],
  closeTo: ['approximately'],
  match: ['matches'],
  instanceof: ['instanceOf'],
  throw: ['throws', 'Throw'],
  satisfy: ['satisfies'],
  ownProperty: ['haveOwnProperty'],
};
const FLAGS_OF = {
  include: ['deep', 'own', 'nested'],
  members: ['deep', 'ordered', 'include', 'contain'],
  keys: ['any', 'all', 'deep', 'contain', 'include'],
  property: ['deep', 'own', 'nested'],
  equal: ['deep'],
  oneOf: ['deep', 'contain'],
};

function method(random, subject) {
  const name = random.pick(Object.keys(METHODS));
  const flags =
    random.chance(0.5) && FLAGS_OF[name]
      ? random
          .some(FLAGS_OF[name], 2)
          .map((flag) => `${flag}.`)
          .join('')
      : '';
  const written = ALIASES[name] && random.chance(0.4) ? random.pick(ALIASES[name]) : name;
  const args = METHODS[name](random, subject);
  const note = ['keys', 'throw', 'property', 'ownProperty'].includes(name) ? '' : message(random);
  return `${flags}${written}(${args}${note})`;
}

function likely(random) {
  const sort = random.below(5);
  if (sort === 0)
    return `expect(${random.pick(VALUES.filter((one) => /Set|Map|\[/.test(one)))}).to.${random.chance(0.3) ? 'not.' : ''}${random.chance(0.4) ? 'deep.' : ''}include(${any(random)})`;
  if (sort === 1)
    return `expect(${random.pick(VALUES.filter((one) => /Set|Map/.test(one)))}).to.${random.chance(0.3) ? 'not.' : ''}have.${random.some(['any.', 'all.', 'deep.'], 2).join('')}keys(${random.pick(KEYS)})`;
  if (sort === 2)
    return `expect({x: ${any(random)}, y: 1}).to.${random.chance(0.3) ? 'not.' : ''}${random.chance(0.4) ? 'deep.' : ''}include({x: ${any(random)}})`;
  if (sort === 3) {
    const one = any(random);
    return `expect([${one}, ${any(random)}]).to.${random.chance(0.3) ? 'not.' : ''}have.${random.chance(0.4) ? 'deep.' : ''}members([${any(random)}, ${one}])`;
  }
  const one = any(random);
  return `expect({deep: [${one}]}).to.${random.chance(0.3) ? 'not.' : ''}${random.pick(['eql', 'deep.equal', 'equal'])}({deep: [${random.chance(0.7) ? one : any(random)}]})`;
}

function chain(random) {
  const subject = any(random);
  const links = random.several(1, 2, () => {
    const joins = random
      .several(0, 2, () => random.pick(JOINS))
      .map((join) => `${join}.`)
      .join('');
    const not = random.chance(0.25) ? 'not.' : '';
    return joins + not + (random.chance(0.25) ? random.pick(PROPERTIES) : method(random, subject));
  });
  return `expect(${subject}${message(random)}).${links.join('.')}`;
}

const ASSERTS_1 = [
  'isOk',
  'isNotOk',
  'isTrue',
  'isNotTrue',
  'isFalse',
  'isNull',
  'isNotNull',
  'isNaN',
  'isNotNaN',
  'exists',
  'notExists',
  'isUndefined',
  'isDefined',
  'isFunction',
  'isObject',
  'isNotObject',
  'isArray',
  'isNotArray',
  'isString',
  'isNumber',
  'isFinite',
  'isBoolean',
  'isEmpty',
  'isNotEmpty',
  'isFrozen',
  'isSealed',
  'isExtensible',
  'ifError',
  'throws',
  'doesNotThrow',
];
const ASSERTS_2 = [
  'equal',
  'notEqual',
  'strictEqual',
  'notStrictEqual',
  'deepEqual',
  'notDeepEqual',
  'isAbove',
  'isAtLeast',
  'isBelow',
  'isAtMost',
  'include',
  'notInclude',
  'deepInclude',
  'notDeepInclude',
  'sameMembers',
  'sameDeepMembers',
  'sameOrderedMembers',
  'includeMembers',
  'includeDeepMembers',
  'oneOf',
  'property',
  'notProperty',
  'lengthOf',
  'typeOf',
  'hasAllKeys',
  'hasAnyKeys',
  'containsAllKeys',
  'hasAllDeepKeys',
  'nestedInclude',
  'ownInclude',
  'nestedProperty',
];

function asserting(random) {
  const one = any(random);
  if (random.chance(0.4)) return `chai.assert.${random.pick(ASSERTS_1)}(${one}${message(random)})`;
  const other = random.chance(0.4) ? one : random.pick([any, any, list, (inner) => inner.pick(NAMES)])(random);
  return `chai.assert.${random.pick(ASSERTS_2)}(${one}, ${other}${message(random)})`;
}

export function chai(random) {
  const body = random.pick([chain, chain, likely, asserting])(random);
  return `const chai = require('chai'); const { expect } = chai; ${body}; return 'holds';`;
}
