// Paths of nested properties: 'a.b[0].c', with '\\.' and '\\[' for names that contain these characters. Used
// by .nested and by util.getPathInfo; it only reads.

// Splits at '.' and before '[', but not after a backslash.
function split(path) {
  const parts = [];
  let part = '';
  for (let i = 0; i < path.length; i++) {
    const sign = path[i];
    const cuts = (sign === '.' || sign === '[') && path[i - 1] !== '\\';
    if (cuts && part) parts.push(part);
    part = cuts ? (sign === '[' ? sign : '') : part + sign;
  }
  if (part) parts.push(part);
  return parts;
}

function stepOf(part) {
  if (part === 'constructor' || part === '__proto__' || part === 'prototype') return undefined;
  const index = part.startsWith('[') && part.endsWith(']') ? part.slice(1, -1) : '';
  if (index && [...index].every((digit) => digit >= '0' && digit <= '9')) return Number(index);
  return part.replace(/\\(?=[.[\]])/g, '');
}

const parsePath = (path) => split(path).map(stepOf);

const hasProperty = (object, name) => object !== undefined && object !== null && name in Object(object);

// Follows all but the last `rest` steps. Returns null at any falsy value on the way, as pathval does.
function walk(object, steps, rest) {
  let current = object;
  for (let i = 0; i < steps.length - rest; i++) {
    if (!current) return null;
    current = steps[i] === undefined ? undefined : current[steps[i]];
  }
  return current;
}

function getPathInfo(object, path) {
  const steps = parsePath(path);
  const name = steps[steps.length - 1];
  const parent = steps.length > 1 ? walk(object, steps, 1) : object;
  return { parent, name, value: walk(object, steps, 0), exists: hasProperty(parent, name) };
}

module.exports = { getPathInfo, hasProperty };
