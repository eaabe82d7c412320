// Converts a tree of the host's XML parser, ["name", [["attribute", "value"], ...], [child, ...]], to the
// objects of xml2js: attributes under attrkey, text under charkey, children under their names.

const { normalize } = require('vayu:xml/processors');

const apply = (processors, value, name) =>
  processors ? processors.reduce((current, process) => process(current, name), value) : value;

// An assignment to the name __proto__ would change the prototype.
function put(object, name, value) {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

function add(object, name, value, options) {
  if (!Object.hasOwn(object, name)) put(object, name, options.explicitArray ? [value] : value);
  else if (Array.isArray(object[name])) object[name].push(value);
  else put(object, name, [object[name], value]);
}

function addAttributes(object, attributes, options) {
  if (options.ignoreAttrs || attributes.length === 0) return;
  if (!options.mergeAttrs) put(object, options.attrkey, {});
  for (const [name, text] of attributes) {
    const value = apply(options.attrValueProcessors, text, name);
    const key = apply(options.attrNameProcessors, name, undefined);
    if (options.mergeAttrs) add(object, key, value, options);
    else put(object[options.attrkey], key, value);
  }
}

function cleaned(text, options) {
  const trimmed = options.trim ? text.trim() : text;
  return options.normalize ? trimmed.replace(/\s{2,}/g, ' ').trim() : trimmed;
}

function emptyValue(blank, options) {
  if (typeof options.emptyTag === 'function') return options.emptyTag();
  return options.emptyTag !== '' ? options.emptyTag : blank;
}

// Children go into an object of their own, next to the attributes and the text.
function withChildren(object, { attrkey, charkey, childkey }) {
  const node = {};
  for (const key of [attrkey, charkey]) {
    if (!Object.hasOwn(object, key)) continue;
    node[key] = object[key];
    delete object[key];
  }
  if (Object.keys(object).length > 0) node[childkey] = object;
  return node;
}

function elementToValue([, attributes, children], name, options) {
  let object = {};
  let text = '';
  let hasCdata = false;
  // The text precedes the children, although its value is known only at the end.
  put(object, options.charkey, '');
  addAttributes(object, attributes, options);
  for (const child of children) {
    if (Array.isArray(child)) {
      const childName = tagName(child, options);
      add(object, childName, elementToValue(child, childName, options), options);
    } else {
      text += typeof child === 'string' ? child : child.cdata;
      hasCdata ||= typeof child !== 'string' && child.cdata !== '';
    }
  }
  if (/^\s*$/.test(text) && !hasCdata) {
    delete object[options.charkey];
  } else {
    put(object, options.charkey, apply(options.valueProcessors, cleaned(text, options), name));
    if (Object.keys(object).length === 1 && !options.explicitCharkey) return object[options.charkey];
  }
  if (Object.keys(object).length === 0) object = emptyValue(text, options);
  return options.explicitChildren && !options.mergeAttrs && object !== null && typeof object === 'object'
    ? withChildren(object, options)
    : object;
}

function tagName([name], options) {
  return apply(options.tagNameProcessors, options.normalizeTags ? normalize(name) : name, undefined);
}

function treeToObject(tree, options) {
  const name = tagName(tree, options);
  const value = elementToValue(tree, name, options);
  if (!options.explicitRoot) return value;
  const root = {};
  put(root, name, value);
  return root;
}

module.exports = { treeToObject };
