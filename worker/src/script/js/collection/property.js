// The common part of collection members, requests and responses: an id, a name, a description and whether
// they are disabled, the object that contains them, and a plain copy for JSON. substitution.js replaces
// variables in strings; it is loaded when a script uses it.

class PostmanPropertyDescription {
  constructor(definition) {
    this.update(definition);
  }

  update(content, type) {
    const given = content !== null && typeof content === 'object' ? content : { content, type };
    this.content = given.content;
    this.type = given.type || 'text/plain';
  }

  toString() {
    return String(this.content ?? '');
  }

  toJSON() {
    return { content: this.content, type: this.type };
  }
}

const isObject = (value) => value !== null && typeof value === 'object';

function plain(value) {
  if (!isObject(value)) return value;
  if (typeof value.toJSON === 'function') return value.toJSON();
  if (Array.isArray(value)) return value.map(plain);
  const copy = {};
  for (const key of Object.keys(value)) {
    if (value[key] !== undefined && typeof value[key] !== 'function') copy[key] = plain(value[key]);
  }
  return copy;
}

// The key under which an object keeps its container.
const PARENT = Symbol('parent');

const metaOf = (definition) => {
  const names = Object.keys(definition).filter((name) => name.length > 1 && name[0] === '_');
  return names.length
    ? Object.fromEntries(names.map((name) => [name.replace(/^_+/, ''), definition[name]]))
    : undefined;
};

// Lists have the singular as their key in JSON.
const jsonKey = (key, value) => (isObject(value) && value[IS_LIST] && key.endsWith('s') ? key.slice(0, -1) : key);

// The key under which lists have `true`.
const IS_LIST = Symbol('list');

class PropertyBase {
  constructor(definition) {
    if (!isObject(definition)) return;
    const meta = metaOf(definition.info ?? definition);
    if (meta !== undefined) this._ = meta;
  }

  setParent(parent) {
    Object.defineProperty(this, PARENT, { value: parent, writable: true, configurable: true });
  }

  get __parent() {
    return this[PARENT];
  }

  // Returns the object that contains it; lists in between do not count.
  parent() {
    const holder = this[PARENT];
    return (holder && (holder[PARENT] || holder)) || undefined;
  }

  forEachParent(options, iterator) {
    const call = typeof options === 'function' ? options : iterator;
    const withRoot = typeof options !== 'function' && isObject(options) && options.withRoot;
    if (typeof call !== 'function') return;
    for (let parent = this.parent(); parent; parent = parent.parent?.()) {
      if (withRoot || parent.parent?.()) call(parent);
    }
  }

  findParentContaining(property, customizer) {
    for (let owner = this; owner; owner = owner[PARENT]) {
      if (customizer ? customizer.call(this, owner) : owner[property]) return owner;
    }
    return undefined;
  }

  findInParents(property, customizer) {
    return this.findParentContaining(property, customizer)?.[property];
  }

  meta(...names) {
    if (names.length === 0) return this._ === undefined ? undefined : plain(this._);
    return Object.fromEntries(
      names
        .flat()
        .filter((name) => this._ && name in this._)
        .map((name) => [name, this._[name]]),
    );
  }

  toJSON() {
    const copy = {};
    for (const key of Object.keys(this)) {
      if (this[key] !== undefined) copy[jsonKey(key, this[key])] = plain(this[key]);
    }
    return copy;
  }
}

class PostmanProperty extends PropertyBase {
  constructor(definition) {
    super(definition);
    if (!isObject(definition)) return;
    const source = definition.info ?? definition;
    const id = source.id ?? this._?.postman_id;
    if (id) this.id = id;
    if (source.name) this.name = source.name;
    if (definition.disabled !== undefined) this.disabled = Boolean(definition.disabled);
    if (source.description !== undefined) this.description = new PostmanPropertyDescription(source.description);
  }

  // For classes whose members are identified by their id.
  giveId() {
    this.id ??= require('vayu:uuid').v4();
  }

  describe(content, type) {
    this.description ??= new PostmanPropertyDescription();
    this.description.update(content, type);
  }

  // Returns the variables in its strings, by name.
  findSubstitutions() {
    return PostmanProperty.findSubstitutions(this.toJSON());
  }

  // Returns a copy with the variables of the nearest list replaced, of this object or of one that contains
  // it.
  toObjectResolved(scope, overrides, options) {
    const reference = this.toJSON();
    if (Array.isArray(reference.variable)) delete reference.variable;
    if (options?.ignoreOwnVariables) return PostmanProperty.replaceSubstitutionsIn(reference, overrides);
    let owner = scope || this;
    while (owner && !owner.variables) owner = owner[PARENT];
    if (!owner) {
      throw new Error('Unable to resolve variables. Require a List type property for variable auto resolution.');
    }
    return owner.variables.substitute(reference, overrides);
  }

  static replaceSubstitutions(text, ...sources) {
    if (typeof text !== 'string' || text === '') return text;
    return require('vayu:collection/substitution').replaceIn(text, Array.isArray(sources[0]) ? sources[0] : sources);
  }

  static replaceSubstitutionsIn(value, sources) {
    if (!isObject(value)) return value;
    const replaced = require('vayu:collection/substitution').replaceWithin(value, sources);
    // For an array, Postman returns an object with its members.
    return Array.isArray(replaced) ? { ...replaced } : replaced;
  }

  static findSubstitutions(value) {
    return require('vayu:collection/substitution').find(value);
  }
}

module.exports = {
  PropertyBase,
  Property: PostmanProperty,
  Description: PostmanPropertyDescription,
  plain,
  isObject,
  IS_LIST,
  PARENT,
};
