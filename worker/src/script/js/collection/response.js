// A response, as `pm.response`. It keeps the source it is given by the engine and asks it once for each
// thing when a script does; made of a definition ({ code, header, body, ... }) it works the same.
// Without a code the exchange failed: everything but json() answers then, too.

const { Property, isObject, plain } = require('vayu:collection/property');
const { assertionOn } = require('vayu:collection/to');

class DefinitionSource {
  constructor(definition) {
    this.definition = definition;
    this.code = definition.code;
    this.status = definition.status ?? definition.reason;
    this.responseTime = definition.responseTime;
  }

  get responseSize() {
    return this.definition.stream === undefined ? undefined : this.bytes().length;
  }

  headers() {
    return this.definition.header ?? [];
  }

  bytes() {
    const { stream, body } = this.definition;
    if (stream === undefined) return host.utf8Encode(body ?? '');
    const view = ArrayBuffer.isView(stream) ? stream : new Uint8Array(stream);
    return Array.from(view, (byte) => String.fromCharCode(byte)).join('');
  }

  text() {
    const { stream, body } = this.definition;
    return stream === undefined ? body : host.utf8Decode(this.bytes());
  }

  parsedBody() {
    return this.definition.body;
  }

  size(response) {
    const line = `HTTP/1.1 ${this.code} ${response.status}\r\n`;
    const header = (line + response.headers + '\r\n').length;
    const body = Number(response.headers.get('content-length')) || this.bytes().length;
    return { body, header, total: body + header };
  }
}

class PostmanResponse extends Property {
  #source;
  // What was asked for so far.
  #kept;
  #text;
  // The engine's source, which has one response after the other.
  #engine;

  constructor(source) {
    super(undefined);
    if (typeof source?.text === 'function') this.#source = this.#engine = source;
    else this.update(source);
  }

  static isResponse(value) {
    return value instanceof PostmanResponse;
  }

  update(definition) {
    const given = isObject(definition) ? definition : {};
    for (const name of ['id', 'name']) {
      if (given[name] !== undefined) this[name] = given[name];
    }
    if (isObject(given.originalRequest)) {
      const Request = require('vayu:collection/request');
      this.originalRequest = new Request(given.originalRequest);
    }
    this.forget();
    this.#engine?.touched();
    this.#source = new DefinitionSource(given);
  }

  // Asks the source anew, the engine's where there is one: it has the next response then.
  forget() {
    this.#kept = undefined;
    this.#text = undefined;
    if (this.#engine !== undefined) this.#source = this.#engine;
  }

  get #parts() {
    return (this.#kept ??= {});
  }

  // The last header of a name, without making a list of all where the source knows it.
  oneHeader(name) {
    if (this.#kept?.headers === undefined && this.#source.header) return this.#source.header(name);
    return this.headers.one(name);
  }

  get code() {
    return this.#source.code;
  }

  get status() {
    return this.#source.status || require('vayu:collection/status').nameOf(this.code);
  }

  get responseTime() {
    return this.#source.responseTime;
  }

  get responseSize() {
    return this.#source.responseSize;
  }

  get headers() {
    if (this.#parts.headers === undefined) {
      const { HeaderList } = require('vayu:collection/headers');
      this.#parts.headers = new HeaderList(this, this.#source.headers());
    }
    return this.#parts.headers;
  }

  get cookies() {
    return (this.#parts.cookies ??= this.#makeCookies());
  }

  #makeCookies() {
    const { CookieList } = require('vayu:collection/cookies');
    const given = this.#source.definition?.cookie;
    const isCookie = ({ key }) => String(key).toLowerCase() === 'set-cookie';
    return new CookieList(this, given ?? this.headers.filter(isCookie).map(({ value }) => String(value)));
  }

  text() {
    return (this.#text ??= this.#source.text());
  }

  // The parsed JSON, or the text of what is not JSON.
  get body() {
    this.#parts.body ??= [this.#source.parsedBody ? this.#source.parsedBody() : this.#parsedOrText()];
    return this.#parts.body[0];
  }

  #parsedOrText() {
    const text = this.text();
    if (!/^\ufeff?\s*[[{"\-\dtfn]/.test(text ?? '')) return text;
    try {
      return this.json();
    } catch {
      return text;
    }
  }

  json(reviver) {
    const parsed = reviver === undefined ? this.#source.json?.() : undefined;
    if (parsed !== undefined) return parsed;
    return require('vayu:collection/json').parse(this.text(), reviver);
  }

  jsonp(reviver) {
    return require('vayu:collection/json').parsePadded(this.text(), reviver);
  }

  reason() {
    return this.status;
  }

  details() {
    const { nameOf, detailOf } = require('vayu:collection/status');
    const details = { name: this.status, detail: detailOf(this.code), code: this.code };
    details.standardName = nameOf(this.code);
    return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
  }

  contentInfo() {
    return require('vayu:collection/content').contentInfo(this.headers);
  }

  encoding() {
    const format = this.headers.get('content-encoding');
    return { format, source: format === undefined ? undefined : 'header' };
  }

  mime() {
    throw new Error('response.mime() is not supported by this engine; response.contentInfo() tells the same');
  }

  size() {
    this.#parts.size ??= this.#source.size(this) ?? { body: 0, header: 0, total: 0 };
    return { ...this.#parts.size };
  }

  dataURI() {
    this.#parts.bytes ??= this.#source.bytes() ?? '';
    const base64 = require('vayu:node/btoa')(this.#parts.bytes);
    return `data:${this.contentInfo().contentType};base64, ${base64}`;
  }

  get to() {
    return assertionOn(this);
  }

  // For chai's messages; the parts themselves are not own members.
  inspect() {
    return `PostmanResponse{ …(${this.code === undefined ? 5 : 9}) }`;
  }

  toJSON() {
    const { code, status, responseTime, responseSize } = this;
    const copy = { ...super.toJSON(), status, code, header: this.headers.toJSON(), body: this.text() };
    return plain({ ...copy, cookie: this.cookies.toJSON(), responseTime, responseSize });
  }
}

module.exports = PostmanResponse;
