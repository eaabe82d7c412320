// The methods of a selection for attributes, properties, data and classes. prop('style') is not supported;
// styles are in styles.js.

const { isTag, getAttribute, setAttribute, textOf } = require('vayu:cheerio/dom');
const { serialize } = require('vayu:cheerio/serialize');

const BOOLEAN = new RegExp(
  '^(?:autofocus|autoplay|async|checked|controls|defer|disabled|hidden|loop|multiple|open|readonly|required' +
    '|scoped|selected)$',
  'i'
);

// Values passed to data() for a node. Values that it reads from attributes are not stored.
const given = new WeakMap();

const elements = (selection) => selection.get().filter(isTag);
const isObject = (value) => value !== null && typeof value === 'object';
const words = (text) => text.split(/\s+/).filter((word) => word !== '');

// Runs `set(node, name, value)` for one name and value, a function of the old value, or an object of them.
function assign(selection, name, value, read, set) {
  const pairs = isObject(name) ? Object.entries(name) : [[name, value]];
  elements(selection).forEach((node, i) => {
    for (const [key, wanted] of pairs) {
      set(node, key, typeof wanted === 'function' ? wanted.call(node, i, read(node, key)) : wanted);
    }
  });
  return selection;
}

function writeAttribute(node, name, value) {
  if (value === null) delete node.attribs[name];
  else setAttribute(node.attribs, name, String(value));
}

// A property belongs to the node only: attributes do not change.
function writeProperty(node, name, value) {
  node[name] = BOOLEAN.test(name) ? Boolean(value) : value;
}

function readProperty(node, name, options) {
  if (name === 'style') {
    throw new Error("cheerio: prop('style') is not supported by this engine; see docs/scripting.md");
  }
  if (name === 'tagName' || name === 'nodeName') return node.name.toUpperCase();
  if (name === 'outerHTML') return serialize([node], options);
  if (name === 'innerHTML') return serialize(node.children, options);
  if (name === 'textContent' || name === 'innerText') return textOf(node);
  if (Object.hasOwn(node, name)) return node[name];
  const value = getAttribute(node, name);
  return BOOLEAN.test(name) ? value !== undefined : value;
}

function parseData(text) {
  if (text === 'null') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  if (String(Number(text)) === text) return Number(text);
  if (!/^(?:\{[^]*\}|\[[^]*\])$/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const camelCase = (name) => name.replace(/-([a-z])/g, (match, letter) => letter.toUpperCase());
const dashed = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function allData(node) {
  const data = {};
  for (const [name, value] of Object.entries(node.attribs)) {
    if (name.startsWith('data-')) setAttribute(data, camelCase(name.slice(5)), parseData(value));
  }
  for (const [name, value] of given.get(node) ?? []) setAttribute(data, name, value);
  return data;
}

function readData(node, name) {
  const key = camelCase(name);
  if (given.get(node)?.has(key)) return given.get(node).get(key);
  const value = getAttribute(node, `data-${dashed(name)}`);
  return value === undefined ? undefined : parseData(value);
}

function writeData(node, name, value) {
  if (!given.has(node)) given.set(node, new Map());
  given.get(node).set(camelCase(name), value);
}

// Runs change(list, word) for each word that is given or returned by a function of the old value.
function changeClasses(selection, value, change) {
  elements(selection).forEach((node, i) => {
    const old = getAttribute(node, 'class') ?? '';
    const wanted = typeof value === 'function' ? value.call(node, i, old) : value;
    const list = new Set(words(old));
    for (const word of words(String(wanted ?? ''))) change(list, word);
    if (list.size > 0 || old !== '') setAttribute(node.attribs, 'class', [...list].join(' '));
  });
  return selection;
}

module.exports = {
  attr(name, value) {
    if (isObject(name) || value !== undefined) return assign(this, name, value, getAttribute, writeAttribute);
    const node = this[0];
    if (!node || !isTag(node)) return undefined;
    if (name === undefined) return { ...node.attribs };
    const found = getAttribute(node, name);
    return found !== undefined && BOOLEAN.test(name) && !this.options.xmlMode ? name : found;
  },

  removeAttr(names) {
    for (const node of elements(this)) for (const name of words(names)) delete node.attribs[name];
    return this;
  },

  prop(name, value) {
    const read = (node, key) => readProperty(node, key, this.options);
    if (isObject(name) || value !== undefined) return assign(this, name, value, read, writeProperty);
    const node = this[0];
    return node && isTag(node) ? read(node, name) : undefined;
  },

  data(name, value) {
    if (isObject(name) || value !== undefined) {
      const pairs = isObject(name) ? Object.entries(name) : [[name, value]];
      for (const node of elements(this)) for (const [key, wanted] of pairs) writeData(node, key, wanted);
      return this;
    }
    const node = this[0];
    if (!node || !isTag(node)) return undefined;
    return name === undefined ? allData(node) : readData(node, name);
  },

  hasClass(name) {
    return elements(this).some((node) => words(getAttribute(node, 'class') ?? '').includes(name));
  },

  addClass(value) {
    return changeClasses(this, value, (list, word) => list.add(word));
  },

  removeClass(value) {
    if (value === undefined) {
      for (const node of elements(this)) node.attribs.class = '';
      return this;
    }
    return changeClasses(this, value, (list, word) => list.delete(word));
  },

  toggleClass(value, state) {
    return changeClasses(this, value, (list, word) => {
      if (state ?? !list.has(word)) list.add(word);
      else list.delete(word);
    });
  },
};
