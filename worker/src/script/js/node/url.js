// require('url'): URL and URLSearchParams, and node's older parse, format and resolve. The older parse
// supports scheme://user@host:port/path?query#hash, mailto: and relative references. It escapes only spaces
// and quotes, the original escapes more.
// Not supported: fileURLToPath, pathToFileURL, urlToHttpOptions.

const URL = require('vayu:node/url_class');
const URLSearchParams = require('vayu:node/url_search');
const querystring = require('vayu:node/querystring');
const punycode = require('vayu:node/punycode');
const { received, invalidArgument } = require('vayu:node/errors');

const SLASHED = /^(?:https?|ftp|gopher|file|wss?):?$/;
const UNSAFE = /[\s<>"`{}|\\^']/g;
const EMPTY = {
  protocol: null,
  slashes: null,
  auth: null,
  host: null,
  port: null,
  hostname: null,
  hash: null,
  search: null,
  query: null,
  pathname: null,
  path: null,
  href: '',
};

class Url {
  constructor() {
    Object.assign(this, EMPTY);
  }

  parse(text, parseQuery, slashesDenoteHost) {
    return Object.assign(this, parse(text, parseQuery, slashesDenoteHost));
  }

  format() {
    return formatParts(this);
  }

  resolve(reference) {
    return resolve(this.format(), reference);
  }
}

function splitHost(result, text) {
  const at = text.lastIndexOf('@');
  if (at >= 0) result.auth = decodeURIComponent(text.slice(0, at));
  const [, name, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?/.exec(text.slice(at + 1));
  result.hostname = punycode.toASCII(name.toLowerCase()).replace(/^\[|\]$/g, '');
  result.port = port || null;
  result.host = (name.startsWith('[') ? `[${result.hostname}]` : result.hostname) + (port ? `:${port}` : '');
}

function splitRest(result, text) {
  const rest = text.replace(UNSAFE, (char) => encodeURIComponent(char).replace("'", '%27'));
  const [, pathname, search, hash] = /^([^?#]*)(\?[^#]*)?(#[^]*)?$/.exec(rest);
  result.pathname = pathname || null;
  result.search = search || null;
  result.hash = hash || null;
}

function parse(text, parseQuery = false, slashesDenoteHost = false) {
  if (text instanceof Url) return text;
  if (typeof text !== 'string') {
    throw invalidArgument(`The "url" argument must be of type string. ${received(text)}`);
  }
  const result = new Url();
  const [, head, tail] = /^([^?#]*)([^]*)$/.exec(text.trim());
  let rest = head.replaceAll('\\', '/') + tail;
  const scheme = /^[a-z0-9.+-]+:/i.exec(rest);
  if (scheme) {
    result.protocol = scheme[0].toLowerCase();
    rest = rest.slice(scheme[0].length);
  }
  const slashed = rest.startsWith('//') && (scheme || slashesDenoteHost || /^\/\/[^@/]+@[^@/]+/.test(rest));
  if (slashed) {
    result.slashes = true;
    rest = rest.slice(2);
  }
  // As in node, mailto:a@b.c has a host as well.
  if (result.protocol !== 'javascript:' && (slashed || (scheme && !SLASHED.test(result.protocol)))) {
    const [authority] = /^[^/?#]*/.exec(rest);
    rest = rest.slice(authority.length);
    splitHost(result, authority);
  }
  splitRest(result, rest);
  if (result.pathname === null && SLASHED.test(result.protocol || '') && result.hostname)
    result.pathname = '/';
  result.query = result.search === null ? null : result.search.slice(1);
  if (result.pathname !== null || result.search !== null) {
    result.path = (result.pathname || '') + (result.search || '');
  }
  if (parseQuery) result.query = querystring.parse(result.query || '');
  result.href = formatParts(result);
  return result;
}

function authorityOf({ auth, host, hostname, port }) {
  const user = auth ? `${encodeURIComponent(auth).replace(/%3A/i, ':')}@` : '';
  if (host) return user + host;
  if (!hostname) return undefined;
  const name = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
  return user + name + (port ? `:${port}` : '');
}

const withMark = (text, mark) => (text && !text.startsWith(mark) ? mark + text : text || '');

function formatParts(parts) {
  const protocol = parts.protocol ? parts.protocol.replace(/:?$/, ':') : '';
  const queryText = parts.query && typeof parts.query === 'object' ? querystring.stringify(parts.query) : '';
  const search = withMark(parts.search || queryText, '?').replaceAll('#', '%23');
  let pathname = (parts.pathname || '').replace(/[?#]/g, encodeURIComponent);
  let authority = authorityOf(parts);
  if (parts.slashes || (SLASHED.test(protocol) && authority !== undefined)) {
    authority = `//${authority || ''}`;
    if (pathname && !pathname.startsWith('/')) pathname = `/${pathname}`;
  }
  return protocol + (authority || '') + pathname + search + withMark(parts.hash, '#');
}

function format(value, options = {}) {
  if (typeof value === 'string') return formatParts(parse(value));
  if (!(value instanceof URL)) return formatParts(value);
  const copy = new URL(value.href);
  if (options.fragment === false) copy.hash = '';
  if (options.search === false) copy.search = '';
  if (options.auth === false) Object.assign(copy, { username: '', password: '' });
  return copy.href;
}

function resolve(from, to) {
  const stand = 'resolve://';
  const base = new URL(from, stand);
  const resolved = new URL(to, base.protocol === 'resolve:' ? new URL(from, `${stand}stand/`) : base);
  if (resolved.protocol !== 'resolve:') return resolved.href;
  if (to.startsWith('//')) return to;
  const text = resolved.pathname + resolved.search + resolved.hash;
  return from.startsWith('/') || to.startsWith('/') ? text : text.replace(/^\//, '');
}

module.exports = {
  URL,
  URLSearchParams,
  Url,
  parse,
  format,
  resolve,
  domainToASCII: (domain) => (URL.canParse(`ws://${domain}`) ? new URL(`ws://${domain}`).hostname : ''),
  domainToUnicode: (domain) => punycode.toUnicode(domain),
};
