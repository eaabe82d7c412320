// Variables, for example of a URL's path or an environment, lists of them, and `VariableScope`, a list with
// the getters and setters that scripts know from `pm.environment`. The scopes of `pm` are implemented by the
// engine (pm/scopes.js).

const { Property, isObject, plain } = require('vayu:collection/property');
const PropertyList = require('vayu:collection/property_list');

const same = (value) => value;

function asJson(value) {
  try {
    return typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return 'null';
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// The conversions with which a value of each type is stored and read.
const TYPES = {
  string: { in: String, out: String },
  boolean: { in: Boolean, out: Boolean },
  number: { in: Number, out: Number },
  array: {
    in: asJson,
    out(text) {
      const value = parsed(text);
      return Array.isArray(value) ? value : undefined;
    },
  },
  object: {
    in: asJson,
    out(text) {
      const value = parsed(text);
      return isObject(value) && !Array.isArray(value) ? value : undefined;
    },
  },
  any: { in: same, out: same },
};

class PostmanVariable extends Property {
  static indexKey = 'key';

  constructor(definition) {
    super(definition);
    this.type = 'any';
    this.value = undefined;
    if (!isObject(definition)) return;
    if (definition.key !== undefined) this.key = definition.key;
    this.update(definition);
  }

  get #casts() {
    return Object.hasOwn(TYPES, this.type) ? TYPES[this.type] : TYPES.any;
  }

  get() {
    return this.castOut(typeof this.value === 'function' ? this.value() : this.value);
  }

  set(value) {
    this.value = typeof value === 'function' ? value : this.castIn(value);
  }

  castIn(value) {
    return this.#casts.in(value);
  }

  castOut(value) {
    return this.#casts.out(value);
  }

  cast(value) {
    return this.castOut(value);
  }

  valueOf(value) {
    if (arguments.length) this.set(value);
    return this.get();
  }

  // Sets the type, or returns it. An existing value is converted to the type.
  valueType(name, keepsValue) {
    const type = name === undefined || name === null ? '' : String(name).toLowerCase();
    if (!Object.hasOwn(TYPES, type)) return this.type || 'any';
    this.type = type;
    if (!keepsValue && typeof this.value !== 'function') this.set(this.get());
    return this.type;
  }

  update(definition) {
    if (!isObject(definition)) return;
    if (Object.hasOwn(definition, 'type')) this.valueType(definition.type, Object.hasOwn(definition, 'value'));
    if (Object.hasOwn(definition, 'value')) this.set(definition.value);
    if (Object.hasOwn(definition, 'system')) this.system = definition.system;
    if (Object.hasOwn(definition, 'disabled')) this.disabled = definition.disabled;
    if (Object.hasOwn(definition, 'description')) this.describe(definition.description);
  }

  toString() {
    const value = this.valueOf();
    if (value === null) return 'null';
    return value !== undefined && typeof value.toString === 'function' ? value.toString() : '';
  }

  static isVariable(value) {
    return value instanceof PostmanVariable;
  }
}

class PostmanVariableList extends PropertyList {
  constructor(parent, variables) {
    super(PostmanVariable, parent, variables);
  }

  // Returns the last variable with this name that is not disabled, or else the last one.
  oneNormalizedVariable(name) {
    const matches = this.matcher(name);
    return this.members.findLast((one) => matches(one) && !one.disabled) ?? this.one(name);
  }

  replace(text, overrides) {
    return Property.replaceSubstitutions(text, this, overrides);
  }

  // Returns a copy of an object with these variables replaced, then those of its containers and then
  // `overrides`.
  substitute(object, overrides) {
    const sources = [this];
    for (let owner = this.__parent; owner; owner = owner.__parent) {
      if (owner.variables && !sources.includes(owner.variables)) sources.push(owner.variables);
    }
    return Property.replaceSubstitutionsIn(object, [...sources, ...(Array.isArray(overrides) ? overrides : [])]);
  }

  syncFromObject(object, track, prune) {
    const told = track ? { created: [], updated: [], deleted: [] } : undefined;
    if (!isObject(object)) return told;
    for (const [key, value] of Object.entries(object)) {
      const known = this.one(key);
      told?.[known === undefined ? 'created' : 'updated'].push(key);
      if (known === undefined) this.add({ key, value });
      else known.set(value);
    }
    if (prune === false) return told;
    for (const key of new Set(this.members.map((one) => one.key))) {
      if (Object.hasOwn(object, key)) continue;
      this.remove(key);
      told?.deleted.push(key);
    }
    return told;
  }

  syncToObject(object) {
    const target = isObject(object) ? object : {};
    for (const key of Object.keys(target)) if (!this.has(key)) delete target[key];
    for (const variable of this.members) target[variable.key] = variable.valueOf();
    return target;
  }

  static isVariableList(value) {
    return value instanceof PostmanVariableList;
  }
}

class PostmanVariableScope extends Property {
  #layers = [];
  #isTracking = false;

  // (a list of variables or { values, name, ... }[, lists that are searched after it])
  constructor(definition, layers) {
    const isList = Array.isArray(definition) || PostmanVariableList.isVariableList(definition);
    const given = isList ? { values: definition } : definition;
    super(given);
    this.giveId();
    const values = given?.values;
    this.values = new PostmanVariableList(
      this,
      PostmanVariableList.isVariableList(values) ? values.toJSON() : values,
    );
    if (layers) [].concat(layers).forEach((layer) => this.addLayer(layer));
    if (given?.mutations) this.mutations = this.#tracker(given.mutations);
    if (given?.prefix) this.prefix = given.prefix;
  }

  #tracker(definition) {
    const { MutationTracker } = require('vayu:collection/mutations');
    return new MutationTracker(definition);
  }

  #track(...mutation) {
    if (this.#isTracking) this.mutations.track(...mutation);
  }

  #find(key) {
    const name = (this.prefix ?? '') + key;
    for (const list of [this.values, ...this.#layers]) {
      const variable = list.oneNormalizedVariable(name);
      if (variable && variable.disabled !== true) return variable;
    }
    return undefined;
  }

  addLayer(list) {
    if (PostmanVariableList.isVariableList(list)) this.#layers.push(list);
  }

  has(key) {
    return this.#find(key) !== undefined;
  }

  get(key) {
    return this.#find(key)?.valueOf();
  }

  set(key, value, type) {
    const name = (this.prefix ?? '') + key;
    const update = typeof type === 'string' ? { key: name, value, type } : { key: name, value };
    const variable = this.values.oneNormalizedVariable(name);
    if (variable && !variable.disabled) variable.update(update);
    else this.values.add(update);
    this.#track('set', key, value);
  }

  unset(key) {
    const name = (this.prefix ?? '') + key;
    this.values.remove((variable) => variable.key === name && !variable.disabled);
    this.#track('unset', key);
  }

  clear() {
    for (const { key } of this.values.all()) this.#track('unset', key);
    this.values.clear();
  }

  toObject(excludeDisabled, caseSensitive) {
    const lists = [this.values, ...this.#layers].reverse();
    return Object.assign({}, ...lists.map((list) => list.toObject(excludeDisabled, caseSensitive)));
  }

  replaceIn(template) {
    const sources = [this.values, ...this.#layers];
    if (typeof template === 'string') return Property.replaceSubstitutions(template, sources);
    return require('vayu:collection/substitution').replaceWithin(template, sources);
  }

  enableTracking(options) {
    if (this.#isTracking) return;
    this.#isTracking = true;
    this.mutations = this.#tracker(options);
  }

  disableTracking() {
    this.#isTracking = false;
  }

  applyMutation(instruction, key, value) {
    if (instruction === 'set') this.set(key, value);
    else if (instruction === 'unset') this.unset(key);
  }

  syncVariablesFrom(object, track) {
    return this.values.syncFromObject(object, track);
  }

  syncVariablesTo(object) {
    return this.values.syncToObject(object);
  }

  variables() {
    throw new Error('VariableScope.variables() was removed, as in Postman: use syncVariablesTo()');
  }

  toJSON() {
    const { value, ...others } = super.toJSON();
    return { ...others, values: plain(this.values) };
  }

  static isVariableScope(value) {
    return value instanceof PostmanVariableScope;
  }
}

module.exports = {
  Variable: PostmanVariable,
  VariableList: PostmanVariableList,
  VariableScope: PostmanVariableScope,
};
