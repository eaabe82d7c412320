// Deep comparison of lodash (isEqual, isMatch and their *With forms) and the iteratee shorthands based on it:
// a property path, a list of path and value, an object to match. DOM nodes are compared by identity only.

const {
  tagOf,
  hasOwn,
  same,
  isArray,
  isObject,
  isObjectLike,
  isTypedArray,
  isFunction,
  keys,
} = require('vayu:lodash/types');
const { toKey, getByPath, get, hasIn, isKey } = require('vayu:lodash/path');
const { cloneDeep } = require('vayu:lodash/clone');

class Comparison {
  constructor({ partial = false, customizer } = {}) {
    this.partial = partial;
    this.customizer = customizer;
    this.open = new Map();
  }

  equal(value, other, partial = this.partial, unordered = partial) {
    if (value === other) return true;
    if (value == null || other == null || (!isObjectLike(value) && !isObjectLike(other))) {
      return value !== value && other !== other;
    }
    const tag = tagOf(value);
    const isList = isArray(value);
    const kind = (item) => (tagOf(item) === 'Arguments' ? 'Object' : tagOf(item));
    if (isList !== isArray(other) || kind(value) !== kind(other)) return false;
    if (!isList && !isTypedArray(value) && kind(value) !== 'Object') {
      return this.equalOfTag(tag, value, other, partial);
    }
    if (kind(value) === 'Object' && !partial) {
      value = unwrap(value);
      other = unwrap(other);
    }
    return this.guarded(value, other, () =>
      isList || isTypedArray(value)
        ? this.equalLists(value, other, partial, unordered)
        : this.equalObjects(value, other, partial, unordered),
    );
  }

  // A pair that is already being compared counts as equal, so that cycles end.
  guarded(value, other, compare) {
    if (this.open.has(value) && this.open.has(other)) {
      return this.open.get(value) === other && this.open.get(other) === value;
    }
    this.open.set(value, other);
    this.open.set(other, value);
    const result = compare();
    this.open.delete(value);
    this.open.delete(other);
    return result;
  }

  ask(value, other, key, left, right, partial) {
    if (!this.customizer) return undefined;
    return partial
      ? this.customizer(other, value, key, right, left)
      : this.customizer(value, other, key, left, right);
  }

  equalLists(list, others, partial, unordered) {
    if (list.length !== others.length && !(partial && others.length > list.length)) return false;
    const used = new Set();
    for (let index = 0; index < list.length; index++) {
      const verdict = this.ask(list[index], others[index], index, list, others, partial);
      if (verdict !== undefined) {
        if (verdict) continue;
        return false;
      }
      if (unordered) {
        const found = Array.prototype.findIndex.call(
          others,
          (item, position) => !used.has(position) && this.equal(list[index], item, partial, unordered),
        );
        if (found < 0) return false;
        used.add(found);
      } else if (!this.equal(list[index], others[index], partial, unordered)) {
        return false;
      }
    }
    return true;
  }

  equalOfTag(tag, value, other, partial) {
    switch (tag) {
      case 'Boolean':
      case 'Date':
      case 'Number':
        return same(+value, +other);
      case 'Error':
        return value.name === other.name && value.message === other.message;
      case 'RegExp':
      case 'String':
        return `${value}` === `${other}`;
      case 'Symbol':
        return value.valueOf() === other.valueOf();
      case 'ArrayBuffer':
      case 'DataView':
        return equalBytes(value, other);
      case 'Map':
      case 'Set': {
        if (value.size !== other.size && !partial) return false;
        return this.guarded(value, other, () => this.equalLists([...value], [...other], partial, true));
      }
      default:
        return false;
    }
  }

  equalObjects(object, other, partial, unordered) {
    const names = allKeys(object);
    if (names.length !== allKeys(other).length && !partial) return false;
    if (!names.every((key) => (partial ? key in other : hasOwn(other, key)))) return false;
    for (const key of names) {
      const verdict = this.ask(object[key], other[key], key, object, other, partial);
      if (verdict === undefined ? !this.equal(object[key], other[key], partial, unordered) : !verdict)
        return false;
    }
    return partial || names.includes('constructor') || sameMaker(object, other);
  }
}

const unwrap = (value) => (hasOwn(value, '__wrapped__') && isFunction(value.value) ? value.value() : value);

function equalBytes(value, other) {
  if (value.byteLength !== other.byteLength || value.byteOffset !== other.byteOffset) return false;
  const bytes = (source) => new Uint8Array(source.buffer || source);
  const [left, right] = [bytes(value), bytes(other)];
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

function allKeys(object) {
  const symbols = Object.getOwnPropertySymbols(object).filter((symbol) =>
    Object.prototype.propertyIsEnumerable.call(object, symbol),
  );
  return keys(object).concat(symbols);
}

// Object of one context and Object of another are instances of themselves, so they count as the same.
function sameMaker(object, other) {
  const [left, right] = [object.constructor, other.constructor];
  if (left === right || !('constructor' in object && 'constructor' in other)) return true;
  return isFunction(left) && left instanceof left && isFunction(right) && right instanceof right;
}

const isEqual = (value, other) => new Comparison().equal(value, other);

function isEqualWith(value, other, customizer) {
  const ask = isFunction(customizer) ? customizer : undefined;
  const verdict = ask ? ask(value, other) : undefined;
  return verdict === undefined ? new Comparison({ customizer: ask }).equal(value, other) : !!verdict;
}

function matchesKeys(object, source, names, customizer) {
  if (object == null) return !names.length;
  const target = Object(object);
  if (!names.every((key) => key in target)) return false;
  return names.every((key) => {
    const [wanted, found] = [source[key], target[key]];
    if (!customizer && wanted === wanted && !isObject(wanted)) return wanted === found;
    const verdict = customizer ? customizer(found, wanted, key, object, source) : undefined;
    return verdict === undefined
      ? new Comparison({ partial: true, customizer }).equal(wanted, found)
      : !!verdict;
  });
}

const isMatch = (object, source) => object === source || matchesKeys(object, source, keys(source));
const isMatchWith = (object, source, customizer) =>
  matchesKeys(object, source, keys(source), isFunction(customizer) ? customizer : undefined);

const identity = (value) => value;

function property(path) {
  if (!isKey(path)) return (object) => (object == null ? undefined : getByPath(object, path));
  const key = toKey(path);
  return (object) => (object == null ? undefined : object[key]);
}

function matcher(source) {
  const names = keys(source);
  return (object) => object === source || matchesKeys(object, source, names);
}

function matchesProperty(path, wanted) {
  const value = cloneDeep(wanted);
  return (object) => {
    const found = get(object, path);
    if (found === undefined && value === undefined) return hasIn(object, path);
    return new Comparison({ partial: true }).equal(value, found);
  };
}

function toIteratee(value) {
  if (typeof value === 'function') return value;
  if (value == null) return identity;
  if (typeof value !== 'object') return property(value);
  return isArray(value) ? matchesProperty(value[0], value[1]) : matcher(cloneDeep(value));
}

const matches = (source) => matcher(cloneDeep(source));
const propertyOf = (object) => (path) => (object == null ? undefined : getByPath(object, path));
const iteratee = (value) => toIteratee(typeof value === 'function' ? value : cloneDeep(value));

module.exports = {
  published: {
    isEqual,
    isEqualWith,
    isMatch,
    isMatchWith,
    property,
    propertyOf,
    matches,
    matchesProperty,
    iteratee,
  },
  isEqual,
  identity,
  property,
  toIteratee,
  allKeys,
};
