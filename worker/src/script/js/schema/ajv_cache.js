// Functions of schemas that were made before: a script that makes a new Ajv each time, as Postman's `jsonSchema` does,
// has its schemas compiled once in a context. Only what depends on nothing but the text of the schema and plain
// options is kept, and it is made of a frozen copy, so that nothing of a script is in it.

const MOST = 64;
// What makes functions depend on more, or shows the schema itself.
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

// The function of a schema: one that is kept, or what `make(schema)` gives for it or for its copy.
module.exports = (ajv, schema, make) => {
  const key = keyOf(ajv, schema);
  if (key === undefined) return make(schema);
  let made = kept.get(key);
  if (made === undefined) {
    made = make(freeze(JSON.parse(JSON.stringify(schema))));
    // What was warned of has to be warned of again.
    if (ajv._warnings > 0) return made;
    if (kept.size >= MOST) kept.clear();
    kept.set(key, made);
  }
  return made;
};
