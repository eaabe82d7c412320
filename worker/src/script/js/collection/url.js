// A URL in parts, as `pm.request.url`. It also has the methods of a string (`includes`, `split`, `length`,
// ...) for the whole text, because scripts treat it as one. It does not resolve {{variables}} and does not
// percent-encode.

const { isObject, plain } = require('vayu:collection/property');
const PropertyList = require('vayu:collection/property_list');
const { QueryParam } = require('vayu:collection/params');
const { VariableList } = require('vayu:collection/variables');
const { parseUrl, segments, pathSegments, pathVariable } = require('vayu:collection/url_parse');

const PARTS = ['auth', 'protocol', 'port', 'path', 'hash', 'host'];

class PostmanUrl {
  constructor(definition) {
    this.update(definition);
  }

  static parse(text) {
    return { raw: text, ...parseUrl(String(text)) };
  }

  static isUrl(value) {
    return value instanceof PostmanUrl;
  }

  // Accepts a string, the parts, or another Url. Parts that are not given are removed.
  update(definition) {
    const given = plain(definition);
    let parts = isObject(given) ? given : parseUrl(String(given ?? ''));
    if (parts.raw && !PARTS.some((name) => parts[name] !== undefined)) {
      parts = { ...parseUrl(String(parts.raw)), ...parts };
    }
    for (const name of PARTS) {
      if (parts[name] === undefined) delete this[name];
      else this[name] = parts[name];
    }
    this.host = segments(this.host, '.') || undefined;
    this.path = this.path ? pathSegments(this.path) : undefined;
    this.query = parts.query;
    this.variables = new VariableList(this, parts.variable ?? parts.variables);
  }

  get query() {
    return this._query;
  }

  set query(params) {
    const value = params instanceof PropertyList ? params : new PropertyList(QueryParam, this, params);
    Object.defineProperty(this, '_query', { value, writable: true, configurable: true });
  }

  addQueryParams(params) {
    this.query.populate(params);
  }

  // Accepts names, parameters or a list of either.
  removeQueryParams(params) {
    for (const param of Array.isArray(params) ? params : [params]) {
      if (isObject(param)) this.query.remove(param.key);
      else if (param !== undefined) this.query.remove(String(param));
    }
  }

  valueOfVariable(segment) {
    const name = pathVariable(segment);
    const value = name === undefined ? undefined : this.variables.get(name);
    if (value === undefined || value === null || value === '') return segment;
    return String(value) + segment.slice(name.length + 1);
  }

  getPath(unresolved) {
    const path = pathSegments(this.path) ?? [];
    return '/' + (unresolved ? path : path.map((segment) => this.valueOfVariable(segment))).join('/');
  }

  getQueryString() {
    return this.query.toString();
  }

  getPathWithQuery() {
    const query = this.getQueryString();
    return this.getPath() + (query ? `?${query}` : '');
  }

  getHost() {
    return (segments(this.host, '.') ?? []).join('.');
  }

  getRemote(forcePort) {
    const port = this.port || (forcePort ? (this.protocol === 'https' ? '443' : '80') : '');
    return this.getHost() + (port ? `:${port}` : '');
  }

  // Returns the start of an OAuth 1 signature base: no query, and no default port.
  getOAuth1BaseUrl() {
    const protocol = this.protocol || 'http';
    const port = ['80', '443', undefined, ''].includes(this.port?.toString()) ? '' : `:${this.port}`;
    const start = protocol.endsWith('://') ? protocol : `${protocol}://`;
    return `${start.toLowerCase()}${(this.getHost() + port).toLowerCase()}${this.getPath()}`;
  }

  getRaw() {
    return this.toString();
  }

  originText(forceProtocol) {
    let text = this.protocol || (forceProtocol ? 'http' : '');
    if (text && !text.endsWith('://')) text += '://';
    const { user, password } = isObject(this.auth) ? this.auth : {};
    if (user !== undefined || password !== undefined) {
      text += (user ?? '') + (password === undefined ? '' : `:${password}`) + '@';
    }
    text += this.getHost();
    return this.port === undefined || this.port === null ? text : `${text}:${this.port}`;
  }

  toString(forceProtocol) {
    let text = this.originText(forceProtocol);
    if (this.path) text += this.getPath();
    if (this.query.members.some((param) => !param.disabled)) text += `?${this.getQueryString()}`;
    return typeof this.hash === 'string' ? `${text}#${this.hash}` : text;
  }

  [Symbol.toPrimitive]() {
    return this.toString();
  }

  get length() {
    return this.toString().length;
  }

  toJSON() {
    const parts = {};
    for (const name of PARTS) {
      if (this[name] !== undefined) parts[name] = plain(this[name]);
    }
    return { ...parts, query: this.query.toJSON(), variable: this.variables.toJSON() };
  }
}

// For names that a Url has no member for, its text may have a method.
const fallback = new Proxy({}, {
  get(target, key, url) {
    if (key in target || typeof key === 'symbol') return Reflect.get(target, key, url);
    if (typeof String.prototype[key] !== 'function') return undefined;
    return (...args) => url.toString()[key](...args);
  },
});

Object.setPrototypeOf(PostmanUrl.prototype, fallback);

module.exports = PostmanUrl;
