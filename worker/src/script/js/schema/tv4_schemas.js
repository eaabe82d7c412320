// The schemas that tv4 knows, by address. Resolves `$ref`, relative references and ids.

const { join } = require('vayu:schema/refs');

const isObject = (value) => value !== null && typeof value === 'object';
const documentOf = (address) => address.split('#')[0];

// Returns the schema with absolute references and ids; the same object if nothing changes.
function inFull(schema, base) {
  if (!isObject(schema)) return schema;
  const id = typeof schema.id === 'string' && !Array.isArray(schema) ? join(base, schema.id) : undefined;
  const address = id ?? base;
  let copy = schema;
  const put = (key, value) => {
    if (value === schema[key]) return;
    if (copy === schema) copy = Array.isArray(schema) ? [...schema] : { ...schema };
    copy[key] = value;
  };
  if (id !== undefined) put('id', id);
  if (typeof schema.$ref === 'string' && !Array.isArray(schema)) put('$ref', join(address, schema.$ref));
  for (const key of Object.keys(schema))
    if (key !== 'enum' && isObject(schema[key])) put(key, inFull(schema[key], address));
  return copy;
}

// An id below or within its own document may be registered under its name.
function isTrusted(base, id) {
  if (!id.startsWith(base)) return false;
  return (id.length > 0 && id.charAt(base.length - 1) === '/') || /^[#?]/.test(id.slice(base.length));
}

// Registers the schemas with ids within a schema, and what it refers to.
function search(schema, address, schemas, wanted) {
  if (!isObject(schema)) return;
  if (typeof schema.id === 'string' && isTrusted(address, schema.id) && !schemas.has(schema.id))
    schemas.set(schema.id, schema);
  for (const key of Object.keys(schema)) {
    if (key === 'enum') continue;
    if (isObject(schema[key])) search(schema[key], address, schemas, wanted);
    else if (key === '$ref' && typeof schema.$ref === 'string') {
      const document = documentOf(schema.$ref);
      if (document && !schemas.has(document)) wanted.add(document);
    }
  }
}

function addSchema({ schemas, wanted }, given, definition) {
  let [address, schema] = [given, definition];
  if (typeof address !== 'string' || schema === undefined) {
    if (!isObject(address) || typeof address.id !== 'string') return;
    [address, schema] = [address.id, address];
  }
  if (address === `${documentOf(address)}#`) address = documentOf(address);
  const full = inFull(schema, address);
  schemas.set(address, full);
  wanted.delete(address);
  search(full, address, schemas, wanted);
}

// Returns the schema at an address without following references; undefined if it is unknown.
function getSchema(schemas, address) {
  if (schemas.has(address)) return schemas.get(address);
  const [document, fragment = ''] = address.split(/#(.*)/s);
  const schema = schemas.get(document);
  if (!isObject(schema)) return undefined;
  const pointer = decodeURIComponent(fragment);
  if (pointer === '') return schema;
  if (!pointer.startsWith('/')) return undefined;
  return pointer
    .split('/')
    .slice(1)
    .reduce((node, part) => {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      return isObject(node) ? node[name] : undefined;
    }, schema);
}

module.exports = { addSchema, getSchema, documentOf, inFull };
