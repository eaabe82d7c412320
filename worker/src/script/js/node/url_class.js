// The global URL, as in the WHATWG standard: parsing against a base, the setters, live searchParams,
// canParse.
// Not supported: createObjectURL, revokeObjectURL.

const parser = require('vayu:node/url_parser');
const { percentEncode } = require('vayu:node/url_percent');
const URLSearchParams = require('vayu:node/url_search');
const { withCode } = require('vayu:node/errors');

const INSPECT = Symbol.for('nodejs.util.inspect.custom');
const FIELDS = [
  'href',
  'origin',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'searchParams',
  'hash',
];

function parseWithBase(input, base) {
  if (base === undefined) return parser.parseUrl(`${input}`);
  const parsedBase = parser.parseUrl(`${base}`);
  return parsedBase && parser.parseUrl(`${input}`, parsedBase);
}

function invalid(input, base) {
  const error = withCode(TypeError, 'ERR_INVALID_URL', 'Invalid URL');
  error.input = `${input}`;
  if (base !== undefined) error.base = `${base}`;
  return error;
}

class URL {
  #record;
  #params;

  constructor(input, base) {
    if (arguments.length === 0) {
      throw withCode(TypeError, 'ERR_MISSING_ARGS', 'The "url" argument must be specified');
    }
    this.#record = parseWithBase(input, base);
    if (!this.#record) throw invalid(input, base);
  }

  static canParse(input, base) {
    return parseWithBase(input, base) !== undefined;
  }

  get href() {
    return parser.serialize(this.#record);
  }

  set href(value) {
    const record = parser.parseUrl(`${value}`);
    if (!record) throw invalid(value);
    this.#record = record;
    this.#refreshParams();
  }

  get origin() {
    const { scheme, host: hostName } = this.#record;
    return parser.isSpecial(scheme) && scheme !== 'file' ? `${scheme}://${this.host || hostName}` : 'null';
  }

  get protocol() {
    return `${this.#record.scheme}:`;
  }

  set protocol(value) {
    const match = /^([a-z][a-z0-9+.-]*)(?::|$)/i.exec(`${value}`);
    if (!match) return;
    const scheme = match[1].toLowerCase();
    const record = this.#record;
    if (parser.isSpecial(scheme) !== parser.isSpecial(record.scheme) || scheme === 'file') return;
    const port = record.port === null ? null : parser.parsePort(String(record.port), scheme);
    this.#record = { ...record, scheme, port };
  }

  get username() {
    return this.#record.username;
  }

  set username(value) {
    if (this.#mayHaveUser()) this.#record.username = percentEncode(`${value}`, 'userinfo');
  }

  get password() {
    return this.#record.password;
  }

  set password(value) {
    if (this.#mayHaveUser()) this.#record.password = percentEncode(`${value}`, 'userinfo');
  }

  #mayHaveUser() {
    return Boolean(this.#record.host) && this.#record.scheme !== 'file';
  }

  get host() {
    const { host: hostName, port } = this.#record;
    return `${hostName === null ? '' : hostName}${port === null ? '' : `:${port}`}`;
  }

  set host(value) {
    this.#setHost(`${value}`, true);
  }

  get hostname() {
    return this.#record.host === null ? '' : this.#record.host;
  }

  set hostname(value) {
    this.#setHost(`${value}`, false);
  }

  #setHost(value, withPort) {
    const record = this.#record;
    if (typeof record.path === 'string') return;
    const text = parser
      .clean(value)
      .replace(parser.isSpecial(record.scheme) ? /[/\\?#][^]*/ : /[/?#][^]*/, '');
    if (text.includes('@') || (!withPort && /^(?:\[[^\]]*\])?[^[]*:/.test(text))) return;
    const authority = parser.parseAuthority(text.replace(/:(\d*)[^\d\]]+$/, ':$1'), record.scheme);
    if (!authority) return;
    record.host = authority.host;
    if (/:\d+$/.test(text)) record.port = authority.port;
  }

  get port() {
    return this.#record.port === null ? '' : String(this.#record.port);
  }

  set port(value) {
    if (!this.#mayHaveUser()) return;
    const digits = /^\d*/.exec(parser.clean(`${value}`))[0];
    if (digits === '' && `${value}` !== '') return;
    const port = parser.parsePort(digits, this.#record.scheme);
    if (port !== undefined) this.#record.port = port;
  }

  get pathname() {
    const { path } = this.#record;
    return typeof path === 'string' ? path : path.map((segment) => `/${segment}`).join('');
  }

  set pathname(value) {
    if (typeof this.#record.path === 'string') return;
    const text = `${value}`
      .replace(/[\t\n\r]/g, '')
      .replace(/\?/g, '%3F')
      .replace(/#/g, '%23');
    this.#record.path = parser.parsePath(text, parser.isSpecial(this.#record.scheme));
  }

  get search() {
    return this.#record.query ? `?${this.#record.query}` : '';
  }

  set search(value) {
    const text = `${value}`
      .replace(/[\t\n\r]/g, '')
      .replace(/^\?/, '')
      .replace(/#/g, '%23');
    this.#record.query = text === '' ? null : parser.encodedQuery(text, this.#record.scheme);
    this.#refreshParams();
  }

  get searchParams() {
    if (!this.#params) {
      this.#params = URLSearchParams._live(this.#record.query || '', (text) => {
        this.#record.query = text === '' ? null : text;
      });
    }
    return this.#params;
  }

  #refreshParams() {
    if (this.#params) URLSearchParams._replace(this.#params, this.#record.query || '');
  }

  get hash() {
    return this.#record.fragment ? `#${this.#record.fragment}` : '';
  }

  set hash(value) {
    const text = `${value}`.replace(/[\t\n\r]/g, '').replace(/^#/, '');
    this.#record.fragment = text === '' ? null : percentEncode(text, 'fragment');
  }

  toString() {
    return this.href;
  }

  toJSON() {
    return this.href;
  }

  get [Symbol.toStringTag]() {
    return 'URL';
  }

  [INSPECT](depth, options, inspect) {
    if (depth < 0) return '[URL]';
    const fields = Object.fromEntries(FIELDS.map((field) => [field, this[field]]));
    return `URL ${inspect(fields, options)}`;
  }
}

module.exports = URL;
