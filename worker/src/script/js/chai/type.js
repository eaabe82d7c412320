// Names of types and functions as assertions print and compare them: 'Array', 'Map', 'null', 'number'. A
// string under Symbol.toStringTag decides; constructors are not considered.

const toText = Object.prototype.toString;

function typeOf(value) {
  const kind = typeof value;
  if (kind !== 'object') return kind;
  if (value === null) return 'null';
  const tagged = value[Symbol.toStringTag];
  if (typeof tagged === 'string') return value === globalThis ? 'global' : tagged;
  if (Array.isArray(value)) return 'Array';
  if (value === globalThis) return 'global';
  if (Object.getPrototypeOf(value) === null) return 'Object';
  return toText.call(value).slice(8, -1);
}

const tagOf = (value) => toText.call(value).slice(8, -1);

const functionName = (value) => (typeof value === 'function' ? value.name : null);

module.exports = { typeOf, tagOf, functionName };
