// The pseudo-classes of selectors: createPart(name, argument, compile) returns a test, a { position }, or
// undefined for an unknown name or an invalid argument. `compile` compiles an inner selector.

const { isTag, getAttribute, following, textOf } = require('vayu:cheerio/dom');
const { matchesAny } = require('vayu:cheerio/match');

const has = (node, name) => getAttribute(node, name) !== undefined;
const elementsOf = (parent) => (parent ? parent.children.filter(isTag) : []);
const input = (type) => (node) => node.name === 'input' && getAttribute(node, 'type')?.toLowerCase() === type;
const CONTROL = /^(?:input|select|textarea|button|option|optgroup|fieldset)$/;

// The first option of a select counts as selected if none is marked and only one can be.
function isSelected(node) {
  if (node.name !== 'option') return false;
  if (has(node, 'selected')) return true;
  let select = node.parent;
  while (select && select.name === 'optgroup') select = select.parent;
  if (!select || select.name !== 'select' || has(select, 'multiple')) return false;
  let first = null;
  for (let other = following(select, select); other; other = following(other, select)) {
    if (other.name !== 'option') continue;
    if (has(other, 'selected')) return false;
    first ??= other;
  }
  return first === node;
}

function alone(node, link, kind) {
  let other = node[link];
  while (other && !(isTag(other) && (kind === undefined || other.name === kind))) other = other[link];
  return !other;
}

function isButton(node) {
  return node.name === 'button' || input('button')(node);
}

function isTextField(node) {
  return node.name === 'input' && (!has(node, 'type') || input('text')(node));
}

const PLAIN = {
  root: (node) => node.parent === null || node.parent.type === 'root',
  empty: (node) => !node.children.some((child) => isTag(child) || child.type === 'text'),
  parent: (node) => node.children.some((child) => isTag(child) || child.type === 'text'),
  'first-child': (node) => alone(node, 'prev'),
  'last-child': (node) => alone(node, 'next'),
  'only-child': (node) => alone(node, 'prev') && alone(node, 'next'),
  'first-of-type': (node) => alone(node, 'prev', node.name),
  'last-of-type': (node) => alone(node, 'next', node.name),
  'only-of-type': (node) => alone(node, 'prev', node.name) && alone(node, 'next', node.name),
  scope: (node, scope) => scope.has(node),
  checked: (node) => (node.name === 'input' && has(node, 'checked')) || isSelected(node),
  selected: isSelected,
  disabled: (node) => CONTROL.test(node.name) && has(node, 'disabled'),
  enabled: (node) => CONTROL.test(node.name) && !has(node, 'disabled'),
  header: (node) => /^h[1-6]$/.test(node.name),
  input: (node) => /^(?:input|textarea|select|button)$/.test(node.name),
  button: isButton,
  text: isTextField,
  checkbox: input('checkbox'),
  radio: input('radio'),
  password: input('password'),
  file: input('file'),
  submit: input('submit'),
  reset: input('reset'),
  image: input('image'),
};

function parseNth(text) {
  const formula = text.toLowerCase().replace(/\s+/g, '');
  if (formula === 'odd') return [2, 1];
  if (formula === 'even') return [2, 0];
  const found = /^([+-]?\d*)n([+-]\d+)?$/.exec(formula);
  if (found) return [/\d/.test(found[1]) ? Number(found[1]) : Number(`${found[1]}1`), Number(found[2] ?? 0)];
  if (/^[+-]?\d+$/.test(formula)) return [0, Number(formula)];
  throw new Error(`cheerio: "${text}" is not a valid argument of :nth-child()`);
}

// The positions of all children of a parent are counted once per selection.
function nth({ fromEnd, ofType }) {
  return (argument) => {
    const [step, offset] = parseNth(argument);
    const counted = new Map();
    const count = (parent) => {
      const places = new Map();
      const seen = new Map();
      const elements = elementsOf(parent);
      for (const element of fromEnd ? elements.reverse() : elements) {
        const kind = ofType ? element.name : '';
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
        places.set(element, seen.get(kind));
      }
      counted.set(parent, places);
      return places;
    };
    return (node) => {
      const distance = (counted.get(node.parent) ?? count(node.parent)).get(node) - offset;
      return step === 0 ? distance === 0 : distance % step === 0 && distance / step >= 0;
    };
  };
}

function unquoted(text) {
  const found = /^(?:"([^]*)"|'([^]*)')$/.exec(text);
  return (found ? (found[1] ?? found[2]) : text).replace(/\\([^])/g, '$1');
}

function contains(argument) {
  const wanted = unquoted(argument);
  return (node) => textOf(node).includes(wanted);
}

function anyOf(argument, compile) {
  const alternatives = withoutPositions(compile(argument), argument);
  return (node, scope) => matchesAny(node, alternatives, scope);
}

function noneOf(argument, compile) {
  const matches = anyOf(argument, compile);
  return (node, scope) => !matches(node, scope);
}

function hasWithin(argument, compile) {
  const alternatives = withoutPositions(compile(argument, true), argument);
  const beside = alternatives.some((steps) => /[+~]/.test(steps[1].combinator));
  return (node) => {
    const scope = new Set([node]);
    const top = beside ? node.parent : node;
    for (let other = following(top, top); other; other = following(other, top)) {
      if (matchesAny(other, alternatives, scope)) return true;
    }
    return false;
  };
}

function withoutPositions(alternatives, text) {
  if (alternatives.some((steps) => steps.some(({ parts }) => parts.some((part) => part.position)))) {
    throw new Error(`cheerio: positions such as :first are not supported within :not(): ${text}`);
  }
  return alternatives;
}

const WITH_ARGUMENT = {
  'nth-child': nth({ fromEnd: false, ofType: false }),
  'nth-last-child': nth({ fromEnd: true, ofType: false }),
  'nth-of-type': nth({ fromEnd: false, ofType: true }),
  'nth-last-of-type': nth({ fromEnd: true, ofType: true }),
  contains,
  not: noneOf,
  is: anyOf,
  matches: anyOf,
  where: anyOf,
  has: hasWithin,
};

const POSITIONS = {
  first: (nodes) => nodes.slice(0, 1),
  last: (nodes) => nodes.slice(-1),
  even: (nodes) => nodes.filter((node, i) => i % 2 === 0),
  odd: (nodes) => nodes.filter((node, i) => i % 2 === 1),
};

const POSITIONS_WITH_NUMBER = {
  eq: (nodes, n) => nodes.filter((node, i) => i === (n < 0 ? n + nodes.length : n)),
  gt: (nodes, n) => nodes.filter((node, i) => i > (n < 0 ? n + nodes.length : n)),
  lt: (nodes, n) => nodes.filter((node, i) => i < (n < 0 ? n + nodes.length : n)),
};

const own = (table, name) => (Object.hasOwn(table, name) ? table[name] : undefined);

function createPart(name, argument, compile) {
  if (argument === undefined) {
    const pick = own(POSITIONS, name);
    return pick ? { position: pick } : own(PLAIN, name);
  }
  const pick = /^[+-]?\d+$/.test(argument) && own(POSITIONS_WITH_NUMBER, name);
  if (pick) return { position: (nodes) => pick(nodes, Number(argument)) };
  return own(WITH_ARGUMENT, name)?.(argument, compile);
}

module.exports = { createPart };
