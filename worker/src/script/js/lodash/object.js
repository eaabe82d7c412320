// Object functions of lodash: picking, mapping and iterating members. Reading and writing by path is in
// path.js, assigning and merging in clone.js.

const {
  hasOwn,
  isArray,
  isFunction,
  isObject,
  isTypedArray,
  keys,
  keysIn,
  put,
  tagOf,
} = require('vayu:lodash/types');
const { getByPath, hasPath, setByPath, castPath, unset, assignValue } = require('vayu:lodash/path');
const { toIteratee, identity } = require('vayu:lodash/equal');
const { cloneDeep } = require('vayu:lodash/clone');
const { flattenInto } = require('vayu:lodash/array');

const forKeys = (namesOf, fromRight) => (object, iteratee) => {
  if (object == null) return object;
  const call = toIteratee(iteratee);
  const names = fromRight ? namesOf(object).reverse() : namesOf(object);
  for (const key of names) if (call(object[key], key, object) === false) break;
  return object;
};

const finder = (fromRight) => (object, predicate) => {
  if (object == null) return undefined;
  const test = toIteratee(predicate);
  const names = fromRight ? keys(object).reverse() : keys(object);
  return names.find((key) => test(object[key], key, object));
};

function mapValues(object, iteratee) {
  const call = toIteratee(iteratee);
  const result = {};
  for (const key of keys(object)) put(result, key, call(object[key], key, object));
  return result;
}

function mapKeys(object, iteratee) {
  const call = toIteratee(iteratee);
  const result = {};
  for (const key of keys(object)) put(result, nameOf(call(object[key], key, object)), object[key]);
  return result;
}
const nameOf = (key) => (typeof key === 'symbol' ? key : String(key));

function namesAndSymbols(object) {
  const result = keysIn(object);
  for (let owner = Object(object); owner; owner = Object.getPrototypeOf(owner)) {
    for (const symbol of Object.getOwnPropertySymbols(owner)) {
      if (Object.prototype.propertyIsEnumerable.call(owner, symbol)) result.push(symbol);
    }
  }
  return result;
}

function pickBy(object, predicate) {
  if (object == null) return {};
  const test = toIteratee(predicate);
  const result = {};
  for (const key of namesAndSymbols(object))
    if (test(object[key], key)) setByPath(result, [key], object[key]);
  return result;
}

function omitBy(object, predicate) {
  const test = toIteratee(predicate);
  return pickBy(object, (value, key) => !test(value, key));
}

// A function instead of names is a predicate, as in lodash 3.
function pick(object, ...paths) {
  if (isFunction(paths[0])) return pickBy(object, paths[0]);
  const result = {};
  if (object == null) return result;
  for (const path of flattenInto(paths, 1, [])) {
    const keyPath = castPath(path, object);
    if (hasPath(object, keyPath, (value, key) => key in Object(value))) {
      setByPath(result, keyPath, getByPath(object, keyPath));
    }
  }
  return result;
}

function omit(object, ...paths) {
  if (isFunction(paths[0])) return omitBy(object, paths[0]);
  if (object == null) return {};
  const keyPaths = flattenInto(paths, 1, []).map((path) => castPath(path, object));
  let result = {};
  for (const key of namesAndSymbols(object)) assignValue(result, key, object[key]);
  if (keyPaths.some((path) => path.length > 1)) result = cloneDeep(result);
  for (const path of keyPaths) unset(result, path);
  return result;
}

function pairsOf(namesOf) {
  return (object) => {
    const tag = tagOf(object);
    if (tag === 'Map') return [...object];
    if (tag === 'Set') return [...object].map((value) => [value, value]);
    return namesOf(object).map((key) => [key, object[key]]);
  };
}

function invertBy(object, iteratee = identity) {
  const by = toIteratee(iteratee);
  const result = {};
  for (const key of keys(object)) {
    const name = nameOf(by(object[key]));
    if (hasOwn(result, name)) result[name].push(key);
    else put(result, name, [key]);
  }
  return result;
}

function invert(object) {
  const result = {};
  for (const key of keys(object)) {
    const value = object[key];
    put(result, value != null && !isFunction(value.toString) ? tagText(value) : nameOf(value), key);
  }
  return result;
}
const tagText = (value) => Object.prototype.toString.call(value);

function transform(object, iteratee, accumulator) {
  const call = toIteratee(iteratee);
  let result = accumulator;
  if (result == null) {
    const maker = object && object.constructor;
    if (isArray(object) || isTypedArray(object)) result = isArray(object) ? new maker() : [];
    else result = isObject(object) && isFunction(maker) ? Object.create(Object.getPrototypeOf(object)) : {};
  }
  const listed = isArray(object) || isTypedArray(object);
  for (const key of keys(object)) {
    if (call(result, object[key], listed ? +key : key, object) === false) break;
  }
  return result;
}

function create(prototype, members) {
  const result = isObject(prototype) ? Object.create(prototype) : {};
  if (members != null) for (const key of keys(members)) assignValue(result, key, members[key]);
  return result;
}

const conforms = (object, source) => {
  if (object == null) return !keys(source).length;
  return keys(source).every((key) => {
    const value = object[key];
    return (value !== undefined || key in Object(object)) && !!source[key](value);
  });
};

module.exports = {
  published: {
    mapValues,
    mapKeys,
    pick,
    pickBy,
    omit,
    omitBy,
    invert,
    invertBy,
    transform,
    create,
    forOwn: forKeys(keys, false),
    forOwnRight: forKeys(keys, true),
    forIn: forKeys(keysIn, false),
    forInRight: forKeys(keysIn, true),
    findKey: finder(false),
    findLastKey: finder(true),
    toPairs: pairsOf(keys),
    toPairsIn: pairsOf(keysIn),
    functions: (object) => keys(object).filter((key) => isFunction(object[key])),
    functionsIn: (object) => keysIn(object).filter((key) => isFunction(object[key])),
    conformsTo: (object, source) => source == null || conforms(object, source),
    conforms(source) {
      const kept = cloneDeep(source);
      return (object) => conforms(object, kept);
    },
  },
};
