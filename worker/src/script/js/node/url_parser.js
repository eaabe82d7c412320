// Parses WHATWG URLs into records { scheme, username, password, host, port, path, query, fragment }, resolves
// them against a base and serializes them. `host` is null if there is none, `path` is a list of segments, or
// a string for opaque paths (mailto:...). parseUrl returns undefined for an invalid URL.
// Not supported: the drive letters of file URLs.

const { percentEncode } = require('vayu:node/url_percent');
const { parseHost } = require('vayu:node/url_host');

const PORTS = { http: 80, https: 443, ws: 80, wss: 443, ftp: 21, file: null };

const isSpecial = (scheme) => Object.hasOwn(PORTS, scheme);

function clean(text) {
  return text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replace(/[\t\n\r]/g, '');
}

// [before, after the mark or null]
function cut(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

const isDot = (segment) => /^(?:\.|%2e)$/i.test(segment);
const isDoubleDot = (segment) => /^(?:\.|%2e){2}$/i.test(segment);

function walk(start, text, special) {
  const path = [...start];
  const segments = text.split(special ? /[/\\]/ : '/');
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1;
    if (isDoubleDot(segment)) path.pop();
    else if (!isDot(segment)) path.push(percentEncode(segment, 'path'));
    if (last && (isDoubleDot(segment) || isDot(segment))) path.push('');
  });
  return path;
}

function parsePath(text, special) {
  if (text === '') return special ? [''] : [];
  return walk([], text.replace(special ? /^[/\\]/ : /^\//, ''), special);
}

function parsePort(text, scheme) {
  if (text === '') return null;
  if (!/^\d+$/.test(text) || Number(text) > 65535) return undefined;
  return Number(text) === PORTS[scheme] ? null : Number(text);
}

function parseAuthority(text, scheme) {
  const special = isSpecial(scheme);
  const at = text.lastIndexOf('@');
  const [name, password] = cut(text.slice(0, Math.max(0, at)), ':');
  const [, hostText, , portText = ''] = /^(\[[^\]]*\]?|[^:]*)(:([^]*))?$/.exec(text.slice(at + 1)) || [];
  if (hostText === undefined) return undefined;
  if (hostText === '' && (special || at >= 0 || text.includes(':'))) return undefined;
  const hostName = hostText === '' ? '' : parseHost(hostText, special);
  const port = parsePort(portText, scheme);
  if (hostName === undefined || port === undefined) return undefined;
  return {
    username: percentEncode(name, 'userinfo'),
    password: percentEncode(password || '', 'userinfo'),
    host: hostName,
    port,
  };
}

const NO_AUTHORITY = { username: '', password: '', host: null, port: null };

function splitAuthority(text, special) {
  const end = text.search(special ? /[/\\]/ : /\//);
  return end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end)];
}

function parseFile(rest, base) {
  const slashes = /^[/\\]*/.exec(rest)[0].length;
  if (slashes >= 2) {
    const [hostText, pathText] = splitAuthority(rest.slice(2), true);
    const hostName = hostText === '' ? '' : parseHost(hostText, true);
    if (hostName === undefined) return undefined;
    return {
      ...NO_AUTHORITY,
      host: hostName === 'localhost' ? '' : hostName,
      path: parsePath(pathText, true),
    };
  }
  const fileBase = base && base.scheme === 'file' ? base : undefined;
  const hostName = fileBase ? fileBase.host : '';
  if (slashes === 1 || !fileBase) return { ...NO_AUTHORITY, host: hostName, path: parsePath(rest, true) };
  return { ...NO_AUTHORITY, host: hostName, path: relativePath(rest, fileBase.path, true) };
}

const relativePath = (text, basePath, special) =>
  text === '' ? basePath : walk(basePath.slice(0, -1), text, special);

function parseWithScheme(scheme, rest, base) {
  if (scheme === 'file') return parseFile(rest, base);
  if (isSpecial(scheme)) {
    if (base && base.scheme === scheme && !/^[/\\]{2}/.test(rest)) return parseRelative(rest, base);
    const [authority, path] = splitAuthority(rest.replace(/^[/\\]+/, ''), true);
    const parsed = parseAuthority(authority, scheme);
    return parsed && { ...parsed, path: parsePath(path, true) };
  }
  if (rest.startsWith('//')) {
    const [authority, path] = splitAuthority(rest.slice(2), false);
    const parsed = parseAuthority(authority, scheme);
    return parsed && { ...parsed, path: parsePath(path, false) };
  }
  if (rest.startsWith('/')) return { ...NO_AUTHORITY, path: parsePath(rest, false) };
  return { ...NO_AUTHORITY, path: percentEncode(rest, 'control') };
}

function parseRelative(rest, base) {
  const special = isSpecial(base.scheme);
  if (special ? /^[/\\]{2}/.test(rest) : rest.startsWith('//'))
    return parseWithScheme(base.scheme, rest, undefined);
  const { username, password, host: hostName, port } = base;
  const rooted = rest.startsWith('/') || (special && rest.startsWith('\\'));
  const path = rooted ? parsePath(rest, special) : relativePath(rest, base.path, special);
  return { username, password, host: hostName, port, path };
}

function encodedQuery(text, scheme) {
  return text === null ? null : percentEncode(text, isSpecial(scheme) ? 'specialQuery' : 'query');
}

function parseUrl(input, base) {
  const [beforeFragment, fragmentText] = cut(clean(input), '#');
  const fragment = fragmentText === null ? null : percentEncode(fragmentText, 'fragment');
  const [body, queryText] = cut(beforeFragment, '?');
  const schemed = /^([a-z][a-z0-9+.-]*):([^]*)$/i.exec(body);
  if (schemed) {
    const scheme = schemed[1].toLowerCase();
    const parts = parseWithScheme(scheme, schemed[2], base);
    return (
      parts && {
        scheme,
        ...parts,
        query: relativeQuery(parts, queryText, scheme, base, schemed[2]),
        fragment,
      }
    );
  }
  if (!base) return undefined;
  if (typeof base.path === 'string') {
    return body === '' && queryText === null && fragmentText !== null ? { ...base, fragment } : undefined;
  }
  const parts = base.scheme === 'file' ? parseFile(body, base) : parseRelative(body, base);
  return (
    parts && {
      scheme: base.scheme,
      ...parts,
      query: relativeQuery(parts, queryText, base.scheme, base, body),
      fragment,
    }
  );
}

// An empty reference keeps the query of its base.
function relativeQuery(parts, text, scheme, base, rest) {
  if (rest === '' && text === null && base && parts.path === base.path) return base.query;
  return encodedQuery(text, scheme);
}

function pathText({ path, host: hostName }) {
  if (typeof path === 'string') return path;
  const text = path.map((segment) => `/${segment}`).join('');
  return hostName === null && path.length > 1 && path[0] === '' ? `/.${text}` : text;
}

function serialize(record, withFragment = true) {
  const { scheme, username, password, host: hostName, port, query, fragment } = record;
  let text = `${scheme}:`;
  if (hostName !== null) {
    const user = username || password ? `${username}${password && `:${password}`}@` : '';
    text += `//${user}${hostName}${port === null ? '' : `:${port}`}`;
  }
  text += pathText(record);
  if (query !== null) text += `?${query}`;
  return withFragment && fragment !== null ? `${text}#${fragment}` : text;
}

module.exports = {
  parseUrl,
  parsePath,
  parsePort,
  parseAuthority,
  serialize,
  isSpecial,
  encodedQuery,
  clean,
};
