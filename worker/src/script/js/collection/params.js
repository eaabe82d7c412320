// Parameters of a query or a url-encoded form (QueryParam) and of a multipart form (FormParam). Only
// characters that would end a parameter early are percent-encoded; the engine encodes when it sends.

const { Property, isObject } = require('vayu:collection/property');
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
    // An empty piece in the middle stands for the second of two '&', at the end for a name that is still to
    // come.
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

module.exports = { QueryParam: PostmanQueryParam, FormParam: PostmanFormParam };
