// The parts of a URL that may contain {{variables}} and :path variables. Nothing is decoded, resolved or
// rejected: the joined parts are the original text (except for backslashes before the query and leading
// blanks).

const { splitOutside, cutOutside } = require('vayu:collection/placeholders');
const { QueryParam } = require('vayu:collection/params');

const segments = (value, separator) =>
  (typeof value === 'string' ? splitOutside(value, separator) : value);

const pathSegments = (path) =>
  (typeof path === 'string' ? splitOutside(path.startsWith('/') ? path.slice(1) : path, '/') : path);

function parseAuth(text) {
  const [user, password] = cutOutside(text, ':');
  return { user, password };
}

// ':id' and ':id.json' name the variable `id`.
function pathVariable(segment) {
  const name = typeof segment === 'string' && segment[0] === ':' ? cutOutside(segment.slice(1), '.')[0] : '';
  return name || undefined;
}

function pathVariables(path) {
  const names = new Set((path ?? []).map(pathVariable));
  names.delete(undefined);
  return [...names].map((key) => ({ key }));
}

function parseHost(text, parts) {
  const [beforeAt, afterAt] = cutOutside(text, '@', true);
  if (afterAt !== undefined) parts.auth = parseAuth(beforeAt);
  const place = afterAt ?? text;
  const [host, port] = cutOutside(place, ':', true);
  // The colons within [::1] do not precede a port.
  if (port === undefined || port.endsWith(']')) parts.host = place;
  else Object.assign(parts, { host, port });
  if (parts.host === '') delete parts.host;
  else parts.host = segments(parts.host, '.');
}

function parseUrl(text) {
  const parts = {};
  const [beforeHash, hash] = cutOutside(text.trimStart(), '#');
  if (hash !== undefined) parts.hash = hash;
  const [beforeQuery, query] = cutOutside(beforeHash, '?');
  if (query !== undefined) parts.query = QueryParam.parse(query);
  const [protocol, afterProtocol] = cutOutside(beforeQuery.replace(/\\/g, '/'), '://');
  const known = afterProtocol !== undefined && !cutOutside(protocol, '/')[1];
  if (known) parts.protocol = protocol;
  const [place, path] = cutOutside(known ? afterProtocol : beforeQuery.replace(/\\/g, '/'), '/');
  if (path !== undefined) parts.path = splitOutside(path, '/');
  if (place) parseHost(place, parts);
  const variable = pathVariables(parts.path);
  if (variable.length) parts.variable = variable;
  return parts;
}

module.exports = { parseUrl, segments, pathSegments, pathVariable };
