// `merge` of lodash 3. Unlike version 4, it skips `undefined` in a source if the target does not have the
// name, and returns a target that is not an object unchanged.

const { isArguments, isArrayLike, isObject, isPlainObject, isTypedArray, keys } = require('vayu:lodash/types');

const isObjectLike = (value) => value !== null && typeof value === 'object';
const isOther = (one, other) => (one === one ? one !== other : other === other);

// Returns the object that the members of a source are merged into; undefined if the source value is used as
// it is.
function targetFor(value, source) {
  if (Array.isArray(source) || isTypedArray(source)) {
    if (Array.isArray(value)) return value;
    return isArrayLike(value) ? Array.prototype.slice.call(value) : [];
  }
  if (!isPlainObject(source) && !isArguments(source)) return undefined;
  if (isArguments(value)) return { ...value };
  return isPlainObject(value) ? value : {};
}

function mergeMember(object, source, key, customizer, seen) {
  const [value, given] = [object[key], source[key]];
  let result = customizer === undefined ? undefined : customizer(value, given, key, object, source);
  if (isObjectLike(given)) {
    if (seen.has(given)) {
      object[key] = seen.get(given);
      return;
    }
    const target = result === undefined ? targetFor(value, given) : undefined;
    if (target !== undefined) {
      seen.set(given, target);
      object[key] = merge(target, given, customizer, seen);
      return;
    }
    result ??= given;
    if (isOther(result, value)) object[key] = result;
    return;
  }
  const isTaken = result === undefined;
  if (isTaken) result = given;
  const isHole = Array.isArray(source) && !(key in object);
  if ((result !== undefined || isHole) && (isTaken || isOther(result, value))) object[key] = result;
}

function merge(object, source, customizer, seen) {
  if (!isObject(object) || source === null || source === undefined) return object;
  for (const key of keys(source)) {
    if (key !== '__proto__') mergeMember(object, source, key, customizer, seen);
  }
  return object;
}

module.exports = (object, sources, customizer) => {
  for (const source of sources) merge(object, source, customizer, new Map());
  return object;
};
