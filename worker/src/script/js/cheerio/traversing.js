// The methods of a selection that lead to other nodes of the tree. Parents and preceding siblings come
// nearest first; for several elements, in reverse document order.

const { isTag, isNode, uniqueSorted } = require('vayu:cheerio/dom');

const unique = (nodes) => [...new Set(nodes)];
const elements = (selection) => selection.get().filter(isTag);

function along(node, link, stop) {
  const nodes = [];
  for (let other = node[link]; other && !stop(other); other = other[link]) {
    if (isTag(other)) nodes.push(other);
  }
  return nodes;
}

const never = () => false;

// Returns a test for the node at which nextUntil and similar methods stop.
function stopAt(selection, end) {
  if (end === undefined || end === null) return never;
  if (typeof end === 'string') return (node) => isTag(node) && selection._kept([node], end).length > 0;
  const ends = new Set(isNode(end) ? [end] : end);
  return (node) => ends.has(node);
}

function collect(selection, link, stop, criterion) {
  const nodes = unique(selection.get().flatMap((node) => along(node, link, stop)));
  const backwards = link !== 'next' && selection.length > 1;
  return selection._filtered(backwards ? uniqueSorted(nodes).reverse() : nodes, criterion);
}

function nearest(selection, link, criterion) {
  const nodes = selection.get().flatMap((node) => {
    let other = node[link];
    while (other && !isTag(other)) other = other[link];
    return other ? [other] : [];
  });
  return selection._filtered(unique(nodes), criterion);
}

module.exports = {
  find(target) {
    if (!target) return this._make([]);
    if (typeof target === 'string') return this._make(this._select(target));
    const wanted = isNode(target) ? [target] : Array.from(target);
    const within = (node) => this.get().some((top) => this._document.$.contains(top, node));
    return this._make(wanted.filter(within));
  },

  children(criterion) {
    const nodes = this.get().flatMap((node) => (node.children ?? []).filter(isTag));
    return this._filtered(nodes, criterion);
  },

  contents() {
    return this._make(this.get().flatMap((node) => node.children ?? []));
  },

  parent(criterion) {
    const parents = this.get().map((node) => node.parent);
    return this._filtered(unique(parents.filter((parent) => parent && isTag(parent))), criterion);
  },

  parents(criterion) {
    return collect(this, 'parent', never, criterion);
  },

  parentsUntil(end, criterion) {
    return collect(this, 'parent', stopAt(this, end), criterion);
  },

  closest(criterion) {
    if (!criterion) return this._make([]);
    const nodes = this.get().map((node) => {
      const line = isTag(node) ? [node, ...along(node, 'parent', never)] : along(node, 'parent', never);
      return line.find((other) => this._kept([other], criterion).length > 0);
    });
    return this._make(unique(nodes.filter((node) => node !== undefined)));
  },

  siblings(criterion) {
    const nodes = elements(this).flatMap((node) => {
      return node.parent ? node.parent.children.filter((other) => isTag(other) && other !== node) : [];
    });
    return this._filtered(this.length > 1 ? uniqueSorted(nodes) : nodes, criterion);
  },

  next(criterion) {
    return nearest(this, 'next', criterion);
  },

  nextAll(criterion) {
    return collect(this, 'next', never, criterion);
  },

  nextUntil(end, criterion) {
    return collect(this, 'next', stopAt(this, end), criterion);
  },

  prev(criterion) {
    return nearest(this, 'prev', criterion);
  },

  prevAll(criterion) {
    return collect(this, 'prev', never, criterion);
  },

  prevUntil(end, criterion) {
    return collect(this, 'prev', stopAt(this, end), criterion);
  },
};
