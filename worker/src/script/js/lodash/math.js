// Arithmetic functions of lodash, ranges and random numbers. max, min and sum also accept an iteratee as
// second argument, as lodash 3 does.

const {
  isArrayLike,
  isIterateeCall,
  isSymbol,
  toFinite,
  toInteger,
  toNumber,
  values,
  toText,
  isArray,
} = require('vayu:lodash/types');
const { toIteratee, identity } = require('vayu:lodash/equal');

const operator = (compute, neutral) => (left, right) => {
  if (left === undefined && right === undefined) return neutral;
  if (left === undefined || right === undefined) return left === undefined ? right : left;
  const asText = typeof left === 'string' || typeof right === 'string';
  const plain = asText ? textOf : numberOf;
  return compute(plain(left), plain(right));
};
const textOf = (value) => (isArray(value) ? value.map(String).join() : toText(value));
const numberOf = (value) => (typeof value === 'number' ? value : isSymbol(value) ? NaN : +value);

const rounder = (name) => (value, precision) => {
  const number = toNumber(value);
  const places = precision == null ? 0 : Math.min(toInteger(precision), 292);
  if (!places || !Number.isFinite(number)) return Math[name](number);
  const shift = (from, by) => {
    const [digits, exponent] = `${toText(from)}e`.split('e');
    return +`${digits}e${+exponent + by}`;
  };
  return shift(Math[name](shift(number, places)), -places);
};

// Returns the item whose computed value wins over all before it; undefined, null, NaN and symbols never win.
function extreme(list, by, wins) {
  let best;
  let found;
  for (let index = 0; index < (list == null ? 0 : list.length); index++) {
    const current = by(list[index]);
    if (current == null) continue;
    if (best === undefined ? current === current && !isSymbol(current) : wins(current, best)) {
      best = current;
      found = list[index];
    }
  }
  return found;
}

const isMore = (left, right) => left > right;
const isLess = (left, right) => left < right;

function total(list, by) {
  let sum;
  for (let index = 0; index < (list == null ? 0 : list.length); index++) {
    const current = by(list[index]);
    if (current !== undefined) sum = sum === undefined ? current : sum + current;
  }
  return sum;
}

const single = (iteratee) => {
  const call = toIteratee(iteratee);
  return (value) => call(value);
};
const listOf = (collection) =>
  collection == null || isArrayLike(collection) ? collection : values(collection);
const mean = (list, by) => (list == null || !list.length ? NaN : total(list, by) / list.length);

// Returns whether the caller passed an iteratee, rather than map or a similar function.
const givesIteratee = (list, iteratee, guard) =>
  (typeof iteratee === 'function' || typeof iteratee === 'string') &&
  !isIterateeCall(list, iteratee, guard);

const withIteratee = (compute) => (list, iteratee, guard) =>
  givesIteratee(list, iteratee, guard) ? compute(listOf(list), single(iteratee)) : compute(list, identity);

function clamp(number, lower, upper) {
  const [low, high] = upper === undefined ? [undefined, lower] : [lower, upper];
  const bound = (value) => {
    const limit = toNumber(value);
    return limit === limit ? limit : 0;
  };
  let result = toNumber(number);
  if (result !== result) return result;
  if (high !== undefined) result = Math.min(result, bound(high));
  if (low !== undefined) result = Math.max(result, bound(low));
  return result;
}

function inRange(number, start, end) {
  const from = end === undefined ? 0 : toFinite(start);
  const to = end === undefined ? toFinite(start) : toFinite(end);
  const value = toNumber(number);
  return value >= Math.min(from, to) && value < Math.max(from, to);
}

function random(lower, upper, floating) {
  let [low, high, fraction] = [lower, upper, floating];
  if (fraction && typeof fraction !== 'boolean' && isIterateeCall(low, high, fraction))
    high = fraction = undefined;
  if (fraction === undefined) {
    if (typeof high === 'boolean') [high, fraction] = [undefined, high];
    else if (typeof low === 'boolean') [low, fraction] = [undefined, low];
  }
  if (low === undefined && high === undefined) [low, high] = [0, 1];
  else if (high === undefined) [low, high] = [0, toFinite(low)];
  else [low, high] = [toFinite(low), toFinite(high)];
  if (low > high) [low, high] = [high, low];
  if (fraction || low % 1 || high % 1) return Math.min(low + Math.random() * (high - low), high);
  return low + Math.floor(Math.random() * (high - low + 1));
}

const ranger = (fromRight) => (start, end, step) => {
  const guarded = step && typeof step !== 'number' && isIterateeCall(start, end, step);
  const single = guarded || end === undefined;
  const from = single ? 0 : toFinite(start);
  const to = toFinite(single ? start : end);
  const by = guarded || step === undefined ? (from < to ? 1 : -1) : toFinite(step);
  const length = Math.max(Math.ceil((to - from) / (by || 1)), 0);
  const result = Array.from({ length }, (_, index) => from + index * by);
  return fromRight ? result.reverse() : result;
};

module.exports = {
  published: {
    add: operator((left, right) => left + right, 0),
    subtract: operator((left, right) => left - right, 0),
    multiply: operator((left, right) => left * right, 1),
    divide: operator((left, right) => left / right, 1),
    round: rounder('round'),
    floor: rounder('floor'),
    ceil: rounder('ceil'),
    max: withIteratee((list, by) => extreme(list, by, isMore)),
    min: withIteratee((list, by) => extreme(list, by, isLess)),
    maxBy: (list, iteratee) => extreme(list, single(iteratee), isMore),
    minBy: (list, iteratee) => extreme(list, single(iteratee), isLess),
    sum: withIteratee((list, by) => (list && list.length ? total(list, by) : 0)),
    sumBy: (list, iteratee) => (list && list.length ? total(list, single(iteratee)) : 0),
    mean: (list) => mean(list, identity),
    meanBy: (list, iteratee) => mean(list, single(iteratee)),
    clamp,
    inRange,
    random,
    range: ranger(false),
    rangeRight: ranger(true),
  },
};
