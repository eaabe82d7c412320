// Array functions of lodash that work by position or with one callback: slicing, searching, flattening,
// removing and zipping. Functions that compare lists as sets are in sets.js. Predicates and iteratees may be
// shorthands everywhere.

const {
  same,
  isArguments,
  isArray,
  isArrayLikeObject,
  isFunction,
  isIndex,
  isIterateeCall,
  put,
  tagOf,
  toInteger,
} = require('vayu:lodash/types');
const { castPath, get, setByPath, assignValue, toKey, unset } = require('vayu:lodash/path');
const { toIteratee } = require('vayu:lodash/equal');

const lengthOf = (list) => (list == null ? 0 : list.length || 0);
const countOf = (count, guard) => (guard || count === undefined ? 1 : toInteger(count));

// Unlike the array method, returns undefined for holes.
function slice(list, start, end) {
  const length = lengthOf(list);
  if (!length) return [];
  const guarded = end && typeof end !== 'number' && isIterateeCall(list, start, end);
  const relative = (value) => (value < 0 ? Math.max(length + value, 0) : Math.min(value, length));
  const from = guarded || start == null ? 0 : relative(toInteger(start));
  const to = guarded || end === undefined ? length : relative(toInteger(end));
  const result = [];
  for (let index = from; index < to; index++) result.push(list[index]);
  return result;
}

const part = (list, start, end) => (lengthOf(list) ? slice(list, start, end) : []);
const take = (list, count, guard) => part(list, 0, Math.max(countOf(count, guard), 0));
const drop = (list, count, guard) => part(list, Math.max(countOf(count, guard), 0), lengthOf(list));
const takeRight = (list, count, guard) =>
  part(list, Math.max(lengthOf(list) - Math.max(countOf(count, guard), 0), 0), lengthOf(list));
const dropRight = (list, count, guard) =>
  part(list, 0, Math.max(lengthOf(list) - Math.max(countOf(count, guard), 0), 0));

function edge(list, predicate, fromRight) {
  const test = toIteratee(predicate);
  let index = fromRight ? lengthOf(list) - 1 : 0;
  while (index >= 0 && index < lengthOf(list) && test(list[index], index, list))
    index += fromRight ? -1 : 1;
  return index;
}

function chunk(list, size, guard) {
  const width = guard
    ? isIterateeCall(list, size, guard)
      ? 1
      : Math.max(toInteger(size), 0)
    : size === undefined
      ? 1
      : Math.max(toInteger(size), 0);
  if (!width) return [];
  const result = [];
  for (let start = 0; start < lengthOf(list); start += width)
    result.push(slice(list, start, start + width));
  return result;
}

const isFlattenable = (value) =>
  isArray(value) || isArguments(value) || (value != null && !!value[Symbol.isConcatSpreadable]);

function flattenInto(list, depth, result) {
  for (let index = 0; index < lengthOf(list); index++) {
    const item = list[index];
    if (depth > 0 && isFlattenable(item)) flattenInto(item, depth - 1, result);
    else result.push(item);
  }
  return result;
}

const flattenDeep = (list) => flattenInto(list, Infinity, []);
const flattenDepth = (list, depth) => flattenInto(list, depth === undefined ? 1 : toInteger(depth), []);
// A second argument of true flattens all levels, as in lodash 3.
const flatten = (list, deep) => (deep === true ? flattenDeep(list) : flattenInto(list, 1, []));

function searchStart(length, fromIndex, fallback) {
  if (fromIndex == null) return fallback;
  const start = toInteger(fromIndex);
  return start < 0 ? Math.max(length + start, 0) : start;
}

function findIndex(list, predicate, fromIndex) {
  const test = toIteratee(predicate);
  for (let index = searchStart(lengthOf(list), fromIndex, 0); index < lengthOf(list); index++) {
    if (test(list[index], index, list)) return index;
  }
  return -1;
}

function lastStart(length, fromIndex) {
  if (fromIndex === undefined) return length - 1;
  const start = toInteger(fromIndex);
  return start < 0 ? Math.max(length + start, 0) : Math.min(start, length - 1);
}

function findLastIndex(list, predicate, fromIndex) {
  const test = toIteratee(predicate);
  for (let index = lastStart(lengthOf(list), fromIndex); index >= 0; index--) {
    if (index < lengthOf(list) && test(list[index], index, list)) return index;
  }
  return -1;
}

const indexOf = (list, value, fromIndex) => findIndex(list, (item) => same(item, value), fromIndex);
const lastIndexOf = (list, value, fromIndex) => findLastIndex(list, (item) => same(item, value), fromIndex);

function nth(list, index) {
  const position = toInteger(index);
  const length = lengthOf(list);
  const real = position < 0 ? position + length : position;
  return length && isIndex(real, length) ? list[real] : undefined;
}

function remove(list, predicate) {
  const test = toIteratee(predicate);
  const indexes = [];
  for (let index = 0; index < lengthOf(list); index++)
    if (test(list[index], index, list)) indexes.push(index);
  const removed = indexes.map((index) => list[index]);
  dropIndexes(list, indexes);
  return removed;
}

function dropIndexes(list, indexes) {
  for (const index of [...indexes].reverse()) Array.prototype.splice.call(list, index, 1);
}

function pullAt(list, ...paths) {
  const indexes = flattenInto(paths, 1, []);
  const result = indexes.map((index) => get(list, index));
  if (!list) return result;
  const names = indexes.map((index) => (isIndex(index, list.length) ? +index : index));
  const numbers = [...new Set(names.filter((name) => isIndex(name)))].sort((left, right) => left - right);
  dropIndexes(list, numbers);
  for (const name of names) if (!isIndex(name)) unset(list, name);
  return result;
}

function fill(list, value, start, end) {
  const length = lengthOf(list);
  if (!length) return [];
  const whole = start && typeof start !== 'number' && isIterateeCall(list, value, start);
  const relative = (index) => (index < 0 ? Math.max(length + index, 0) : index);
  const to = whole || end === undefined ? length : Math.min(relative(toInteger(end)), length);
  for (let index = whole ? 0 : relative(toInteger(start)); index < to; index++) list[index] = value;
  return list;
}

function unzip(groups) {
  const lists = slice(groups).filter(isArrayLikeObject);
  const length = lists.reduce((longest, list) => Math.max(longest, list.length), 0);
  return Array.from({ length }, (_, index) => lists.map((list) => list[index]));
}

const unzipWith = (groups, combine) => {
  const rows = unzip(groups);
  return combine == null ? rows : rows.map((row) => combine(...row));
};
const zip = (...lists) => unzip(lists);

function zipWith(...lists) {
  const combine = lists.length > 1 && isFunction(lists[lists.length - 1]) ? lists.pop() : undefined;
  return unzipWith(lists, combine);
}

function fromPairs(pairs) {
  const result = {};
  for (let index = 0; index < lengthOf(pairs); index++)
    put(result, toKey(pairs[index][0]), pairs[index][1]);
  return result;
}

// A single list of pairs is accepted as well, as in lodash 3.
function zipObject(names, list) {
  if (list === undefined && lengthOf(names) && isArray(names[0])) return fromPairs(names);
  const result = {};
  for (let index = 0; index < lengthOf(names); index++) {
    assignValue(result, toKey(names[index]), index < lengthOf(list) ? list[index] : undefined);
  }
  return result;
}

function zipObjectDeep(names, list) {
  const result = {};
  for (let index = 0; index < lengthOf(names); index++) {
    setByPath(result, castPath(names[index]), index < lengthOf(list) ? list[index] : undefined);
  }
  return result;
}

function concat(...parts) {
  const [first, ...rest] = parts;
  if (!parts.length) return [];
  return flattenInto(rest, 1, isArray(first) ? slice(first) : [first]);
}

// Returns the position of `value` in a sorted list; undefined, null and NaN sort last.
function sortedPosition(list, value, iteratee, after) {
  const by = toIteratee(iteratee);
  const rank = (item) =>
    item !== item ? 4 : item === undefined ? 3 : item === null ? 2 : tagOf(item) === 'Symbol' ? 1 : 0;
  const wanted = by(value);
  const goesLeft = (item) => {
    if (rank(item) !== rank(wanted)) return rank(item) < rank(wanted);
    if (rank(item)) return after;
    return after ? item <= wanted : item < wanted;
  };
  let [low, high] = [0, lengthOf(list)];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (goesLeft(by(list[middle]))) low = middle + 1;
    else high = middle;
  }
  return high;
}

const published = {
  slice,
  take,
  drop,
  takeRight,
  dropRight,
  chunk,
  flatten,
  flattenDeep,
  flattenDepth,
  findIndex,
  findLastIndex,
  indexOf,
  lastIndexOf,
  nth,
  remove,
  pullAt,
  fill,
  unzip,
  unzipWith,
  zip,
  zipWith,
  fromPairs,
  zipObject,
  zipObjectDeep,
  concat,
  takeWhile: (list, predicate) => part(list, 0, edge(list, predicate, false)),
  dropWhile: (list, predicate) => part(list, edge(list, predicate, false)),
  takeRightWhile: (list, predicate) => part(list, edge(list, predicate, true) + 1),
  dropRightWhile: (list, predicate) => part(list, 0, edge(list, predicate, true) + 1),
  head: (list) => (lengthOf(list) ? list[0] : undefined),
  last: (list) => (lengthOf(list) ? list[list.length - 1] : undefined),
  initial: (list) => part(list, 0, -1),
  tail: (list) => part(list, 1),
  compact: (list) => slice(list).filter(Boolean),
  reverse: (list) => (list == null ? list : Array.prototype.reverse.call(list)),
  join: (list, separator) => (list == null ? '' : Array.prototype.join.call(list, separator)),
  castArray: (...args) => (!args.length ? [] : isArray(args[0]) ? args[0] : [args[0]]),
  sortedIndex: (list, value) => sortedPosition(list, value, null, false),
  sortedIndexBy: (list, value, iteratee) => sortedPosition(list, value, iteratee, false),
  sortedLastIndex: (list, value) => sortedPosition(list, value, null, true),
  sortedLastIndexBy: (list, value, iteratee) => sortedPosition(list, value, iteratee, true),
  sortedIndexOf(list, value) {
    const index = sortedPosition(list, value, null, false);
    return index < lengthOf(list) && same(list[index], value) ? index : -1;
  },
  sortedLastIndexOf(list, value) {
    const index = sortedPosition(list, value, null, true) - 1;
    return index >= 0 && same(list[index], value) ? index : -1;
  },
};

module.exports = { published, lengthOf, flattenInto, slice, dropIndexes, lastStart };
