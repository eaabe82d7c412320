// A request, as `pm.request`. URL, headers and body are created from the definition when they are first read.
// A read counts as a touch, as does every change, so that a request that no script read is sent as the engine
// has it. Certificates and proxies are not supported.

const { Property, isObject, plain } = require('vayu:collection/property');
const { HeaderList } = require('vayu:collection/headers');
const Url = require('vayu:collection/url');
const RequestBody = require('vayu:collection/body');
const { RequestAuth, NONE } = require('vayu:collection/auth');

const methodOf = (method) => String(method || 'GET').toUpperCase();

const authOf = (definition) => {
  if (definition === undefined || definition === null) return undefined;
  return definition instanceof RequestAuth ? definition : new RequestAuth(definition);
};

class PostmanRequest extends Property {
  #method;
  #auth;
  #given;
  #url;
  #headers;
  #body;
  #touched = false;
  #isAuthTouched = false;

  constructor(definition) {
    const given = isObject(definition) && !(definition instanceof Url) ? definition : { url: definition };
    super(given);
    this.#given = given instanceof PostmanRequest ? given.toJSON() : given;
    this.#method = methodOf(given.method);
    this.#auth = authOf(given.auth);
  }

  static isRequest(value) {
    return value instanceof PostmanRequest;
  }

  #urlMade() {
    return (this.#url ??= new Url(this.#given.url));
  }

  #headersMade() {
    return (this.#headers ??= new HeaderList(this, plain(this.#given.header)));
  }

  // undefined: not created yet; null: there is none.
  #bodyMade() {
    if (this.#body === undefined) {
      const { body } = this.#given;
      this.#body = body === undefined || body === null ? null : new RequestBody(body);
    }
    return this.#body;
  }

  get method() {
    return this.#method;
  }

  set method(method) {
    this.#touched = true;
    this.#method = methodOf(method);
  }

  get url() {
    this.#touched = true;
    return this.#urlMade();
  }

  set url(url) {
    this.#touched = true;
    this.#url = url instanceof Url ? url : new Url(url);
  }

  get headers() {
    this.#touched = true;
    return this.#headersMade();
  }

  set headers(headers) {
    this.#touched = true;
    this.#headers = headers instanceof HeaderList ? headers : new HeaderList(this, headers);
  }

  get body() {
    this.#touched = true;
    return this.#bodyMade() ?? undefined;
  }

  set body(body) {
    this.#touched = true;
    if (body === undefined || body === null) this.#body = null;
    else this.#body = body instanceof RequestBody ? body : new RequestBody(body);
  }

  get auth() {
    this.#touched = this.#isAuthTouched = true;
    return this.#auth;
  }

  set auth(auth) {
    this.#touched = this.#isAuthTouched = true;
    this.#auth = authOf(auth);
  }

  update(definition) {
    if (!isObject(definition)) return;
    const { url, method, header, body, auth } = definition;
    if (url !== undefined) this.url = url;
    if (method !== undefined) this.method = method;
    if (header !== undefined) this.headers = header;
    if (body !== undefined) this.body = body;
    if (auth !== undefined) this.auth = auth;
  }

  addHeader(header) {
    this.headers.add(header);
  }

  // Finds the header by its exact name, unlike headers.upsert.
  upsertHeader(header) {
    if (!header) return;
    const given = this.headers.make(header);
    const present = this.headers.members.find((own) => own.key === given.key);
    if (present) present.value = given.value;
    else this.headers.add(given);
  }

  removeHeader(header, options) {
    const name = isObject(header) ? header.key : header;
    if (name === undefined) return;
    if (options?.ignoreCase) this.headers.remove(String(name));
    else this.headers.remove((own) => own.key === name);
  }

  forEachHeader(callback) {
    for (const header of this.headers.all()) callback(header, this);
  }

  getHeaders(options) {
    const { ignoreCase, enabled, multiValue, sanitizeKeys } = options ?? {};
    return this.headers.toObject(enabled, !ignoreCase, multiValue, sanitizeKeys);
  }

  addQueryParams(params) {
    this.url.addQueryParams(params);
  }

  removeQueryParams(params) {
    this.url.removeQueryParams(params);
  }

  authorizeUsing(type, options) {
    PostmanRequest.authorize(this, type, options);
  }

  // For requests and folders: ('type', parameters), ({ type, ...parameters }), or null for no authentication.
  // Also, in the form in which requests are stored, ({ type, [type]: parameters }), which Postman treats as a
  // parameter of that name.
  static authorize(owner, type, options) {
    let [name, parameters] = [type, options];
    if (isObject(type) && (options === undefined || options === null)) ({ type: name, ...parameters } = type);
    if (name === null) {
      owner.auth = undefined;
      return;
    }
    if (!RequestAuth.isValidType(name)) return;
    if (isObject(parameters?.[name])) parameters = parameters[name];
    owner.auth ??= new RequestAuth(null, owner);
    owner.auth.clear(name);
    owner.auth.use(name, parameters);
  }

  clone() {
    return new PostmanRequest(this.toJSON());
  }

  // Approximate size of the request on the wire: the engine adds headers of its own.
  size() {
    const headers = this.#headersMade();
    const declared = Number(headers.get('content-length'));
    const line = `${this.#method} ${this.#urlMade().getPathWithQuery()} HTTP/1.1\r\n`;
    const header = (line + headers + '\r\n').length;
    const body = declared || host.utf8Encode(String(this.#bodyMade() ?? '')).length;
    return { body, header, total: body + header, source: declared ? 'CONTENT-LENGTH' : 'COMPUTED' };
  }

  // For chai's messages; the parts themselves are not own members.
  inspect() {
    const parts = [this.#bodyMade() ?? undefined, this.#auth].filter((part) => part !== undefined);
    return `PostmanRequest{ …(${3 + parts.length}) }`;
  }

  toJSON() {
    const copy = super.toJSON();
    copy.url = this.#urlMade().toJSON();
    if (this.#headersMade().count()) copy.header = this.#headersMade().toJSON();
    copy.method = this.#method;
    if (this.#bodyMade()) copy.body = this.#bodyMade().toJSON();
    if (this.#auth !== undefined) copy.auth = this.#auth.toJSON();
    return copy;
  }

  isTouched() {
    return this.#touched;
  }

  // Leaves out headers that the engine adds by itself (`system`).
  toWire() {
    const sent = this.#headersMade().filter((header) => !header.disabled && !header.system);
    return {
      method: this.#method,
      url: this.#urlMade().toString(),
      headers: sent.map(({ key, value }) => [String(key), String(value ?? '')]),
      body: this.#bodyMade()?.forWire() ?? null,
      auth: this.#auth?.forWire() ?? { type: NONE },
    };
  }

  // Returns what a script made of the request to send, with `auth` only if a script read it.
  toChange() {
    const { auth, ...wire } = this.toWire();
    return this.#isAuthTouched ? { ...wire, auth } : wire;
  }
}

module.exports = PostmanRequest;
