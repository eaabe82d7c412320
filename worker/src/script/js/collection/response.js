// A response, as `pm.response`. It keeps the source that the engine provides, and reads each part from it
// once, when a script needs it. A response created from a definition ({ code, header, body, ... }) works the
// same way. A response without a code means that the exchange failed; everything but json() still works.

const { Property, isObject, plain } = require('vayu:collection/property');

// Members that are written for each response of the engine.
const TOLD_ANEW = ['code', 'responseTime'];

const isWritable = (object, name) => Object.getOwnPropertyDescriptor(object, name).writable;

class DefinitionSource {
  constructor(definition) {
    this.definition = definition;
    this.status = definition.status ?? definition.reason;
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
    const line = `HTTP/1.1 ${response.code} ${response.status}\r\n`;
    const header = (line + response.headers + '\r\n').length;
    const body = Number(response.headers.get('content-length')) || this.bytes().length;
    return { body, header, total: body + header };
  }
}

// Returns the parts of a response, reset if the engine has a new response.
function current(own) {
  const { engine } = own;
  if (engine === undefined || engine.turn === own.turn) return own;
  own.turn = engine.turn;
  own.source = engine;
  own.kept = undefined;
  own.text = undefined;
  // A list that was not read reads its source again; creating one is expensive.
  if (own.headers !== undefined && !own.headers.isUnread()) own.headers = undefined;
  return own;
}

class PostmanResponse extends Property {
  // `source` provides the parts; `text`, `headers` and `kept` are parts already read; `engine` is the
  // engine's source, which has one response after the other, and `turn` the number of the response that was
  // read. (One private member, because each costs a lookup.)
  #own = {
    source: undefined, engine: undefined, turn: undefined, text: undefined, headers: undefined, kept: undefined,
  };

  constructor(source) {
    super(undefined);
    // Permanent: they cannot be deleted or turned into getters.
    for (const name of TOLD_ANEW) {
      Object.defineProperty(this, name, { value: source?.[name], writable: true, enumerable: true });
    }
    if (typeof source?.text === 'function') this.#own.source = this.#own.engine = source;
    else this.update(source);
  }

  // The key under which every response has `true`: reading it is faster than `instanceof`.
  static IS_RESPONSE = Symbol('response');

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
    const own = current(this.#own);
    own.kept = own.text = own.headers = undefined;
    own.engine?.replace();
    own.source = new DefinitionSource(given);
    this.code = given.code;
    this.responseTime = given.responseTime;
  }

  // Returns whether the next response can be written to it.
  isOpen() {
    return isWritable(this, TOLD_ANEW[0]) && isWritable(this, TOLD_ANEW[1]);
  }

  get #parts() {
    return (current(this.#own).kept ??= {});
  }

  // Returns the value of the last header with a name, without creating the list if the source can provide it.
  headerValue(name) {
    const own = current(this.#own);
    const { source } = own;
    const isAsSent = own.headers === undefined || own.headers.isUnread();
    if (isAsSent && source.headerValue !== undefined) return source.headerValue(name);
    return this.headers.get(String(name));
  }

  get status() {
    return current(this.#own).source.status || require('vayu:collection/status').nameOf(this.code);
  }

  get responseSize() {
    return current(this.#own).source.responseSize;
  }

  // Whether the body continues beyond what text() returns.
  get truncated() {
    return current(this.#own).source.cutMessage !== undefined;
  }

  get headers() {
    const own = current(this.#own);
    if (own.headers === undefined) {
      const { HeaderList } = require('vayu:collection/headers');
      own.headers = new HeaderList(this, own.source.headers());
    }
    return own.headers;
  }

  get cookies() {
    return (this.#parts.cookies ??= this.#makeCookies());
  }

  #makeCookies() {
    const { CookieList } = require('vayu:collection/cookies');
    const given = current(this.#own).source.definition?.cookie;
    const isCookie = ({ key }) => String(key).toLowerCase() === 'set-cookie';
    return new CookieList(this, given ?? this.headers.filter(isCookie).map(({ value }) => String(value)));
  }

  text() {
    const own = current(this.#own);
    return (own.text ??= own.source.text());
  }

  // The parsed JSON, or the text if it is not JSON.
  get body() {
    const { source } = current(this.#own);
    this.#parts.body ??= [source.parsedBody ? source.parsedBody() : this.#parsedOrText()];
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
    const parsed = reviver === undefined ? current(this.#own).source.json?.() : undefined;
    if (parsed !== undefined) return parsed;
    return require('vayu:collection/json').parse(this.#whole(), reviver);
  }

  jsonp(reviver) {
    return require('vayu:collection/json').parsePadded(this.#whole(), reviver);
  }

  // Returns the text of a body that is not truncated.
  #whole() {
    const { cutMessage } = current(this.#own).source;
    if (cutMessage !== undefined) throw require('vayu:collection/json').jsonError(cutMessage);
    return this.text();
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
    throw new Error('response.mime() is not supported by this engine; use response.contentInfo()');
  }

  size() {
    this.#parts.size ??= current(this.#own).source.size(this) ?? { body: 0, header: 0, total: 0 };
    return { ...this.#parts.size };
  }

  dataURI() {
    this.#parts.bytes ??= current(this.#own).source.bytes() ?? '';
    const base64 = require('vayu:node/btoa')(this.#parts.bytes);
    return `data:${this.contentInfo().contentType};base64, ${base64}`;
  }

  // For chai's messages; the parts themselves are not own members.
  inspect() {
    return `PostmanResponse{ …(${this.code === undefined ? 5 : 9}) }`;
  }

  toJSON() {
    const { status, responseSize } = this;
    const { code, responseTime, ...others } = super.toJSON();
    const copy = { ...others, status, code, header: this.headers.toJSON(), body: this.text() };
    return plain({ ...copy, cookie: this.cookies.toJSON(), responseTime, responseSize });
  }
}

Object.defineProperty(PostmanResponse.prototype, PostmanResponse.IS_RESPONSE, { value: true });

module.exports = PostmanResponse;
