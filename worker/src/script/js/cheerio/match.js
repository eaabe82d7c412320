// Matches nodes against compiled selectors (see selector.js), from the last step back to the first, and
// applies positions such as :first to the nodes found up to them.

const { isTag, following, uniqueSorted } = require('vayu:cheerio/dom');

const passes = (node, { parts }, scope) => parts.every((part) => part(node, scope));

// Result of an attempt. A failure says where another attempt may still succeed: at an earlier sibling or an
// ancestor, at an ancestor only, or nowhere. That prevents long selectors from trying every combination of
// ancestors.
const MATCHED = 0;
const RETRY = 1;
const RETRY_ABOVE = 2;
const NEVER = 3;

function outcome(node, steps, index, scope) {
  if (!passes(node, steps[index], scope)) return RETRY;
  if (index === 0) return MATCHED;
  const { combinator } = steps[index];
  const link = combinator === '+' || combinator === '~' ? 'prev' : 'parent';
  for (let other = node[link]; other; other = other[link]) {
    if (link === 'prev' && !isTag(other)) continue;
    const result = outcome(other, steps, index - 1, scope);
    if (result === MATCHED || result === NEVER || combinator === '+') return result;
    if (combinator === '>' || (combinator === '~' && result === RETRY_ABOVE)) return RETRY_ABOVE;
  }
  return link === 'prev' ? RETRY_ABOVE : NEVER;
}

const matches = (node, steps, scope) => outcome(node, steps, steps.length - 1, scope) === MATCHED;
const matchesAny = (node, alternatives, scope) => alternatives.some((steps) => matches(node, steps, scope));

const hasPosition = ({ parts }) => parts.some((part) => part.position);

// Resolves everything up to the last position of the step at `index`, and returns a list of nodes.
function resolveStep(candidates, steps, index, scope) {
  const { combinator, parts } = steps[index];
  const first = parts.findIndex((part) => part.position);
  const plain = [...steps.slice(0, index), { combinator, parts: parts.slice(0, first) }];
  let found = candidates.filter((node) => matches(node, plain, scope));
  for (const part of parts.slice(first)) {
    found = part.position ? part.position(found) : found.filter((node) => part(node, scope));
  }
  return found;
}

function resolve(candidates, steps, scope) {
  const index = steps.findIndex(hasPosition);
  if (index < 0) return candidates.filter((node) => matches(node, steps, scope));
  const found = resolveStep(candidates, steps, index, scope);
  if (index === steps.length - 1) return found;
  const chosen = new Set(found);
  const rest = [{ combinator: null, parts: [(node) => chosen.has(node)] }, ...steps.slice(index + 1)];
  return resolve(candidates, rest, scope);
}

function filterNodes(candidates, alternatives, scope) {
  if (!alternatives.some((steps) => steps.some(hasPosition))) {
    return candidates.filter((node) => matchesAny(node, alternatives, scope));
  }
  const found = new Set(alternatives.flatMap((steps) => resolve(candidates, steps, scope)));
  return candidates.filter((node) => found.has(node));
}

// Returns all elements below the contexts, each once, in document order.
function elementsBelow(contexts) {
  const elements = [];
  const seen = new Set();
  for (const top of uniqueSorted(contexts)) {
    if (seen.has(top)) continue;
    for (let node = following(top, top); node; node = following(node, top)) {
      if (!isTag(node)) continue;
      seen.add(node);
      elements.push(node);
    }
  }
  return elements;
}

const select = (alternatives, contexts) =>
  filterNodes(elementsBelow(contexts), alternatives, new Set(contexts));

// Keeps the matching nodes of a list. Steps before a position would need the document, not the list.
function filter(alternatives, nodes) {
  if (alternatives.some((steps) => steps.slice(0, -1).some(hasPosition))) {
    throw new Error('cheerio: a position such as :first is supported at the end of a filter only');
  }
  return filterNodes(nodes.filter(isTag), alternatives, new Set());
}

module.exports = { select, filter, matchesAny };
