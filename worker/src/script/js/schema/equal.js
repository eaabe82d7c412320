// Returns whether two values are equal as JSON schemas compare them: deeply, whatever the order of members.
// `NaN` equals itself; dates and patterns are compared by value.

const isObject = (value) => value !== null && typeof value === 'object';

function equal(one, other) {
  if (one === other) return true;
  if (!isObject(one) || !isObject(other)) return one !== one && other !== other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  if (Array.isArray(one)) return one.length === other.length && one.every((item, i) => equal(item, other[i]));
  if (one instanceof Date || other instanceof Date) {
    return one instanceof Date && other instanceof Date && one.getTime() === other.getTime();
  }
  if (one instanceof RegExp || other instanceof RegExp) {
    return one instanceof RegExp && other instanceof RegExp && String(one) === String(other);
  }
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && equal(one[name], other[name]))
  );
}

module.exports = equal;
