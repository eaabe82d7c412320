// Property paths of lodash: 'a.b[0]["c"]' or a list of keys, and the functions that read, write, test and
// delete by such a path. Writing never follows __proto__, constructor or prototype.

const {
  hasOwn,
  same,
  isIndex,
  isArray,
  isArguments,
  isLength,
  isObject,
  isSymbol,
  put,
  toString,
  toText,
} = require('vayu:lodash/types');

const cache = new Map();

function toKey(value) {
  return typeof value === 'string' || isSymbol(value) ? value : toText(value);
}

// An empty part between two separators is a key as well: the empty string.
const endsPart = (text, position) =>
  position === text.length || text[position] === '.' || text.startsWith('[]', position);

function splitPath(text) {
  const parts = text[0] === '.' ? [''] : [];
  const plain = /[^.[\]]+/y;
  const bracket = /\[(?:(-?\d+(?:\.\d+)?)|(["'])((?:\\.|(?!\2)[^\\])*)\2)\]/sy;
  let position = 0;
  while (position < text.length) {
    plain.lastIndex = bracket.lastIndex = position;
    const quoted = bracket.exec(text);
    const word = quoted ? null : plain.exec(text);
    if (quoted) {
      parts.push(quoted[1] === undefined ? quoted[3].replace(/\\(\\)?/g, '$1') : quoted[1]);
      position = bracket.lastIndex;
    } else if (word) {
      parts.push(word[0]);
      position = plain.lastIndex;
    } else {
      const width = text.startsWith('[]', position) ? 2 : 1;
      if ((text[position] === '.' || width === 2) && endsPart(text, position + width)) parts.push('');
      position += width;
    }
  }
  return parts;
}

function stringToPath(text) {
  let parts = cache.get(text);
  if (!parts) {
    if (cache.size >= 500) cache.clear();
    cache.set(text, (parts = splitPath(text)));
  }
  return parts;
}

function isKey(value, object) {
  if (isArray(value)) return false;
  if (
    typeof value !== 'string' &&
    (value == null || (typeof value !== 'object' && typeof value !== 'function') || isSymbol(value))
  )
    return true;
  return (
    !/[.[]/.test(value) ||
    !/\.|\[(?:[^[\]]*|(["'])(?:(?!\1)[^\\]|\\.)*?\1)\]/.test(value) ||
    (object != null && value in Object(object))
  );
}

function castPath(value, object) {
  if (isArray(value)) return value;
  return isKey(value, object) ? [value] : stringToPath(toString(value));
}

function toPath(value) {
  if (isArray(value)) return Array.from(value, toKey);
  return isSymbol(value) ? [value] : [...stringToPath(toString(value))];
}

function getByPath(object, path) {
  const keys = castPath(path, object);
  let value = object;
  let index = 0;
  while (value != null && index < keys.length) value = value[toKey(keys[index++])];
  return index > 0 && index === keys.length ? value : undefined;
}

function get(object, path, fallback) {
  const value = object == null ? undefined : getByPath(object, path);
  return value === undefined ? fallback : value;
}

function hasPath(object, path, holds) {
  const keys = castPath(path, object);
  let value = object;
  let found = false;
  let index = 0;
  for (; index < keys.length; index++) {
    found = value != null && holds(value, toKey(keys[index]));
    if (!found) break;
    value = value[toKey(keys[index])];
  }
  if (found || index !== keys.length - 1) return found;
  return (
    value != null &&
    isLength(value.length) &&
    isIndex(toKey(keys[index]), value.length) &&
    (isArray(value) || isArguments(value))
  );
}

const has = (object, path) => object != null && hasPath(object, path, hasOwn);
const hasIn = (object, path) =>
  object != null && hasPath(object, path, (value, key) => key in Object(value));

function assignValue(object, key, value) {
  if (!(hasOwn(object, key) && same(object[key], value)) || (value === undefined && !(key in object))) {
    put(object, key, value);
  }
}

function setByPath(object, path, value, customizer) {
  if (!isObject(object)) return object;
  const keys = castPath(path, object);
  let nested = object;
  for (let index = 0; index < keys.length && nested != null; index++) {
    const key = toKey(keys[index]);
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') return object;
    let next = value;
    if (index < keys.length - 1) {
      const present = nested[key];
      next = customizer ? customizer(present, key, nested) : undefined;
      if (next === undefined) next = isObject(present) ? present : isIndex(keys[index + 1]) ? [] : {};
    }
    assignValue(nested, key, next);
    nested = nested[key];
  }
  return object;
}

const functionOr = (value) => (typeof value === 'function' ? value : undefined);
const set = (object, path, value) => setByPath(object, path, value);
const setWith = (object, path, value, customizer) => setByPath(object, path, value, functionOr(customizer));

const callOr = (updater, value) => (typeof updater === 'function' ? updater(value) : value);

function updateWith(object, path, updater, customizer) {
  return object == null
    ? object
    : setByPath(object, path, callOr(updater, getByPath(object, path)), functionOr(customizer));
}

const update = (object, path, updater) => updateWith(object, path, updater);

function unset(object, path) {
  if (object == null) return true;
  const keys = castPath(path, object);
  const parent = keys.length < 2 ? object : getByPath(object, keys.slice(0, -1));
  return parent == null || Reflect.deleteProperty(Object(parent), toKey(keys[keys.length - 1]));
}

function result(object, path, fallback) {
  const keys = castPath(path, object);
  let value = object;
  for (const key of keys.length ? keys : [undefined]) {
    const next = value == null ? undefined : value[toKey(key)];
    if (next === undefined) return typeof fallback === 'function' ? fallback.call(value) : fallback;
    value = typeof next === 'function' ? next.call(value) : next;
  }
  return value;
}

function invoke(object, path, ...args) {
  const keys = castPath(path, object);
  const owner = keys.length < 2 ? object : getByPath(object, keys.slice(0, -1));
  const method = owner == null ? undefined : owner[toKey(keys[keys.length - 1])];
  return method == null ? undefined : method.apply(owner, args);
}

const at = (object, ...paths) =>
  paths.flatMap((path) => (isArray(path) ? Array.from(path) : [path])).map((path) => get(object, path));

module.exports = {
  published: { get, set, setWith, update, updateWith, has, hasIn, unset, result, invoke, at, toPath },
  castPath,
  toKey,
  getByPath,
  assignValue,
  isKey,
  get,
  has,
  hasIn,
  set,
  unset,
  invoke,
  toPath,
  setByPath,
  hasPath,
};
