// The methods of a selection that read or change text and markup, and that add, move, copy or remove nodes.
// Content is markup, a node, a selection, a list of these, or a function of the index and the current
// content. If there are several targets, the content itself goes to the last one and copies go to the others.

const dom = require('vayu:cheerio/dom');
const { serialize } = require('vayu:cheerio/serialize');

function toNodes(selection, content) {
  if (content === null || content === undefined) return [];
  if (dom.isNode(content)) return content.type === 'root' ? [...content.children] : [content];
  if (typeof content === 'object') {
    return Array.from(content).flatMap((part) => toNodes(selection, part));
  }
  return selection._document.$.parseHTML(String(content), true) ?? [];
}

// Calls place(target, nodes) for each target. `present` returns the nodes that a function receives as the
// current content, as markup; undefined if the node cannot be a target.
function put(selection, contents, present, place) {
  const targets = selection.get().filter((node) => present(node) !== undefined);
  const [make] = contents;
  const shared = typeof make === 'function' ? null : toNodes(selection, contents);
  targets.forEach((target, i) => {
    const last = i === targets.length - 1;
    const nodes = shared
      ? shared.map((node) => (last ? node : dom.clone(node)))
      : toNodes(selection, make.call(target, i, serialize(present(target), selection.options)));
    place(target, nodes);
  });
  return selection;
}

const inside = (node) => node.children;
const beside = (node) => (node.parent ? [node] : undefined);

// Returns the inserted nodes of all targets, for appendTo and similar methods.
function putInto(selection, target, method) {
  const targets = selection._document.$(target);
  const placed = targets.get().flatMap((node, i) => {
    const nodes = selection.get().map((part) => (i === targets.length - 1 ? part : dom.clone(part)));
    selection._make([node])[method](nodes);
    return nodes;
  });
  return selection._make(placed);
}

function setText(node, text) {
  dom.replaceChildren(node, [new dom.Node('text', text)]);
}

module.exports = {
  text(value) {
    if (value === undefined) return this.get().map(dom.textOf).join('');
    const targets = this.get().filter(inside);
    targets.forEach((node, i) => {
      const text = typeof value === 'function' ? value.call(node, i, dom.textOf(node)) : value;
      setText(node, String(text ?? ''));
    });
    return this;
  },

  html(value) {
    if (value === undefined || value === null) {
      return this[0]?.children ? serialize(this[0].children, this.options) : null;
    }
    return put(this, [value], inside, dom.replaceChildren);
  },

  append(...contents) {
    return put(this, contents, inside, (target, nodes) => dom.insert(target, nodes, null));
  },

  prepend(...contents) {
    return put(this, contents, inside, (target, nodes) => dom.insert(target, nodes, target.firstChild));
  },

  before(...contents) {
    return put(this, contents, beside, (target, nodes) => dom.insert(target.parent, nodes, target));
  },

  after(...contents) {
    return put(this, contents, beside, (target, nodes) => dom.insert(target.parent, nodes, target.next));
  },

  replaceWith(content) {
    return put(this, [content], beside, (target, nodes) => {
      dom.insert(target.parent, nodes, target);
      if (!nodes.includes(target)) dom.detach([target]);
    });
  },

  appendTo(target) {
    return putInto(this, target, 'append');
  },

  prependTo(target) {
    return putInto(this, target, 'prepend');
  },

  insertBefore(target) {
    return putInto(this, target, 'before');
  },

  insertAfter(target) {
    return putInto(this, target, 'after');
  },

  remove(selector) {
    dom.detach(selector === undefined ? this : this.filter(selector));
    return this;
  },

  empty() {
    for (const node of this.get().filter(inside)) dom.removeChildren(node);
    return this;
  },

  clone() {
    return this._make(this.get().map(dom.clone));
  },
};
