// The messages and params that ajv 6 gives for each keyword, made of the params of the host. A param that the
// host left out is read from the schema; where that fails the host's message stands.

const { decodePointer, valueAt } = require('vayu:schema/errors');

const plural =
  (noun) =>
  (direction) =>
  ({ limit }) =>
    `should NOT have ${direction} than ${limit} ${noun}`;
const items = plural('items');
const properties = plural('properties');

const COMPARISONS = { minimum: '>=', maximum: '<=', exclusiveMinimum: '>', exclusiveMaximum: '<' };

function bound(keyword) {
  return {
    params: ({ comparison = COMPARISONS[keyword], limit }, value) => ({
      comparison,
      limit: limit === undefined ? value : limit,
      exclusive: /^[<>]$/.test(comparison),
    }),
    message: ({ comparison, limit }) => `should be ${comparison} ${limit}`,
  };
}

const limited = (message) => ({
  params: ({ limit }, value) => ({ limit: limit === undefined ? value : limit }),
  message,
});
const named = (name, message) => ({
  params: (params, value) => ({ [name]: params[name] === undefined ? value : params[name] }),
  message,
});
const bare = (text) => ({ params: () => ({}), message: () => text });

const dependencyList = ({ deps, depsCount, missingProperty, property }) => {
  const what = depsCount === 1 ? `property ${deps || missingProperty}` : `properties ${deps}`;
  return `should have ${what} when property ${property} is present`;
};

const KEYWORDS = {
  type: {
    params: ({ type }, value) => ({ type: String(type === undefined ? value : type) }),
    message: ({ type }) => `should be ${type}`,
  },
  required: {
    params: ({ missingProperty }) => ({ missingProperty }),
    message: ({ missingProperty }) => `should have required property '${missingProperty}'`,
  },
  additionalProperties: {
    params: ({ additionalProperty }) => ({ additionalProperty }),
    message: () => 'should NOT have additional properties',
  },
  minimum: bound('minimum'),
  maximum: bound('maximum'),
  exclusiveMinimum: bound('exclusiveMinimum'),
  exclusiveMaximum: bound('exclusiveMaximum'),
  minLength: limited(({ limit }) => `should NOT be shorter than ${limit} characters`),
  maxLength: limited(({ limit }) => `should NOT be longer than ${limit} characters`),
  minItems: limited(items('fewer')),
  maxItems: limited(items('more')),
  minProperties: limited(properties('fewer')),
  maxProperties: limited(properties('more')),
  pattern: named('pattern', ({ pattern }) => `should match pattern "${pattern}"`),
  format: named('format', ({ format }) => `should match format "${format}"`),
  multipleOf: named('multipleOf', ({ multipleOf }) => `should be multiple of ${multipleOf}`),
  enum: named('allowedValues', () => 'should be equal to one of the allowed values'),
  const: named('allowedValue', () => 'should be equal to constant'),
  uniqueItems: {
    params: ({ i, j }) => ({ i, j }),
    message: ({ i, j }) =>
      i === undefined
        ? 'should NOT have duplicate items'
        : `should NOT have duplicate items (items ## ${j} and ${i} are identical)`,
  },
  anyOf: bare('should match some schema in anyOf'),
  oneOf: {
    params: ({ passingSchemas = null }) => ({ passingSchemas }),
    message: () => 'should match exactly one schema in oneOf',
  },
  not: bare('should NOT be valid'),
  contains: bare('should contain a valid item'),
  if: {
    params: ({ failingKeyword = 'then' }) => ({ failingKeyword }),
    message: ({ failingKeyword }) => `should match "${failingKeyword}" schema`,
  },
  dependencies: {
    params: ({ property, missingProperty, depsCount, deps }) => ({
      property,
      missingProperty,
      depsCount,
      deps,
    }),
    message: dependencyList,
  },
  propertyNames: {
    params: ({ propertyName }) => ({ propertyName }),
    message: ({ propertyName }) => `property name '${propertyName}' is invalid`,
  },
  'false schema': bare('boolean schema is false'),
  additionalItems: limited(items('more')),
};

// The order in which ajv 6 looks at the keywords of a schema.
const RANKS = [
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'multipleOf',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'items',
  'additionalItems',
  'uniqueItems',
  'maxProperties',
  'minProperties',
  'required',
  'propertyNames',
  'additionalProperties',
  'properties',
  'patternProperties',
  'format',
  'type',
  '$ref',
  'const',
  'contains',
  'dependencies',
  'enum',
  'not',
  'anyOf',
  'oneOf',
  'allOf',
  'if',
];

// { message, params } of ajv 6 for an error of the host; keywordValue is what the schema has for the keyword.
function describe({ keyword, params, message }, keywordValue) {
  if (!Object.hasOwn(KEYWORDS, keyword)) return { message, params };
  const rule = KEYWORDS[keyword];
  const made = rule.params(params, keywordValue);
  const complete = Object.values(made).every((value) => value !== undefined);
  return { message: complete || keyword === 'uniqueItems' ? rule.message(made) : message, params: made };
}

// ajv 6 looks for a required property where it looks at the property itself, if properties say something of
// it.
function placeOf({ keyword, schemaPath, params }, schema) {
  const path = schemaPath.replace(/^#/, '');
  if (keyword !== 'required') return path;
  const parentPath = path.replace(/\/required$/, '');
  const { properties } = valueAt(schema, decodePointer(parentPath)) || {};
  const own = properties && properties[params.missingProperty];
  if (own === undefined || own === null || (typeof own === 'object' && Object.keys(own).length === 0))
    return path;
  return `${parentPath}/properties/${encodePart(params.missingProperty)}`;
}

const encodePart = (name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));

module.exports = { describe, ORDER: { ranks: RANKS, dataFirst: false, placeOf } };
