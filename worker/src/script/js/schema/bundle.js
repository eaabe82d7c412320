// JSON schemas that refer to others: finds the references of a schema, and puts the schemas that a script has
// added into its definitions, so that the host gets one text to validate with.

const BUNDLED = '__added';

function visit(node, action) {
  if (node === null || typeof node !== 'object') return;
  action(node);
  for (const key of Object.keys(node)) visit(node[key], action);
}

const withoutFragment = (reference) => reference.replace(/#.*$/, '');

// The documents outside the schema itself that it refers to.
function outsideReferences(schema) {
  const names = new Set();
  const own = new Set();
  visit(schema, (node) => {
    for (const key of ['$id', 'id']) if (typeof node[key] === 'string') own.add(withoutFragment(node[key]));
    if (typeof node.$ref === 'string' && !node.$ref.startsWith('#')) names.add(withoutFragment(node.$ref));
  });
  return [...names].filter((name) => !own.has(name) && !/^https?:\/\/json-schema\.org\//.test(name));
}

function find(added, name) {
  if (added.has(name)) return [name, added.get(name)];
  for (const [key, schema] of added) if (key.endsWith(`/${name}`)) return [key, schema];
  return undefined;
}

// All added schemas that `schema` needs, and the names that are not known.
function collect(schema, added) {
  const needed = new Map();
  const missing = new Set();
  const queue = [schema];
  while (queue.length > 0) {
    for (const name of outsideReferences(queue.pop())) {
      const found = find(added, name);
      if (!found) missing.add(name);
      else if (!needed.has(found[0])) {
        needed.set(...found);
        queue.push(found[1]);
      }
    }
  }
  return { needed, missing: [...missing] };
}

// { text, missing, wrapped }: the text for the host. A reference at the root would hide definitions beside
// it, so such a schema is wrapped.
function bundle(schema, added, idKey) {
  const { needed, missing } = collect(schema, added);
  if (needed.size === 0) return { text: JSON.stringify(schema), missing, wrapped: false };
  const extra = {};
  let count = 0;
  for (const [name, other] of needed) extra[`${BUNDLED}${count++}`] = { [idKey]: name, ...other };
  const wrapped = Object.hasOwn(schema, '$ref');
  const { $schema } = schema;
  const root = wrapped ? { ...($schema && { $schema }), allOf: [schema] } : schema;
  const text = JSON.stringify({ ...root, definitions: { ...root.definitions, ...extra } });
  return { text, missing, wrapped };
}

module.exports = { bundle, visit, withoutFragment };
