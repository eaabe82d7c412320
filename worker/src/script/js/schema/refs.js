// Resolves `$ref`: schemas by their ids and by JSON pointers, in the schema itself and among those that a
// script has added.

const isObject = (value) => value !== null && typeof value === 'object';

// Returns the id of a schema, by the option schemaId.
function idOf(schema, schemaId) {
  if (!isObject(schema)) return undefined;
  const id = schemaId === 'id' ? schema.id : schemaId === 'auto' ? (schema.$id ?? schema.id) : schema.$id;
  return typeof id === 'string' ? id : undefined;
}

const withoutEnd = (id) => id.replace(/#\/?$/, '');

// Resolves a reference against a base address.
function join(base, reference) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(reference)) return reference;
  const [document] = base.split('#');
  if (reference === '' || reference.startsWith('#')) return document + reference;
  const [, origin, path] = /^((?:[a-z][a-z0-9+.-]*:)?(?:\/\/[^/]*)?)(.*)$/i.exec(document);
  if (reference.startsWith('/')) return origin + reference;
  return origin + path.replace(/[^/]*$/, '') + reference;
}

// Keywords whose members are data, not schemas.
const DATA = new Set(['enum', 'const', 'default', 'examples']);

// Returns all schemas in one that have an id, by the full id, each with its origin.
function idsIn(root, base, schemaId) {
  const found = new Map();
  const visit = (node, address) => {
    if (!isObject(node)) return;
    const id = Array.isArray(node) ? undefined : idOf(node, schemaId);
    const own = id === undefined ? address : join(address, id);
    if (id !== undefined) found.set(withoutEnd(own), { schema: node, root, base: withoutEnd(own) });
    for (const key of Object.keys(node)) if (!DATA.has(key)) visit(node[key], own);
  };
  visit(root, base);
  return found;
}

const decode = (part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');

// Follows a pointer from a schema that was found.
function follow({ schema, root, base }, pointer, schemaId) {
  let [node, address] = [schema, base];
  for (const part of pointer.split('/').slice(1)) {
    const name = decode(part);
    if (!isObject(node) || !Object.hasOwn(node, name)) return undefined;
    node = node[name];
    const id = idOf(node, schemaId);
    if (id !== undefined) address = withoutEnd(join(address, id));
  }
  return { schema: node, root, base: address };
}

// Returns { schema, root, base } for a reference in `root` at the address `base`; undefined if it cannot be
// resolved. `added` finds a whole schema by its name.
function resolve(reference, { root, base, ids, rootId }, added, schemaId) {
  const full = join(base, reference);
  const exact = ids.get(withoutEnd(full)) ?? added(withoutEnd(full));
  if (exact !== undefined) return exact;
  const at = full.indexOf('#');
  const [document, pointer] = at < 0 ? [full, ''] : [full.slice(0, at), full.slice(at + 1)];
  const isHere = document === '' || document === rootId;
  const start = ids.get(document) ?? (isHere ? { schema: root, root, base: rootId } : added(document));
  if (start === undefined) return undefined;
  if (pointer === '' || pointer === '/') return start;
  return pointer.startsWith('/') ? follow(start, pointer, schemaId) : undefined;
}

module.exports = { idOf, idsIn, join, resolve, withoutEnd, isObject };
