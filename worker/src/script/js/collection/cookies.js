// Cookies and lists of them. Values are stored percent-encoded and read decoded. A CookieList has the read
// methods of an array, because scripts treat `pm.response.cookies` as one. There is no jar here: the code
// that creates `pm.cookies` adds a `jar` to it.

const { Property, isObject } = require('vayu:collection/property');
const PropertyList = require('vayu:collection/property_list');

const ATTRIBUTES = {
  'path': 'path', 'domain': 'domain', 'expires': 'expires', 'max-age': 'maxAge', 'secure': 'secure',
  'httponly': 'httpOnly', 'session': 'session',
};
const FLAGS = ['secure', 'httpOnly', 'hostOnly', 'session'];

// What is already encoded stays as it is.
const encode = (text) => text.replace(/%[0-9a-f]{2}|[^%]+|%/gi, (part) => {
  const encoded = part.length === 3 && part[0] === '%';
  return encoded ? part : encodeURIComponent(part.replace(/[\ud800-\udfff]/gu, '\ufffd'));
});

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

class PostmanCookie extends Property {
  static indexKey = 'name';
  static ignoresCase = true;
  static repeats = true;

  constructor(definition) {
    const given = typeof definition === 'string' ? PostmanCookie.parse(definition) : definition;
    super({ id: given?.id });
    this.update(given);
  }

  update(definition) {
    if (!isObject(definition)) return;
    const { name = definition.key, expires, maxAge, domain, path, value, extensions } = definition;
    if (name) this.name = name;
    if (expires) this.expires = new Date(expires);
    if (maxAge !== undefined && maxAge !== null) this.maxAge = Number(maxAge);
    if (domain) this.domain = domain;
    if (path) this.path = path;
    for (const flag of FLAGS) {
      if (definition[flag] !== undefined) this[flag] = Boolean(definition[flag]);
    }
    if (value !== undefined && value !== null) this.value = encode(String(value));
    if (extensions) this.extensions = extensions;
  }

  get sameSite() {
    return this.extensions?.find(({ key }) => String(key).toLowerCase() === 'samesite')?.value;
  }

  valueOf() {
    return decode(this.value ?? '');
  }

  toString() {
    return PostmanCookie.stringify(this);
  }

  static isCookie(value) {
    return value instanceof PostmanCookie;
  }

  // A line of Set-Cookie.
  static parse(text) {
    if (typeof text !== 'string') return text;
    const [first, ...rest] = text.split(';').map(PostmanCookie.splitParam);
    const cookie = { key: first.key, value: first.value };
    const extensions = [];
    for (const { key, value } of rest) {
      const name = ATTRIBUTES[key.toLowerCase()];
      if (name) cookie[name] = value;
      else if (key) extensions.push({ key, value });
    }
    if (extensions.length) cookie.extensions = extensions;
    if (!cookie.domain) cookie.hostOnly = true;
    return cookie;
  }

  static splitParam(text) {
    const end = text.indexOf('=');
    if (end < 0) return { key: text.trim(), value: true };
    const value = text.slice(end + 1).trim().replace(/^"(.*)"$/, '$1');
    return { key: text.slice(0, end).trim(), value };
  }

  static unparse(cookies) {
    return [...cookies].map(PostmanCookie.unparseSingle).join('; ');
  }

  static unparseSingle(cookie) {
    if (!isObject(cookie)) return '';
    const value = cookie.value ?? '';
    return cookie.name ? `${cookie.name}=${value}` : String(value);
  }

  static stringify(cookie) {
    const parts = [PostmanCookie.unparseSingle(cookie)];
    const expires = cookie.expires && new Date(cookie.expires);
    if (expires && !Number.isNaN(expires.getTime())) parts.push(`Expires=${expires.toUTCString()}`);
    if (cookie.maxAge) parts.push(`Max-Age=${cookie.maxAge}`);
    if (cookie.domain && !cookie.hostOnly) parts.push(`Domain=${cookie.domain}`);
    if (cookie.path) parts.push(`Path=${cookie.path}`);
    if (cookie.secure) parts.push('Secure');
    if (cookie.httpOnly) parts.push('HttpOnly');
    for (const { key, value } of cookie.extensions ?? []) {
      parts.push(value === true ? key : `${key}=${value}`);
    }
    return parts.join('; ');
  }
}

class CookieList extends PropertyList {
  // (parent, cookies) or (cookies).
  constructor(parent, cookies) {
    super(PostmanCookie, parent, Array.isArray(parent) && cookies === undefined ? parent : cookies);
  }

  static isCookieList(value) {
    return value instanceof CookieList;
  }

  // A string is one cookie, not a list: values may contain the separator.
  membersOf(source) {
    return typeof source === 'string' ? [source] : super.membersOf(source);
  }

  jar() {
    throw new Error('a cookie jar is available on pm.cookies only');
  }

  forEach(callback, context) {
    this.members.forEach(callback, context);
  }

  some(callback, context) {
    return this.members.some(callback, context);
  }

  every(callback, context) {
    return this.members.every(callback, context);
  }

  slice(from, to) {
    return this.members.slice(from, to);
  }
}

module.exports = { Cookie: PostmanCookie, CookieList };
