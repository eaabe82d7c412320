// The global `_` of scripts, which is lodash 3.10 in Postman: the functions of lodash 4 under the names of
// both, with the differences of version 3: functions accept the `this` of their callback as the last
// argument, call the callback with (value, key, collection), and accept names, objects and a value for a name
// instead of it ("callback shorthands"); `max`, `min` and `sum` accept a callback; some names have another
// meaning (`invoke`, `rest`, `pick`, `capitalize`). The remaining differences are listed in
// docs/script-libraries.md.

const four = require('vayu:lodash/index');
const { makeWrapper, addMethod } = require('vayu:lodash/chain');
const { lazy } = require('vayu:settings');

const isFunction = (value) => typeof value === 'function';
const same = (value) => value;

function _(value) {
  const Wrapper = wrapper();
  return value instanceof Wrapper ? value : new Wrapper(value, [], false);
}
Object.assign(_, four);
// Shared by both versions, restored at the end of an iteration.
Object.defineProperty(_, 'templateSettings', Object.getOwnPropertyDescriptor(four, 'templateSettings'));
require('vayu:lodash/function').addOwner(_);

// Returns a function bound to `context`; identity for any other value.
const bound = (call, context) => {
  if (!isFunction(call)) return same;
  return context === undefined ? call : (...args) => call.apply(context, args);
};

// Converts a function, an object to match, or the name of a property and optionally its value to a callback.
function callback(given, context) {
  if (isFunction(given)) return bound(given, context);
  if (given === null || given === undefined) return same;
  if (typeof given === 'object') return four.matches(Array.isArray(given) ? { ...given } : given);
  return context === undefined ? four.property(given) : four.matchesProperty(given, context);
}

// (collection, callback, this)
const WITH_CALLBACK =
  `map filter reject find findLast every some findIndex findLastIndex findKey findLastKey mapValues
  mapKeys dropWhile dropRightWhile takeWhile takeRightWhile remove collect select detect all any`.split(/\s+/);
const WITH_FUNCTION = 'forEach forEachRight forIn forInRight forOwn forOwnRight each eachRight'.split(' ');

for (const name of WITH_CALLBACK) {
  _[name] = (collection, given, context) => four[name](collection, callback(given, context));
}
for (const name of WITH_FUNCTION) {
  _[name] = (collection, call, context) => four[name](collection, bound(call, context));
}
_.pluck = (collection, path) => four.map(collection, four.property(path));
_.where = (collection, source) => four.filter(collection, callback({ ...source }));
_.findWhere = (collection, source) => four.find(collection, callback({ ...source }));

// Returns [value, key] for everything in a collection.
const entriesOf = (collection) => {
  const entries = [];
  four.forEach(collection, (value, key) => {
    entries.push([value, key]);
  });
  return entries;
};

// Groups by the result of the callback for (value, key, collection).
function grouping(put) {
  return (collection, given, context) => {
    const call = callback(given, context);
    const result = {};
    for (const [value, key] of entriesOf(collection)) put(result, String(call(value, key, collection)), value);
    return result;
  };
}
const own = (object, key, value) =>
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
_.groupBy = grouping((groups, key, value) =>
  Object.hasOwn(groups, key) ? groups[key].push(value) : own(groups, key, [value]),
);
_.countBy = grouping((counts, key) => own(counts, key, (Object.hasOwn(counts, key) ? counts[key] : 0) + 1));
_.indexBy = grouping((index, key, value) => own(index, key, value));
_.partition = (collection, given, context) => {
  const call = callback(given, context);
  const parts = [[], []];
  for (const [value, key] of entriesOf(collection)) parts[call(value, key, collection) ? 0 : 1].push(value);
  return parts;
};
_.sortBy = (collection, given, context) => {
  const call = callback(given, context);
  const rows = entriesOf(collection).map(([value, key]) => ({ value, by: call(value, key, collection) }));
  return four.sortBy(rows, (row) => row.by).map((row) => row.value);
};
_.sortByAll = (collection, ...given) =>
  four.sortBy(
    collection,
    given.flat().map((one) => callback(one)),
  );
_.sortByOrder = (collection, given, orders) => {
  const ways = [].concat(orders ?? []).map((way) => (way === false || way === 'desc' ? 'desc' : 'asc'));
  return four.orderBy(
    collection,
    [].concat(given ?? []).map((one) => callback(one)),
    ways,
  );
};

const reducing =
  (name) =>
  (collection, call, ...rest) => {
    const [accumulator, context] = rest;
    const made = isFunction(call) ? bound(call, context) : callback(call, context);
    return rest.length > 0 ? four[name](collection, made, accumulator) : four[name](collection, made);
  };
_.reduce = _.foldl = _.inject = reducing('reduce');
_.reduceRight = _.foldr = reducing('reduceRight');
_.transform = (object, call, accumulator, context) => four.transform(object, bound(call, context), accumulator);

// Returns the greatest or the least item by the result of the callback; +-Infinity if there is none.
const extremum = (limit, isBetter) => (collection, given, context) => {
  const call = callback(given, context);
  let [best, result] = [limit, limit];
  for (const [value, key] of entriesOf(collection)) {
    const at = Number(call(value, key, collection));
    if (!isBetter(at, best) && !(at === limit && at === result)) continue;
    [best, result] = [at, value];
  }
  return result;
};
_.max = extremum(-Infinity, (one, other) => one > other);
_.min = extremum(Infinity, (one, other) => one < other);
_.sum = (collection, given, context) => {
  const call = callback(given, context);
  return entriesOf(collection).reduce((sum, [value, key]) => sum + (Number(call(value, key, collection)) || 0), 0);
};
_.add = (one, other) => (Number(one) || 0) + (Number(other) || 0);
_.times = (count, call, context) => {
  const most = Math.floor(count);
  const made = bound(call, context);
  return most >= 1 && Number.isFinite(most) ? Array.from({ length: most }, (_none, i) => made(i)) : [];
};

// When called as a callback it gets a key and a collection, which do not request depth.
_.flatten = (array, isDeep, collection) =>
  isDeep && collection === undefined ? four.flattenDeep(array) : four.flatten(array);
// (array, isSorted, callback, this) or (array, callback, this).
_.uniq = _.unique = (array, ...given) => {
  const [call, context] = typeof given[0] === 'boolean' || given[0] === undefined ? given.slice(1) : given;
  if (call === undefined || call === null) return four.uniq(array);
  const made = callback(call, context);
  const seen = new Set();
  return Array.from(array ?? []).filter((value, i) => {
    const by = made(value, i, array);
    return by !== by || (!seen.has(by) && seen.add(by));
  });
};
_.zipWith = (...given) => {
  const arrays = given.filter((one) => Array.isArray(one));
  const at = given.findIndex(isFunction);
  return _.unzipWith(arrays, given[at], at < 0 ? undefined : given[at + 1]);
};
_.unzipWith = (array, call, context) => {
  const groups = four.unzip(array);
  if (call === undefined || call === null) return groups;
  const made = bound(call, context);
  return groups.map((group) => group.slice(1).reduce((sum, value, i) => made(sum, value, i + 1, group), group[0]));
};
const sorted = (name) => (array, value, given, context) => {
  if (given === undefined || given === null) return four[name](array, value);
  return four[`${name}By`](array, value, callback(given, context));
};
_.sortedIndex = sorted('sortedIndex');
_.sortedLastIndex = sorted('sortedLastIndex');
_.rest = four.tail;
_.restParam = four.rest;
_.chunk = (array, size) => four.chunk(array, Math.max(Math.floor(size) || 1, 1));
// Counts down only if a step is given.
_.range = (start, end, step) => {
  const [from, to] =
    end === undefined || end === null ? [0, Number(start) || 0] : [Number(start) || 0, Number(end) || 0];
  const by = step === undefined || step === null ? 1 : Number(step) || 0;
  const length = Math.max(Math.ceil((to - from) / (by || 1)), 0);
  return Array.from({ length }, (_none, i) => from + i * by);
};
_.invoke = (collection, path, ...args) => four.invokeMap(collection, path, ...args);

// Picks names, or the members for which a function returns true.
const choosing = (name) => (object, given, context) => {
  if (object === null || object === undefined) return {};
  if (isFunction(given)) return four[`${name}By`](object, bound(given, context));
  return undefined;
};
_.pick = (object, ...given) =>
  choosing('pick')(object, ...given) ??
  Object.fromEntries(
    given
      .flat()
      .filter((key) => key in Object(object))
      .map((key) => [key, object[key]]),
  );
_.omit = (object, ...given) => {
  const gone = new Set(given.flat().map(String));
  return choosing('omit')(object, ...given) ?? four.pickBy(object, (_value, key) => !gone.has(key));
};

// (object, ...sources, customizer, this)
const merging =
  (put) =>
  (object, ...given) => {
    if (object === null || object === undefined) return object;
    const at = given.findIndex(isFunction);
    const isLast = at >= 0 && at >= given.length - 2;
    const sources = isLast ? given.slice(0, at) : given;
    const call = isLast ? bound(given[at], given[at + 1]) : undefined;
    return four.isObject(object) ? put(object, sources, call) : object;
  };
_.merge = merging(require('vayu:lodash/legacy_merge'));
_.assign = _.extend = merging((object, sources, call) =>
  call === undefined ? four.assign(object, ...sources) : four.assignWith(object, ...sources, call),
);
_.defaults = (object, ...sources) => (four.isObject(object) ? four.defaults(object, ...sources) : object);
_.isEqual = (one, other, customizer, context) =>
  isFunction(customizer) ? four.isEqualWith(one, other, bound(customizer, context)) : four.isEqual(one, other);
_.isMatch = (object, source, customizer, context) =>
  isFunction(customizer)
    ? four.isMatchWith(object, source, bound(customizer, context))
    : four.isMatch(object, source);
// (value, isDeep, customizer, this) or (value, customizer, this).
_.clone = (value, ...given) => {
  const isDeep = given[0] === true;
  const [customizer, context] = typeof given[0] === 'boolean' ? given.slice(1) : given;
  if (isFunction(customizer)) return four[isDeep ? 'cloneDeepWith' : 'cloneWith'](value, bound(customizer, context));
  return isDeep ? four.cloneDeep(value) : four.clone(value);
};
_.cloneDeep = (value, customizer, context) =>
  isFunction(customizer) ? four.cloneDeepWith(value, bound(customizer, context)) : four.cloneDeep(value);

_.gt = (one, other) => one > other;
_.gte = (one, other) => one >= other;
_.lt = (one, other) => one < other;
_.lte = (one, other) => one <= other;

const textOf = (value) => (value === null || value === undefined ? '' : String(value));
_.size = (collection) => (typeof collection === 'string' ? collection.length : four.size(collection));
_.capitalize = (text) => textOf(text).charAt(0).toUpperCase() + textOf(text).slice(1);

const LINES = { '\n': 'n', '\r': 'r', '\u2028': 'u2028', '\u2029': 'u2029' };
// Also escapes a first letter that would extend an escape sequence before it.
_.escapeRegExp = (given) => {
  const text = textOf(given);
  if (text === '') return '(?:)';
  return text.replace(/^[0-9a-fA-Fnrtuvx]|^[:!,]|[\\^$.*+?()[\]{}|/]|[\n\r\u2028\u2029]/g, (sign, at) => {
    if (at === 0 && /[0-9a-fA-Fnrtuvx]/.test(sign)) return `\\x${sign.charCodeAt(0).toString(16)}`;
    return `\\${LINES[sign] ?? sign}`;
  });
};

_.callback = _.iteratee = (given, context) => callback(given, context);
_.chain = (value) => _(value).chain();
// Without a target object, extends this library.
_.mixin = (...given) => {
  if (isFunction(given[0]) || (given.length > 1 && four.isObject(given[1]))) return four.mixin(...given);
  _(undefined);
  for (const name of four.functions(given[0])) {
    _[name] = given[0][name];
    addMethod(_.prototype, _[name], false, name);
  }
  return _;
};
_.noConflict = () => _;
_.placeholder = _;
_.VERSION = '3.10.1';
_.support = {};

const wrapper = lazy(() => makeWrapper(_));

module.exports = _;
