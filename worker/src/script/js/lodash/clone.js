// Copy functions of lodash: clone, cloneDeep and their *With forms, assign, defaults, merge and related
// functions. Functions, errors and weak collections are not copied: inside another value they stay as they
// are, at the top level they become an empty object, as in the original.

const {
  tagOf,
  same,
  hasOwn,
  put,
  isArray,
  isArguments,
  isArrayLikeObject,
  isFunction,
  isIterateeCall,
  isObject,
  isPlainObject,
  isPrototype,
  isTypedArray,
  keys,
  keysIn,
} = require('vayu:lodash/types');
const { assignValue } = require('vayu:lodash/path');

const emptyLike = (object) =>
  isFunction(object.constructor) && !isPrototype(object)
    ? Object.create(Object.getPrototypeOf(object))
    : {};

function symbolsOf(object) {
  return Object.getOwnPropertySymbols(object).filter((symbol) =>
    Object.prototype.propertyIsEnumerable.call(object, symbol),
  );
}

function copyByTag(value, tag, deep) {
  const Maker = value.constructor;
  switch (tag) {
    case 'ArrayBuffer':
      return value.slice(0);
    case 'Boolean':
    case 'Date':
      return new Maker(+value);
    case 'Number':
    case 'String':
      return new Maker(value);
    case 'Symbol':
      return Object(value.valueOf());
    case 'RegExp': {
      const copy = new Maker(value.source, value.flags);
      copy.lastIndex = value.lastIndex;
      return copy;
    }
    case 'DataView':
      return new Maker(deep ? value.buffer.slice(0) : value.buffer, value.byteOffset, value.byteLength);
    case 'Map':
    case 'Set':
      return new Maker();
    default:
      break;
  }
  if (isTypedArray(value))
    return new Maker(deep ? value.buffer.slice(0) : value.buffer, value.byteOffset, value.length);
  return undefined;
}

class Copier {
  constructor(deep, customizer) {
    this.deep = deep;
    this.customizer = customizer;
    this.done = new Map();
  }

  copy(value, key, parent) {
    const custom = this.customizer
      ? parent
        ? this.customizer(value, key, parent)
        : this.customizer(value)
      : undefined;
    if (custom !== undefined || !isObject(value)) return custom === undefined ? value : custom;
    if (this.done.has(value)) return this.done.get(value);
    const tag = isArray(value) ? 'Array' : tagOf(value);
    let result;
    if (tag === 'Array') result = this.emptyList(value);
    else if (tag === 'Object' || tag === 'Arguments') result = tag === 'Object' ? emptyLike(value) : {};
    else if (isFunction(value)) return parent ? value : {};
    else result = copyByTag(value, tag, this.deep);
    if (result === undefined) return parent ? value : {};
    this.done.set(value, result);
    this.fill(result, value, tag);
    return result;
  }

  emptyList(value) {
    const result = new value.constructor(value.length);
    if (typeof value[0] === 'string' && hasOwn(value, 'index')) {
      result.index = value.index;
      result.input = value.input;
    }
    return result;
  }

  inner(value, key, parent) {
    return this.deep ? this.copy(value, key, parent) : value;
  }

  fill(result, value, tag) {
    if (tag === 'Set') for (const item of value) result.add(this.inner(item, item, value));
    if (tag === 'Map') for (const [key, item] of value) result.set(key, this.inner(item, key, value));
    if (isTypedArray(value)) return;
    if (tag === 'Array') {
      for (let index = 0; index < value.length; index++)
        result[index] = this.inner(value[index], index, value);
      return;
    }
    for (const key of keys(value)) assignValue(result, key, this.inner(value[key], key, value));
    for (const key of symbolsOf(value)) assignValue(result, key, this.inner(value[key], key, value));
  }
}

const functionOr = (value) => (isFunction(value) ? value : undefined);
const cloneDeep = (value) => new Copier(true).copy(value);
const clone = (value, deep) => new Copier(deep === true).copy(value);
const cloneDeepWith = (value, customizer) => new Copier(true, functionOr(customizer)).copy(value);
const cloneWith = (value, customizer) => new Copier(false, functionOr(customizer)).copy(value);

// Runs step(target, source, customizer) for every source; a last function may be the customizer.
function assigner(step, takesCustomizer) {
  return (object, ...sources) => {
    const last = sources[sources.length - 1];
    const customizer =
      takesCustomizer && sources.length > 1 && isFunction(last) ? sources.pop() : undefined;
    const target = Object(object);
    const lists = isIterateeCall(sources[0], sources[1], sources[2]) ? sources.slice(0, 1) : sources;
    for (const source of lists) if (source) step(target, source, customizer);
    return target;
  };
}

function assignKeys(namesOf) {
  return (target, source, customizer) => {
    for (const key of namesOf(source)) {
      const custom = customizer ? customizer(target[key], source[key], key, target, source) : undefined;
      assignValue(target, key, custom === undefined ? source[key] : custom);
    }
  };
}

function fillMissing(target, source) {
  for (const key of keysIn(source)) {
    const present = target[key];
    if (present === undefined || (same(present, Object.prototype[key]) && !hasOwn(target, key))) {
      put(target, key, source[key]);
    }
  }
}

const safeGet = (object, key) =>
  key === '__proto__' || (key === 'constructor' && isFunction(object[key])) ? undefined : object[key];

function assignMerged(target, key, value) {
  if (value === undefined ? !(key in target) : !same(target[key], value)) put(target, key, value);
}

// Returns the object that the members of `found` are merged into, or undefined if `found` replaces the
// present value.
function mergeTarget(present, found) {
  if (isArray(found) || isTypedArray(found)) {
    if (isArray(present)) return present;
    if (isArrayLikeObject(present)) return Array.from(present);
    return isArray(found) ? [] : undefined;
  }
  if (!isPlainObject(found) && !isArguments(found)) return undefined;
  if (isArguments(present)) return { ...present };
  return !isObject(present) || isFunction(present) ? emptyLike(found) : present;
}

function mergeInto(target, source, customizer, done = new Map()) {
  if (target === source) return;
  for (const key of keysIn(source)) {
    const found = safeGet(source, key);
    const present = safeGet(target, key);
    if (isObject(found) && done.has(found)) {
      assignMerged(target, key, done.get(found));
      continue;
    }
    const custom = customizer ? customizer(present, found, key, target, source, done) : undefined;
    const into = custom === undefined && isObject(found) ? mergeTarget(present, found) : undefined;
    if (into !== undefined) {
      done.set(found, into);
      mergeInto(into, found, customizer, done);
      done.delete(found);
    }
    const rest = isTypedArray(found) ? cloneDeep(found) : found;
    assignMerged(target, key, custom !== undefined ? custom : into !== undefined ? into : rest);
  }
}

function keepPresent(present, found, key, target, source, done) {
  if (isObject(present) && isObject(found)) {
    done.set(found, present);
    mergeInto(present, found, keepPresent, done);
    done.delete(found);
  }
  return present;
}

const mergeStep = (target, source, customizer) => mergeInto(target, source, customizer);
const merge = assigner(mergeStep, false);
const mergeWith = assigner(mergeStep, true);

const published = {
  clone,
  cloneDeep,
  cloneWith,
  cloneDeepWith,
  merge,
  mergeWith,
  assign: assigner(assignKeys(keys), false),
  assignWith: assigner(assignKeys(keys), true),
  assignIn: assigner(assignKeys(keysIn), false),
  assignInWith: assigner(assignKeys(keysIn), true),
  defaults: assigner(fillMissing, false),
  defaultsDeep: (object, ...sources) => mergeWith(object, ...sources, keepPresent),
  toPlainObject: (value) => Object.fromEntries(keysIn(value).map((key) => [key, value[key]])),
};

module.exports = { published, ...published };
