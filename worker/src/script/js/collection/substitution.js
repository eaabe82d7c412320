// Replaces variables in strings for `Property.replaceSubstitutions` and related functions: {{name}} becomes
// the value of the first source with that name. Sources are plain objects and lists of variables; dynamic
// variables ({{$guid}}) come after all of them. A name without a source stays as it is written.

const { isObject } = require('vayu:collection/property');

const PLACE = /\{\{([^{}]*?)\}\}/g;
// Maximum number of replacement rounds, because values may contain names again.
const MOST_ROUNDS = 19;

// Returns [value], or undefined if no source has the name.
function lookUp(name, sources) {
  for (const source of sources) {
    if (!isObject(source)) continue;
    if (typeof source.oneNormalizedVariable === 'function') {
      const variable = source.oneNormalizedVariable(name);
      if (variable && !variable.disabled) return [variable];
    } else if (Object.hasOwn(source, name)) {
      return [source[name]];
    }
  }
  return undefined;
}

// Returns the text of a variable; undefined if it has none.
function textOf(found) {
  let value = typeof found === 'function' ? found() : found;
  if (value && typeof value.toString === 'function') value = value.toString();
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}

function valueFor(written, name, sources) {
  const found = lookUp(name, sources);
  if (found !== undefined) return textOf(found[0]) ?? written;
  return name.startsWith('$') ? host.replaceIn(written) : written;
}

function replaceIn(text, sources) {
  let result = text;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let hasAny = false;
    result = result.replace(PLACE, (written, name) => {
      hasAny = true;
      return valueFor(written, name, sources);
    });
    if (!hasAny) break;
  }
  return result;
}

// Returns a copy with the strings in it replaced, whatever its type.
function replaceWithin(value, sources = []) {
  if (typeof value === 'string') return replaceIn(value, sources);
  if (!isObject(value)) return value;
  if (Array.isArray(value)) return value.map((item) => replaceWithin(item, sources));
  if (Object.getPrototypeOf(value) !== Object.prototype && typeof value.toJSON !== 'function') return value;
  const copy = {};
  for (const key of Object.keys(value)) copy[key] = replaceWithin(value[key], sources);
  return copy;
}

function collect(value, seen, names) {
  if (typeof value === 'string') {
    for (const [, name] of value.matchAll(PLACE)) names.add(name);
  } else if (isObject(value) && !seen.has(value)) {
    seen.add(value);
    for (const key of Object.keys(value)) collect(value[key], seen, names);
  }
  return names;
}

const find = (value) => [...collect(value, new Set(), new Set())];

module.exports = { replaceIn, replaceWithin, find };
