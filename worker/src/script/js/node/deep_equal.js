// Deep equality as in node's assert.deepEqual (loose) and assert.deepStrictEqual / util.isDeepStrictEqual
// (strict): (left, right, strict) -> boolean. Cycles are followed.

const types = require('vayu:node/types');

const isObject = (value) => value !== null && typeof value === 'object';
const tagOf = (value) => Object.prototype.toString.call(value);

function samePrimitive(left, right, strict) {
  if (strict) return Object.is(left, right);
  // oxlint-disable-next-line eslint/eqeqeq -- the loose comparison of Node
  return left == right || (left !== left && right !== right);
}

function visibleKeys(value, strict) {
  if (!strict) return Object.keys(value);
  const symbols = Object.getOwnPropertySymbols(value).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(value, key),
  );
  return Object.keys(value).concat(symbols);
}

function sameInside(left, right, strict) {
  if (types.isDate(left)) return types.isDate(right) && Object.is(left.getTime(), right.getTime());
  if (types.isRegExp(left)) {
    return types.isRegExp(right) && String(left) === String(right) && left.lastIndex === right.lastIndex;
  }
  if (types.isNativeError(left) || left instanceof Error) {
    return right instanceof Error || types.isNativeError(right)
      ? left.message === right.message && left.name === right.name
      : false;
  }
  if (types.isBoxedPrimitive(left)) {
    return types.isBoxedPrimitive(right) && samePrimitive(left.valueOf(), right.valueOf(), true);
  }
  if (types.isAnyArrayBuffer(left)) {
    return deepEqual(Array.from(new Uint8Array(left)), Array.from(new Uint8Array(right)), strict);
  }
  return !types.isBoxedPrimitive(right) && !types.isDate(right) && !types.isRegExp(right);
}

// Pairs every item of `left` with one of `right`: by cheap comparison first, then by deep comparison.
function pairUp(left, right, same) {
  const rest = [...right];
  return [...left].every((item) => {
    const at = rest.findIndex((other) => same(item, other));
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

function sameCollections(left, right, strict, pairs) {
  const same = (one, other) => compare(one, other, strict, new Map(pairs));
  if (types.isSet(left)) return left.size === right.size && pairUp(left, right, same);
  if (!types.isMap(left)) return true;
  return (
    left.size === right.size &&
    pairUp(left, right, ([key, value], [otherKey, other]) => same(key, otherKey) && same(value, other))
  );
}

function sameShape(left, right, strict) {
  if (strict && Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  if (tagOf(left) !== tagOf(right)) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  if (types.isSet(left) !== types.isSet(right) || types.isMap(left) !== types.isMap(right)) return false;
  if ((Array.isArray(left) || types.isTypedArray(left)) && left.length !== right.length) return false;
  return sameInside(left, right, strict);
}

function compare(left, right, strict, pairs) {
  if (Object.is(left, right)) return true;
  if (!isObject(left) || !isObject(right)) {
    if (!strict && (isObject(left) || isObject(right))) return false;
    return samePrimitive(left, right, strict);
  }
  if (pairs.get(left) === right) return true;
  if (!sameShape(left, right, strict)) return false;
  const keys = visibleKeys(left, strict);
  if (keys.length !== visibleKeys(right, strict).length) return false;
  if (!keys.every((key) => Object.prototype.propertyIsEnumerable.call(right, key))) return false;
  pairs.set(left, right);
  return (
    sameCollections(left, right, strict, pairs) &&
    keys.every((key) => compare(left[key], right[key], strict, pairs))
  );
}

function deepEqual(left, right, strict) {
  return compare(left, right, strict, new Map());
}

module.exports = deepEqual;
