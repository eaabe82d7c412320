// A cache of compiled schemas. A script that creates an Ajv each time, as Postman's `jsonSchema` does, has
// its schemas compiled once per context. A function is cached only if it depends on nothing but the text of
// the schema and plain options, and it is compiled from a frozen copy, so that it contains nothing of a
// script.

const MOST = 64;
// Options that make functions depend on more, or expose the schema itself.
const PARTICULAR = ['verbose', '$data', 'formats', 'keywords', 'schemas', 'missingRefs'];

const kept = new Map();

function freeze(value) {
  if (value === null || typeof value !== 'object') return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
}

function keyOf(ajv, schema) {
  const options = ajv._opts;
  const isParticular =
    PARTICULAR.some((name) => options[name]) ||
    options.useDefaults === 'shared' ||
    (options.logger !== null && typeof options.logger === 'object');
  if (isParticular || ajv._schemas.size + ajv._keywords.size + ajv._formats.size > 0) return undefined;
  const plain = Object.entries(options).filter(([name]) => name !== 'logger');
  try {
    return JSON.stringify(plain) + JSON.stringify(schema);
  } catch {
    return undefined;
  }
}

// Returns the function of a schema: a cached one, or what `make(schema)` returns for the schema or its copy.
module.exports = (ajv, schema, make) => {
  const key = keyOf(ajv, schema);
  if (key === undefined) return make(schema);
  let made = kept.get(key);
  if (made === undefined) {
    made = make(freeze(JSON.parse(JSON.stringify(schema))));
    // Warnings must be repeated, so such a function is not cached.
    if (ajv._warnings > 0) return made;
    if (kept.size >= MOST) kept.clear();
    kept.set(key, made);
  }
  return made;
};
