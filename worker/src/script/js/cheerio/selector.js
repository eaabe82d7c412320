// Compiles selectors to steps. A selector is a list of alternatives; an alternative is a list of steps, from
// left to right; a step has the combinator before it and parts. A part is a test, (node, scope) => boolean,
// or { position }, a function that picks from the list of nodes found so far (:first, :eq(n) and so on).
// Not supported: namespaces, pseudo-elements, comments; each throws an Error that says so.

const { isTag, getAttribute } = require('vayu:cheerio/dom');
const { createPart } = require('vayu:cheerio/pseudos');

const NAME = /(?:\\[0-9a-f]{1,6}\s?|\\[^]|[\w-]|[^\x00-\x7f])+/iy;
const OPERATOR = /\s*([~|^$*!]?=)\s*/y;
const QUOTED = /"((?:\\[^]|[^"\\])*)"|'((?:\\[^]|[^'\\])*)'/y;

const inScope = (node, scope) => scope.has(node);

function unescape(name) {
  return name.replace(/\\(?:([0-9a-f]{1,6})\s?|([^]))/gi, (match, code, character) => {
    return code ? String.fromCodePoint(parseInt(code, 16)) : character;
  });
}

function attributeTest(name, operator, expected, ignoreCase) {
  const wanted = ignoreCase ? expected.toLowerCase() : expected;
  const compare = {
    '=': (value) => value === wanted,
    '~=': (value) => wanted !== '' && value.split(/\s+/).includes(wanted),
    '|=': (value) => value === wanted || value.startsWith(`${wanted}-`),
    '^=': (value) => wanted !== '' && value.startsWith(wanted),
    '$=': (value) => wanted !== '' && value.endsWith(wanted),
    '*=': (value) => wanted !== '' && value.includes(wanted),
  };
  const test = compare[operator === '!=' ? '=' : operator];
  const holds = (node) => {
    const value = getAttribute(node, name);
    return value !== undefined && test(ignoreCase ? value.toLowerCase() : value);
  };
  return operator === '!=' ? (node) => !holds(node) : holds;
}

class SelectorReader {
  constructor(text, xml) {
    this.text = text;
    this.xml = xml;
    this.position = 0;
  }

  fail(reason) {
    throw new Error(`cheerio: the selector "${this.text}" is not supported: ${reason}`);
  }

  take(pattern) {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text);
    if (found) this.position = pattern.lastIndex;
    return found;
  }

  takeName(what) {
    const found = this.take(NAME);
    if (!found) this.fail(`${what} expected at position ${this.position}`);
    return unescape(found[0]);
  }

  cased(name) {
    return this.xml ? name : name.toLowerCase();
  }

  // A relative selector, as in :has(), starts from the scope even if no combinator is written.
  readList(relative) {
    const alternatives = [];
    do alternatives.push(this.readAlternative(relative));
    while (this.take(/,/y));
    if (this.position < this.text.length) this.fail(`unexpected "${this.text[this.position]}"`);
    return alternatives;
  }

  readAlternative(relative) {
    this.take(/\s*/y);
    const steps = [];
    let combinator = this.readCombinator();
    if (combinator || relative) steps.push({ combinator: null, parts: [inScope] });
    if (relative) combinator ??= ' ';
    do {
      steps.push({ combinator, parts: this.readCompound() });
      combinator = this.readCombinator();
    } while (combinator);
    return steps;
  }

  readCombinator() {
    const written = this.take(/\s*([>+~])\s*/y);
    if (written) return written[1];
    const space = this.take(/\s+/y);
    return space && this.position < this.text.length && this.text[this.position] !== ',' ? ' ' : null;
  }

  readCompound() {
    const parts = [isTag];
    const start = this.position;
    const name = this.take(/\*/y) ? '*' : this.take(NAME)?.[0];
    if (this.text[this.position] === '|') this.fail('namespaces');
    if (name && name !== '*') parts.push(this.tagTest(this.cased(unescape(name))));
    for (let part = this.readPart(); part; part = this.readPart()) parts.push(part);
    if (this.position === start) this.fail(`a name expected at position ${start}`);
    return parts;
  }

  tagTest(name) {
    return (node) => node.name === name;
  }

  readPart() {
    const mark = this.take(/[#.[:]/y)?.[0];
    if (mark === '#') return attributeTest('id', '=', this.takeName('an id'), false);
    if (mark === '.') return attributeTest('class', '~=', this.takeName('a class'), false);
    if (mark === '[') return this.readAttribute();
    if (mark === ':') return this.readPseudo();
    return undefined;
  }

  readAttribute() {
    this.take(/\s*/y);
    const name = this.cased(this.takeName('an attribute name'));
    const operator = this.take(OPERATOR)?.[1];
    const value = operator ? this.readValue() : undefined;
    const ignoreCase = operator ? this.take(/\s*([is])(?=\s*\])/iy)?.[1].toLowerCase() === 'i' : false;
    if (!this.take(/\s*\]/y)) this.fail(`"]" expected at position ${this.position}`);
    if (!operator) return (node) => getAttribute(node, name) !== undefined;
    return attributeTest(name, operator, value, ignoreCase);
  }

  readValue() {
    const quoted = this.take(QUOTED);
    return quoted ? unescape(quoted[1] ?? quoted[2]) : this.takeName('a value');
  }

  readPseudo() {
    if (this.text[this.position] === ':') this.fail('pseudo-elements');
    const name = this.takeName('a pseudo-class').toLowerCase();
    const argument = this.take(/\(/y) ? this.readArgument() : undefined;
    const part = createPart(name, argument, (text, relative) => compile(text, this.xml, relative));
    return part ?? this.fail(`:${name}${argument === undefined ? '' : '(...)'}`);
  }

  // Returns the text up to the closing parenthesis; quoted parentheses do not count.
  readArgument() {
    const start = this.position;
    let open = 1;
    while (open > 0) {
      if (this.position >= this.text.length) this.fail('a parenthesis is not closed');
      if (this.take(QUOTED) || this.take(/\\[^]/y)) continue;
      const character = this.text[this.position];
      if (character === '(') open += 1;
      else if (character === ')') open -= 1;
      this.position += 1;
    }
    return this.text.slice(start, this.position - 1).trim();
  }
}

function compile(text, xml, relative = false) {
  return new SelectorReader(text.trim(), xml).readList(relative);
}

module.exports = { compile };
