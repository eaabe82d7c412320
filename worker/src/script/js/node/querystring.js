// require('querystring'): parse, stringify, escape and unescape.

function unescape(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    const bytes = host
      .utf8Encode(text)
      .replace(/%([0-9a-f]{2})/gi, (all, hex) => String.fromCharCode(parseInt(hex, 16)));
    return host.utf8Decode(bytes);
  }
}

function escape(text) {
  const value = typeof text === 'object' ? String(text) : `${text}`;
  return encodeURIComponent(value);
}

function parse(text, separator = '&', equals = '=', options = {}) {
  const result = Object.create(null);
  if (typeof text !== 'string' || text === '') return result;
  const { maxKeys = 1000, decodeURIComponent: decode = module.exports.unescape } = options || {};
  const pairs = text.split(separator || '&');
  const shown = maxKeys > 0 ? pairs.slice(0, maxKeys) : pairs;
  for (const pair of shown) {
    if (pair === '') continue;
    const at = pair.indexOf(equals || '=');
    const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + (equals || '=').length)];
    add(result, decode(name.replaceAll('+', ' ')), decode(value.replaceAll('+', ' ')));
  }
  return result;
}

function add(result, name, value) {
  if (!(name in result)) result[name] = value;
  else if (Array.isArray(result[name])) result[name].push(value);
  else result[name] = [result[name], value];
}

function primitiveText(value) {
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : '';
}

function stringify(object, separator = '&', equals = '=', options = {}) {
  if (object === null || typeof object !== 'object') return '';
  const { encodeURIComponent: encode = module.exports.escape } = options || {};
  const pairs = [];
  for (const [name, value] of Object.entries(object)) {
    const head = encode(primitiveText(name)) + (equals || '=');
    for (const item of Array.isArray(value) ? value : [value]) pairs.push(head + encode(primitiveText(item)));
  }
  return pairs.join(separator || '&');
}

module.exports = { parse, stringify, escape, unescape, decode: parse, encode: stringify };
