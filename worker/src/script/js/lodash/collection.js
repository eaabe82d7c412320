// Collection functions of lodash, over lists, strings and objects alike: iteration, searching,
// grouping, sorting and sampling. Callbacks get (value, key, collection) and may be shorthands.
// Sorting is stable; undefined, null and NaN come last in ascending order.

const {
  hasOwn,
  isArray,
  isArrayLike,
  isFunction,
  isIterateeCall,
  isObject,
  isString,
  isSymbol,
  keys,
  put,
  same,
  toArray,
  toInteger,
  values,
} = require('vayu:lodash/types');
const { get, invoke: invokePath } = require('vayu:lodash/path');
const { toIteratee, identity } = require('vayu:lodash/equal');
const { flattenInto, lastStart } = require('vayu:lodash/array');

// Calls visit(value, key) in order until it returns false.
function walk(collection, visit, fromRight) {
  if (collection == null) return;
  const source = Object(collection);
  const listed = isArrayLike(collection);
  const names = listed ? null : keys(source);
  const length = listed ? source.length : names.length;
  for (let count = 0; count < length; count++) {
    const index = fromRight ? length - 1 - count : count;
    const key = listed ? index : names[index];
    if (visit(source[key], key) === false) return;
  }
}

const each = (fromRight) => (collection, iteratee) => {
  const call = isFunction(iteratee) ? iteratee : toIteratee(iteratee);
  walk(collection, (value, key) => call(value, key, collection), fromRight);
  return collection;
};
const forEach = each(false);
const forEachRight = each(true);

function map(collection, iteratee) {
  const call = toIteratee(iteratee);
  const result = [];
  walk(collection, (value, key) => {
    result.push(call(value, key, collection));
  });
  return result;
}

function filter(collection, predicate) {
  const test = toIteratee(predicate);
  const result = [];
  walk(collection, (value, key) => {
    if (test(value, key, collection)) result.push(value);
  });
  return result;
}

function reject(collection, predicate) {
  const test = toIteratee(predicate);
  return filter(collection, (value, key) => !test(value, key, collection));
}

function find(collection, predicate, fromIndex) {
  const test = toIteratee(predicate);
  const start = toInteger(fromIndex);
  const first =
    start < 0
      ? Math.max((isArrayLike(collection) ? collection.length : keys(collection).length) + start, 0)
      : start;
  let position = 0;
  let found;
  walk(collection, (value, key) => {
    if (position++ < first || !test(value, key, collection)) return true;
    found = value;
    return false;
  });
  return found;
}

function findLast(collection, predicate, fromIndex) {
  if (collection == null) return undefined;
  const test = toIteratee(predicate);
  const names = isArrayLike(collection) ? null : keys(collection);
  const length = names ? names.length : collection.length;
  for (let index = lastStart(length, fromIndex); index >= 0; index--) {
    const key = names ? names[index] : index;
    if (test(collection[key], key, collection)) return collection[key];
  }
  return undefined;
}

function some(collection, predicate, guard) {
  const test = toIteratee(guard && isIterateeCall(collection, predicate, guard) ? undefined : predicate);
  let found = false;
  walk(collection, (value, key) => !(found = !!test(value, key, collection)));
  return found;
}

function every(collection, predicate, guard) {
  const test = toIteratee(guard && isIterateeCall(collection, predicate, guard) ? undefined : predicate);
  let holds = true;
  walk(collection, (value, key) => (holds = !!test(value, key, collection)));
  return holds;
}

const reducer =
  (fromRight) =>
  (...args) => {
    const [collection, iteratee] = args;
    const call = toIteratee(iteratee);
    let started = args.length > 2;
    let result = args[2];
    walk(
      collection,
      (value, key) => {
        result = started ? call(result, value, key, collection) : value;
        started = true;
      },
      fromRight,
    );
    return result;
  };

function includes(collection, value, fromIndex, guard) {
  const list = isArrayLike(collection) ? collection : values(collection);
  const start = fromIndex && !guard ? toInteger(fromIndex) : 0;
  const from = start < 0 ? Math.max(list.length + start, 0) : start;
  if (isString(list)) return from <= list.length && list.indexOf(value, from) > -1;
  for (let index = from; index < list.length; index++) if (same(list[index], value)) return true;
  return false;
}

// Builds an object by the keys that the iteratee returns; step(result, key, value) adds a value.
const collector = (step) => (collection, iteratee) => {
  const by = toIteratee(iteratee);
  const result = {};
  walk(collection, (value) => {
    step(result, propertyName(by(value)), value);
  });
  return result;
};
const propertyName = (key) => (typeof key === 'symbol' ? key : String(key));

const groupBy = collector((result, key, value) => {
  if (hasOwn(result, key)) result[key].push(value);
  else put(result, key, [value]);
});
const countBy = collector((result, key) => put(result, key, hasOwn(result, key) ? result[key] + 1 : 1));
const keyBy = collector(put);

function partition(collection, predicate) {
  const test = toIteratee(predicate);
  const result = [[], []];
  walk(collection, (value) => {
    result[test(value) ? 0 : 1].push(value);
  });
  return result;
}

function rank(value) {
  if (value === undefined) return 3;
  if (value === null) return 2;
  if (value !== value) return 4;
  return isSymbol(value) ? 1 : 0;
}

function compareAscending(left, right) {
  if (rank(left) !== rank(right)) return rank(left) - rank(right);
  if (rank(left)) return 0;
  return left > right ? 1 : left < right ? -1 : 0;
}

function sortWith(collection, iteratees, orders) {
  const callers = (iteratees.length ? iteratees : [identity]).map((iteratee) =>
    isArray(iteratee)
      ? (value) => get(value, iteratee.length === 1 ? iteratee[0] : iteratee)
      : toIteratee(iteratee),
  );
  const rows = map(collection, (value) => ({ value, keys: callers.map((call) => call(value)) }));
  rows.sort((left, right) => {
    for (let index = 0; index < callers.length; index++) {
      const result = compareAscending(left.keys[index], right.keys[index]);
      if (result) return orders[index] === 'desc' ? -result : result;
    }
    return 0;
  });
  return rows.map((row) => row.value);
}

function sortBy(collection, ...iteratees) {
  if (collection == null) return [];
  const [first, second, third] = iteratees;
  if (iteratees.length > 1 && isIterateeCall(collection, first, second))
    return sortWith(collection, [], []);
  const kept = iteratees.length > 2 && isIterateeCall(first, second, third) ? [first] : iteratees;
  return sortWith(collection, flattenInto(kept, 1, []), []);
}

const listed = (value) => (value == null ? [] : isArray(value) ? value : [value]);

// Orders may also be booleans (true ascends), as in sortByOrder of lodash 3.
function orderBy(collection, iteratees, orders, guard) {
  if (collection == null) return [];
  const directions = listed(guard ? undefined : orders).map((order) => (order === false ? 'desc' : order));
  return sortWith(
    collection,
    listed(iteratees),
    directions.map((order) => (isObject(order) ? String(order) : order)),
  );
}

const flatMapper = (depth) => (collection, iteratee, given) =>
  flattenInto(
    map(collection, iteratee),
    depth === undefined ? (given === undefined ? 1 : toInteger(given)) : depth,
    [],
  );

function invokeMap(collection, path, ...args) {
  return map(collection, (value) =>
    isFunction(path) ? path.apply(value, args) : invokePath(value, path, ...args),
  );
}

const listOf = (collection) => (isArrayLike(collection) ? toArray(collection) : values(collection));

function shuffle(collection) {
  const list = listOf(collection);
  for (let index = list.length - 1; index > 0; index--) {
    const other = Math.floor(Math.random() * (index + 1));
    [list[index], list[other]] = [list[other], list[index]];
  }
  return list;
}

function sample(collection) {
  const list = listOf(collection);
  return list[Math.floor(Math.random() * list.length)];
}

function sampleSize(collection, count, guard) {
  const single = guard ? isIterateeCall(collection, count, guard) : count === undefined;
  return shuffle(collection).slice(0, single ? 1 : Math.max(toInteger(count), 0));
}

module.exports = {
  published: {
    forEach,
    forEachRight,
    map,
    filter,
    reject,
    find,
    findLast,
    some,
    every,
    includes,
    groupBy,
    countBy,
    keyBy,
    partition,
    sortBy,
    orderBy,
    invokeMap,
    shuffle,
    sample,
    sampleSize,
    reduce: reducer(false),
    reduceRight: reducer(true),
    flatMap: flatMapper(1),
    flatMapDeep: flatMapper(Infinity),
    flatMapDepth: flatMapper(undefined),
  },
};
