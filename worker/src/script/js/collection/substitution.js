// Putting variables into texts for `Property.replaceSubstitutions` and its kin: {{name}} becomes the value that the
// first source with that name has. Sources are plain objects and lists of variables; after all of them come the
// dynamic variables ({{$guid}}). What no source has stays as it is written.

const { isObject } = require('vayu:collection/property');

const PLACE = /\{\{([^{}]*?)\}\}/g;
// Values may hold names again; so often they are replaced.
const MOST_ROUNDS = 19;

// [value], or nothing where no source has the name.
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

// The text of a variable; undefined for what is not told as one.
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

// A copy with the texts in it replaced, whatever it is made of.
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
