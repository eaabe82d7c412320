// What the members of requests and responses have in common: an id, a name, a description and whether
// they are disabled, and a plain copy for JSON. Parents, meta data and variable substitution
// (parent, meta, findSubstitutions) are not here: the engine resolves variables itself.

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

class PostmanProperty {
  constructor(definition) {
    if (!isObject(definition)) return;
    if (definition.id !== undefined) this.id = definition.id;
    if (definition.name !== undefined) this.name = definition.name;
    if (definition.disabled !== undefined) this.disabled = Boolean(definition.disabled);
    if (definition.description) this.describe(definition.description);
  }

  describe(content, type) {
    this.description = new PostmanPropertyDescription(isObject(content) ? content : { content, type });
  }

  toJSON() {
    const copy = {};
    for (const key of Object.keys(this)) {
      if (this[key] !== undefined) copy[key] = plain(this[key]);
    }
    return copy;
  }
}

module.exports = { Property: PostmanProperty, Description: PostmanPropertyDescription, plain, isObject };
