// Random choices that a seed repeats, and random values as JavaScript text.

export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  // From 0 to below 1 (the generator known as mulberry32).
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(count) {
    return Math.floor(this.next() * count);
  }

  between(low, high) {
    return low + this.below(high - low + 1);
  }

  chance(share) {
    return this.next() < share;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  several(low, high, make) {
    return Array.from({ length: this.between(low, high) }, () => make());
  }

  some(list, most = list.length) {
    const left = list.slice();
    return this.several(0, Math.min(most, list.length), () => left.splice(this.below(left.length), 1)[0]);
  }
}

const WORDS = [
  '',
  'a',
  'b',
  'abc',
  'fred',
  'barney',
  'Hello World',
  'foo-bar',
  'fooBar',
  'FOO_BAR',
  '--foo--',
  '  trim me ',
  'déjà vu',
  'Straße',
  'x.y',
  'a,b,c',
  '1',
  '10',
  '-5',
  '3.14',
  '0x1f',
  '1e3',
  'NaN',
  'null',
  'true',
  'length',
  'constructor',
  '__proto__',
  '<b>&"\'',
  '\u{1f600} ok',
  'aa\nbb',
  'HTTPServer2',
  'a[0].b',
  'ünïcödé',
  'z',
];
const NUMBERS = [
  '0',
  '1',
  '2',
  '3',
  '5',
  '10',
  '-1',
  '-2',
  '0.5',
  '-0.5',
  '1.005',
  '4.35',
  '100',
  '1e21',
  '-0',
  'NaN',
  'Infinity',
  '-Infinity',
  '65536',
  '9007199254740993',
  '1e-7',
];
const KEYS = ['a', 'b', 'c', 'id', 'name', 'value', 'x y', '0', '1', 'length'];

export const text = (random) => JSON.stringify(random.pick(WORDS));
export const number = (random) => (random.chance(0.6) ? String(random.between(-3, 12)) : random.pick(NUMBERS));
export const integer = (random) => String(random.between(-3, 6));
export const key = (random) => random.pick(KEYS);

export function primitive(random) {
  const kind = random.below(10);
  if (kind < 4) return number(random);
  if (kind < 7) return text(random);
  return random.pick(
    ['true', 'false', 'null', 'undefined', "''", '1n', "Symbol('s')"].slice(0, random.chance(0.1) ? 7 : 5),
  );
}

export const array = (random, item, low = 0, high = 5) =>
  `[${random.several(low, high, () => item(random)).join(', ')}]`;

export function object(random, item, low = 0, high = 4) {
  const pairs = random.several(low, high, () => `${JSON.stringify(key(random))}: ${item(random)}`);
  return `{${pairs.join(', ')}}`;
}

const EXOTIC = [
  'new Date(0)',
  'new Date(1700000000000)',
  'new Date(NaN)',
  '/a/g',
  '/b/',
  'new Map([["a", 1], ["b", [2]]])',
  'new Map()',
  'new Set([1, "a", NaN])',
  'new Set()',
  'new Set([[1], {a: 1}])',
  "new Error('bad')",
  'new Uint8Array([1, 2, 3])',
  'new Float64Array([0, -0, NaN])',
  'Object.create(null)',
  'Object(1)',
  "Object('ab')",
  'Object(false)',
  '(function () { return arguments; })(1, 2)',
  '() => 1',
  '(a) => a',
  '[1, , 3]',
  'new (class Foo { constructor() { this.a = 1; } get b() { return 2; } })()',
  'new ArrayBuffer(3)',
];

export const exotic = (random) => random.pick(EXOTIC);

// Any value; most of them plain, as in JSON.
export function value(random, depth = 2) {
  const kind = random.below(10);
  if (depth === 0 || kind < 5) return primitive(random);
  if (kind < 7) return array(random, (inner) => value(inner, depth - 1));
  if (kind < 9) return object(random, (inner) => value(inner, depth - 1));
  return exotic(random);
}

// A value that JSON has.
export function json(random, depth = 2) {
  const kind = depth === 0 ? random.below(5) : random.below(9);
  if (kind < 2) return String(random.chance(0.8) ? random.between(-3, 12) : random.pick([0.5, -1.25, 1e6]));
  if (kind < 4) return text(random);
  if (kind < 5) return random.pick(['true', 'false', 'null']);
  if (kind < 7) return array(random, (inner) => json(inner, depth - 1), 0, 4);
  return object(random, (inner) => json(inner, depth - 1));
}
