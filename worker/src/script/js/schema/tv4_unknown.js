// The banUnknown option of tv4: properties that no schema speaks of are errors. A property counts as known
// when properties, patternProperties or additionalProperties of the schema or of any schema combined with it
// cover it.

const { decodePointer, valueAt } = require('vayu:schema/errors');
const { codes, ValidationError, escapePart } = require('vayu:schema/tv4_errors');

const isObject = (value) => value !== null && typeof value === 'object';

// The schema itself and all that are combined with it at the same place.
function combined(schema, root, found = new Set()) {
  if (!isObject(schema) || found.has(schema)) return found;
  found.add(schema);
  if (typeof schema.$ref === 'string' && schema.$ref.startsWith('#')) {
    combined(valueAt(root, decodePointer(schema.$ref.slice(1))), root, found);
  }
  for (const key of ['allOf', 'anyOf', 'oneOf']) {
    for (const each of schema[key] || []) combined(each, root, found);
  }
  return found;
}

function schemasForProperty(schemas, name) {
  const matches = [];
  for (const { properties, patternProperties, additionalProperties } of schemas) {
    if (properties && Object.hasOwn(properties, name)) matches.push(properties[name]);
    for (const pattern of Object.keys(patternProperties || {})) {
      if (new RegExp(pattern).test(name)) matches.push(patternProperties[pattern]);
    }
    if (matches.length === 0 && additionalProperties !== undefined) matches.push(additionalProperties);
  }
  return matches;
}

function schemasForItem(schemas, index) {
  const matches = [];
  for (const { items, additionalItems } of schemas) {
    const schema = Array.isArray(items) ? items[index] || additionalItems : items;
    if (schema !== undefined) matches.push(schema);
  }
  return matches;
}

function walk(data, starts, root, path, errors) {
  if (!isObject(data)) return;
  const schemas = new Set();
  for (const schema of starts) combined(schema, root, schemas);
  for (const key of Object.keys(data)) {
    const matches = Array.isArray(data) ? schemasForItem(schemas, key) : schemasForProperty(schemas, key);
    const place = `${path}/${escapePart(key)}`;
    if (matches.length > 0) walk(data[key], matches, root, place, errors);
    else if (!Array.isArray(data) && schemas.size > 0) errors.push(unknown(place));
  }
}

const unknown = (place) =>
  new ValidationError(codes.UNKNOWN_PROPERTY, 'Unknown property (not in schema)', {}, place, '');

module.exports = (data, schema) => {
  const errors = [];
  walk(data, [schema], schema, '', errors);
  return errors;
};
