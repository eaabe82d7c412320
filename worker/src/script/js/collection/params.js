// Parameters: of a query or a url-encoded form (QueryParam), of a multipart form (FormParam), and the
// variables of a URL's path (Variable). Nothing is percent-encoded but what would end a parameter early;
// the engine encodes when it sends.

const { Property, isObject } = require('vayu:collection/property');
const PropertyList = require('vayu:collection/property_list');
const { splitOutside } = require('vayu:collection/placeholders');

const textOf = (value) => (value === undefined || value === null || isObject(value) ? '' : String(value));
const ENCODED = { '&': '%26', '#': '%23', '=': '%3D' };
const encode = (text, pattern) => text.replace(pattern, (sign) => ENCODED[sign]);

class PostmanQueryParam extends Property {
  static indexKey = 'key';
  static repeats = true;

  constructor(definition) {
    super(definition);
    this.update(definition);
  }

  update(definition) {
    const given = typeof definition === 'string' ? PostmanQueryParam.parseSingle(definition) : definition;
    if (!isObject(given)) return;
    this.key = given.key;
    this.value = given.value;
  }

  valueOf() {
    return this.value ?? '';
  }

  toString() {
    return PostmanQueryParam.unparseSingle(this);
  }

  static parse(text) {
    return typeof text === 'string' ? splitOutside(text, '&').map(PostmanQueryParam.parseSingle) : [];
  }

  static parseSingle(text, index, all) {
    // An empty piece in the middle stands for the second of two '&', at the end for a name yet to come.
    if (text === '' && all && index < all.length - 1) return { key: null, value: null };
    const [key, ...rest] = splitOutside(text, '=');
    return { key, value: rest.length ? rest.join('=') : null };
  }

  static unparse(params) {
    if (typeof params === 'string') return params;
    if (!isObject(params)) return '';
    const list = typeof params[Symbol.iterator] === 'function' ? [...params]
      : Object.entries(params).map(([key, value]) => ({ key, value }));
    return list.filter((param) => param && !param.disabled).map(PostmanQueryParam.unparseSingle).join('&');
  }

  static unparseSingle(param) {
    if (!isObject(param)) return '';
    const key = encode(textOf(param.key), /[&#=]/g);
    if (param.value === undefined || param.value === null) return key;
    return `${key}=${encode(textOf(param.value), /[&#]/g)}`;
  }
}

class PostmanFormParam extends Property {
  static indexKey = 'key';
  static repeats = true;

  constructor(definition) {
    super(definition);
    this.update(definition);
  }

  update(definition) {
    const { key, value, type, src, contentType, fileName } = isObject(definition) ? definition : {};
    this.key = key ?? '';
    if (value !== undefined || src === undefined) this.value = value ?? '';
    const optional = { type, src, contentType, fileName };
    for (const name of Object.keys(optional)) {
      if (optional[name] !== undefined) this[name] = optional[name];
    }
  }

  valueOf() {
    return this.value ?? '';
  }

  toString() {
    return `${this.key}=${this.valueOf()}`;
  }

  static unparse(params) {
    return [...params].map(String).join('&');
  }
}

class PostmanVariable extends Property {
  static indexKey = 'key';

  constructor(definition) {
    super(definition);
    this.type = 'any';
    this.update(definition);
  }

  update(definition) {
    if (!isObject(definition)) return;
    const { key = definition.id, value, type } = definition;
    if (type !== undefined) this.type = type;
    if (value !== undefined) this.value = value;
    this.key = key;
  }

  get() {
    return this.value;
  }

  set(value) {
    this.value = value;
  }

  valueOf() {
    return this.value;
  }

  toString() {
    return String(this.value ?? '');
  }

  static isVariable(value) {
    return value instanceof PostmanVariable;
  }
}

class PostmanVariableList extends PropertyList {
  constructor(parent, variables) {
    super(PostmanVariable, parent, variables);
  }

  static isVariableList(value) {
    return value instanceof PostmanVariableList;
  }
}

module.exports = {
  QueryParam: PostmanQueryParam,
  FormParam: PostmanFormParam,
  Variable: PostmanVariable,
  VariableList: PostmanVariableList,
};
