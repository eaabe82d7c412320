// Deep equality as chai 4 defines it: NaN equals NaN, +0 differs from -0, both sides have the same type name,
// enumerable keys (inherited ones too) and symbols match. Prototypes are not compared. Entries of sets and
// maps are compared in sorted order. Cyclic values count as equal where the cycle closes. A `comparator(left,
// right)` in the options may decide first with true or false.

const { typeOf } = require('vayu:chai/type');

const isPrimitive = (value) => value === null || (typeof value !== 'object' && typeof value !== 'function');

// Returns true or false, or null if the contents must be compared.
function quickly(left, right) {
  if (left === right) return left !== 0 || 1 / left === 1 / right;
  if (left !== left && right !== right) return true;
  return isPrimitive(left) || isPrimitive(right) ? false : null;
}

function equal(left, right, search) {
  if (search.comparator) {
    const decided = search.comparator(left, right);
    if (decided === true || decided === false) return decided;
  }
  const known = quickly(left, right);
  if (known !== null) return known;
  const { lefts, rights } = search;
  for (let i = lefts.length - 1; i >= 0; i--) {
    if (lefts[i] === left && rights[i] === right) return true;
  }
  const type = typeOf(left);
  if (type !== typeOf(right)) return false;
  lefts.push(left);
  rights.push(right);
  const same = sameContents(left, right, type, search);
  lefts.pop();
  rights.pop();
  return same;
}

function sameContents(left, right, type, search) {
  switch (type) {
    case 'Object': return sameObject(left, right, search);
    case 'Array': case 'Arguments': return sameList(left, right, search);
    case 'String': case 'Number': case 'Boolean': case 'Date':
      return equal(left.valueOf(), right.valueOf(), search);
    case 'Promise': case 'Symbol': case 'function': case 'WeakMap': case 'WeakSet': return false;
    case 'Error': return sameKeys(left, right, ['name', 'message', 'code'], search);
    case 'RegExp': return left.toString() === right.toString();
    case 'Set': case 'Map': return sameEntries(left, right, search);
    case 'Generator': return sameList([...left], [...right], search);
    case 'DataView':
      return sameList(bytesOf(left.buffer, left.byteOffset, left.byteLength),
        bytesOf(right.buffer, right.byteOffset, right.byteLength), search);
    case 'ArrayBuffer': return sameList(new Uint8Array(left), new Uint8Array(right), search);
    default: return (ArrayBuffer.isView(left) ? sameList : sameObject)(left, right, search);
  }
}

const bytesOf = (buffer, offset, length) => new Uint8Array(buffer, offset, length);

function sameList(left, right, search) {
  const length = left.length;
  if (length !== right.length) return false;
  for (let i = 0; i < length; i++) {
    if (!equal(left[i], right[i], search)) return false;
  }
  return true;
}

function sameKeys(left, right, keys, search) {
  for (let i = 0; i < keys.length; i++) {
    if (!equal(left[keys[i]], right[keys[i]], search)) return false;
  }
  return true;
}

function sameEntries(left, right, search) {
  if (left.size !== right.size) return false;
  return left.size === 0 || sameList([...left].sort(), [...right].sort(), search);
}

function keysOf(object) {
  const keys = [];
  for (const key in object) keys.push(key);
  const symbols = Object.getOwnPropertySymbols(object);
  for (let i = 0; i < symbols.length; i++) {
    if (Object.prototype.propertyIsEnumerable.call(object, symbols[i])) keys.push(symbols[i]);
  }
  return keys;
}

const asText = (key) => String(key);

function sameNames(left, right) {
  let i = 0;
  while (i < left.length && left[i] === right[i]) i++;
  if (i === left.length) return true;
  const one = left.map(asText).sort();
  const other = right.map(asText).sort();
  return one.every((name, at) => name === other[at]);
}

function sameObject(left, right, search) {
  const keys = keysOf(left);
  const others = keysOf(right);
  if (keys.length && keys.length === others.length) {
    return sameNames(keys, others) && sameKeys(left, right, keys, search);
  }
  const entries = iteratedEntries(left);
  const otherEntries = iteratedEntries(right);
  if (entries.length && entries.length === otherEntries.length) {
    return sameList(entries.sort(), otherEntries.sort(), search);
  }
  return keys.length + others.length + entries.length + otherEntries.length === 0;
}

function iteratedEntries(object) {
  if (typeof object[Symbol.iterator] !== 'function') return [];
  try {
    return [...object];
  } catch {
    return [];
  }
}

function eql(left, right, options) {
  const comparator = options && options.comparator;
  if (!comparator) {
    const known = quickly(left, right);
    if (known !== null) return known;
  }
  return equal(left, right, { lefts: [], rights: [], comparator });
}

module.exports = eql;
