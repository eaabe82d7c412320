// The global URLSearchParams: a list of name-value pairs, live when it belongs to a URL.

const { percentEncode, percentDecode, wellFormed } = require('vayu:node/url_percent');
const { withCode, invalidArgument } = require('vayu:node/errors');

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

function parsePairs(text) {
  return text
    .split('&')
    .filter(Boolean)
    .map((pair) => {
      const at = pair.indexOf('=');
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      return [name, value].map((part) => percentDecode(part.replaceAll('+', ' ')));
    });
}

const formEncode = (text) => percentEncode(text, 'form').replaceAll('%20', '+');
const textOf = (value) => wellFormed(String(value));

function pairsOf(init) {
  if (init === undefined || init === null) return [];
  if (typeof init !== 'object' && typeof init !== 'function')
    return parsePairs(String(init).replace(/^\?/, ''));
  if (typeof init[Symbol.iterator] !== 'function') {
    return Object.entries(init).map(([name, value]) => [textOf(name), textOf(value)]);
  }
  return Array.from(init, (pair) => {
    const items = pair !== null && typeof pair === 'object' && pair[Symbol.iterator] ? [...pair] : [];
    if (items.length !== 2) {
      throw withCode(
        TypeError,
        'ERR_INVALID_TUPLE',
        'Each query pair must be an iterable [name, value] tuple',
      );
    }
    return items.map(textOf);
  });
}

class URLSearchParams {
  #pairs;
  #changed;

  constructor(init) {
    this.#pairs = pairsOf(init);
  }

  // For URL: creates pairs that report their changes, and replaces them when the URL changes.
  static _live(text, changed) {
    const params = new URLSearchParams();
    params.#pairs = parsePairs(text);
    params.#changed = changed;
    return params;
  }

  static _replace(params, text) {
    params.#pairs = parsePairs(text);
  }

  #update(pairs) {
    this.#pairs = pairs;
    if (this.#changed) this.#changed(this.toString());
  }

  #need(count, given) {
    if (given.length >= count) return;
    const names = count === 2 ? 'The "name" and "value" arguments' : 'The "name" argument';
    throw withCode(TypeError, 'ERR_MISSING_ARGS', `${names} must be specified`);
  }

  get size() {
    return this.#pairs.length;
  }

  append(name, value) {
    this.#need(2, arguments);
    this.#update([...this.#pairs, [textOf(name), textOf(value)]]);
  }

  delete(name, value) {
    this.#need(1, arguments);
    const matches = ([key, item]) => key === String(name) && (value === undefined || item === String(value));
    this.#update(this.#pairs.filter((pair) => !matches(pair)));
  }

  get(name) {
    this.#need(1, arguments);
    const pair = this.#pairs.find(([key]) => key === String(name));
    return pair ? pair[1] : null;
  }

  getAll(name) {
    this.#need(1, arguments);
    return this.#pairs.filter(([key]) => key === String(name)).map(([, value]) => value);
  }

  has(name, value) {
    this.#need(1, arguments);
    return this.#pairs.some(
      ([key, item]) => key === String(name) && (value === undefined || item === String(value)),
    );
  }

  set(name, value) {
    this.#need(2, arguments);
    const key = textOf(name);
    const first = this.#pairs.findIndex((pair) => pair[0] === key);
    if (first < 0) {
      this.append(key, value);
      return;
    }
    const rest = this.#pairs.filter((pair, index) => pair[0] !== key || index === first);
    rest[first] = [key, textOf(value)];
    this.#update(rest);
  }

  sort() {
    const order = ([left], [right]) => (left < right ? -1 : Number(left > right));
    this.#update(this.#pairs.toSorted(order));
  }

  forEach(action, self) {
    if (typeof action !== 'function')
      throw invalidArgument('The "callback" argument must be of type function.');
    for (const [name, value] of this.#pairs) action.call(self, value, name, this);
  }

  *entries() {
    for (let index = 0; index < this.#pairs.length; index++) yield [...this.#pairs[index]];
  }

  *keys() {
    for (const [name] of this.entries()) yield name;
  }

  *values() {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  toString() {
    return this.#pairs.map((pair) => pair.map(formEncode).join('=')).join('&');
  }

  get [Symbol.toStringTag]() {
    return 'URLSearchParams';
  }

  [INSPECT](depth, options, inspect) {
    if (this.#pairs.length === 0) return 'URLSearchParams {}';
    const pairs = this.#pairs.map(([name, value]) => `${inspect(name)} => ${inspect(value)}`);
    return `URLSearchParams { ${pairs.join(', ')} }`;
  }
}

module.exports = URLSearchParams;
