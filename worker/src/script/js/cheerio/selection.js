// The selection that $() returns: an array-like, iterable list of nodes, with the methods that filter and
// iterate over them. The other methods are in traversing.js, attributes.js, forms.js and manipulation.js.
// Each document has its own class (see index.js), whose prototype is $.fn and holds its options and root as
// _document. Unsupported methods throw an Error that says so.

const { isTag, isNode, contains, uniqueSorted } = require('vayu:cheerio/dom');
const { compile } = require('vayu:cheerio/selector');
const { select, filter } = require('vayu:cheerio/match');
const { serialize } = require('vayu:cheerio/serialize');

const LEFT_OUT = ['wrap', 'wrapAll', 'wrapInner', 'unwrap', 'extract'];

class Selection {
  constructor(nodes, previous) {
    this.length = nodes.length;
    for (let i = 0; i < nodes.length; i++) this[i] = nodes[i];
    Object.defineProperty(this, 'prevObject', { value: previous, writable: true, configurable: true });
  }

  get cheerio() {
    return '[cheerio object]';
  }

  get options() {
    return this._document.options;
  }

  [Symbol.iterator]() {
    return this.toArray()[Symbol.iterator]();
  }

  _make(nodes, previous = this) {
    return new this.constructor(nodes, previous);
  }

  _select(selector) {
    const alternatives = compile(selector, this.options.xmlMode);
    return select(
      alternatives,
      this.toArray().filter((node) => node.children)
    );
  }

  // Filters nodes by a function, a selector, a node or a list of nodes.
  _kept(nodes, criterion) {
    if (typeof criterion === 'function') return nodes.filter((node, i) => criterion.call(node, i, node));
    if (typeof criterion === 'string') return filter(compile(criterion, this.options.xmlMode), nodes);
    const wanted = new Set(isNode(criterion) ? [criterion] : Array.from(criterion ?? []));
    return nodes.filter((node) => wanted.has(node));
  }

  _filtered(nodes, criterion) {
    return this._make(criterion === undefined ? nodes : this._kept(nodes, criterion));
  }

  toArray() {
    return Array.from({ length: this.length }, (unused, i) => this[i]);
  }

  get(index) {
    if (index === undefined) return this.toArray();
    return this[index < 0 ? this.length + index : index];
  }

  each(visit) {
    for (let i = 0; i < this.length; i++) {
      if (visit.call(this[i], i, this[i]) === false) break;
    }
    return this;
  }

  map(convert) {
    const values = this.toArray().map((node, i) => convert.call(node, i, node));
    return this._make(values.filter((value) => value !== null && value !== undefined).flat());
  }

  filter(criterion) {
    return this._make(this._kept(this.toArray(), criterion));
  }

  not(criterion) {
    const dropped = new Set(this._kept(this.toArray(), criterion));
    return this._make(this.toArray().filter((node) => !dropped.has(node)));
  }

  is(criterion) {
    return Boolean(criterion) && this._kept(this.toArray(), criterion).length > 0;
  }

  has(criterion) {
    if (typeof criterion === 'string') {
      return this.filter((i, node) => this._make([node]).find(criterion).length > 0);
    }
    const wanted = isNode(criterion) ? [criterion] : Array.from(criterion);
    return this.filter((i, node) => wanted.some((other) => contains(node, other)));
  }

  first() {
    return this.eq(0);
  }

  last() {
    return this.eq(-1);
  }

  eq(index) {
    const node = this.get(Number(index));
    return this._make(node === undefined ? [] : [node]);
  }

  slice(start, end) {
    return this._make(this.toArray().slice(start, end));
  }

  index(target) {
    if (this.length === 0) return -1;
    if (target === undefined) {
      const { parent } = this[0];
      return !parent || parent.type === 'root' ? -1 : parent.children.filter(isTag).indexOf(this[0]);
    }
    if (typeof target === 'string') return this._document.$(target).get().indexOf(this[0]);
    return this.get().indexOf(isNode(target) ? target : target[0]);
  }

  add(other, context) {
    const added = this._document.$(other, context).get();
    return this._make(uniqueSorted([...this.get(), ...added]));
  }

  addBack(selector) {
    const previous = this.prevObject ?? this._make([]);
    return this.add(selector === undefined ? previous : previous.filter(selector));
  }

  end() {
    return this.prevObject ?? this._make([]);
  }

  toString() {
    return serialize(this.get(), this.options);
  }
}

function addMethods(methods) {
  for (const name of Object.keys(methods)) {
    Object.defineProperty(Selection.prototype, name, {
      value: methods[name],
      writable: true,
      configurable: true,
    });
  }
}

addMethods(require('vayu:cheerio/traversing'));
addMethods(require('vayu:cheerio/attributes'));
addMethods(require('vayu:cheerio/forms'));
addMethods(require('vayu:cheerio/styles'));
addMethods(require('vayu:cheerio/manipulation'));
for (const name of LEFT_OUT) {
  addMethods({
    [name]() {
      throw new Error(`cheerio: .${name}() is not supported by this engine; see docs/scripting.md`);
    },
  });
}

module.exports = Selection;
