// The nodes of a document and their operations: linking, removal, copying, reading their text, and traversal
// in document order. Nodes have the names that scripts know: type, name, attribs, children, parent, prev,
// next, data, and read-only DOM names such as tagName and parentNode. All traversals follow the links between
// nodes and never recurse, so that a deep document uses no stack.

class Node {
  constructor(type, data) {
    this.type = type;
    if (data !== undefined) this.data = data;
    this.parent = null;
    this.prev = null;
    this.next = null;
  }

  get parentNode() {
    return this.parent;
  }

  get previousSibling() {
    return this.prev;
  }

  get nextSibling() {
    return this.next;
  }

  get nodeValue() {
    return this.data;
  }

  get nodeType() {
    if (isTag(this)) return 1;
    return { text: 3, cdata: 4, comment: 8, root: 9, directive: 10 }[this.type];
  }
}

class Element extends Node {
  constructor(type, name, attribs) {
    super(type);
    this.name = name;
    this.attribs = attribs;
    this.children = [];
  }

  get tagName() {
    return this.name;
  }

  get childNodes() {
    return this.children;
  }

  get firstChild() {
    return this.children[0] ?? null;
  }

  get lastChild() {
    return this.children.at(-1) ?? null;
  }
}

const isTag = (node) => node.type === 'tag' || node.type === 'script' || node.type === 'style';
const isNode = (value) => value instanceof Node;
const createRoot = () => new Element('root', 'root', {});

function createElement(name, attribs) {
  return new Element(name === 'script' || name === 'style' ? name : 'tag', name, attribs);
}

// An assignment to the name __proto__ would change the prototype.
function setAttribute(attribs, name, value) {
  Object.defineProperty(attribs, name, { value, writable: true, enumerable: true, configurable: true });
}

function getAttribute(node, name) {
  return node.attribs && Object.hasOwn(node.attribs, name) ? node.attribs[name] : undefined;
}

// Returns the node after this one in document order, within the subtree of `top`; null at its end.
function following(node, top) {
  if (node.children && node.children.length > 0) return node.children[0];
  for (let current = node; current && current !== top; current = current.parent) {
    if (current.next) return current.next;
  }
  return null;
}

function appendChild(parent, node) {
  const last = parent.children.at(-1);
  node.parent = parent;
  node.prev = last ?? null;
  node.next = null;
  if (last) last.next = node;
  parent.children.push(node);
}

// Removes all nodes in one pass, because each change of a list of children costs its length.
function detach(nodes) {
  const gone = new Set(nodes);
  const parents = new Set();
  for (const node of gone) {
    if (!node.parent) continue;
    parents.add(node.parent);
    if (node.prev) node.prev.next = node.next;
    if (node.next) node.next.prev = node.prev;
    node.parent = node.prev = node.next = null;
  }
  for (const parent of parents) parent.children = parent.children.filter((child) => !gone.has(child));
}

function removeChildren(parent) {
  for (const child of parent.children) child.parent = child.prev = child.next = null;
  parent.children = [];
}

function contains(ancestor, node) {
  if (!node) return false;
  for (let current = node.parent; current; current = current.parent) {
    if (current === ancestor) return true;
  }
  return false;
}

function relink(parent, from, to) {
  for (let i = Math.max(from, 0); i < to; i++) {
    const child = parent.children[i];
    child.parent = parent;
    child.prev = parent.children[i - 1] ?? null;
    child.next = parent.children[i + 1] ?? null;
  }
}

// Moves nodes into parent, before `reference`, or to the end if that is null.
function insert(parent, nodes, reference) {
  const moved = new Set(nodes);
  for (let current = parent; current; current = current.parent) {
    if (moved.has(current)) throw new Error('cheerio: an element cannot be put into itself');
  }
  let before = reference;
  while (before && moved.has(before)) before = before.next;
  detach(moved);
  if (!before) {
    for (const node of moved) appendChild(parent, node);
    return;
  }
  const index = parent.children.indexOf(before);
  parent.children = parent.children.slice(0, index).concat([...moved], parent.children.slice(index));
  relink(parent, index - 1, index + moved.size + 1);
}

function replaceChildren(parent, nodes) {
  removeChildren(parent);
  insert(parent, nodes, null);
}

function shallowCopy(node) {
  if (!node.children) {
    const copy = new Node(node.type, node.data);
    if (node.name !== undefined) copy.name = node.name;
    return copy;
  }
  return new Element(node.type, node.name, { ...node.attribs });
}

function clone(node) {
  const top = shallowCopy(node);
  const pending = [[node, top]];
  while (pending.length > 0) {
    const [from, to] = pending.pop();
    for (const child of from.children ?? []) {
      const copy = shallowCopy(child);
      appendChild(to, copy);
      if (child.children) pending.push([child, copy]);
    }
  }
  return top;
}

function textOf(top) {
  if (top.type === 'text') return top.data;
  const texts = [];
  for (let node = following(top, top); node; node = following(node, top)) {
    if (node.type === 'text') texts.push(node.data);
  }
  return texts.join('');
}

function rootOf(node) {
  let current = node;
  while (current.parent) current = current.parent;
  return current;
}

// Returns each node once, in document order; nodes of different trees in the order in which the trees occur.
function uniqueSorted(nodes) {
  const wanted = new Set(nodes);
  if (wanted.size < 2) return [...wanted];
  const sorted = [];
  const visit = (node) => wanted.delete(node) && sorted.push(node);
  for (const root of new Set([...wanted].map(rootOf))) {
    visit(root);
    for (let node = following(root, root); node && wanted.size > 0; node = following(node, root)) visit(node);
  }
  return sorted;
}

module.exports = {
  Node,
  Element,
  isTag,
  isNode,
  createRoot,
  createElement,
  setAttribute,
  getAttribute,
  following,
  appendChild,
  detach,
  removeChildren,
  contains,
  insert,
  replaceChildren,
  clone,
  textOf,
  uniqueSorted,
};
