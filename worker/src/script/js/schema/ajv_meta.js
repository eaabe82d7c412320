// The schemas of JSON schemas, drafts 4, 6 and 7, expressed in draft 7: ajv validates a schema with them
// before it compiles it. Draft 7 has the members of draft 6 and some more; draft 4 lacks `const`, `contains`,
// `if` and similar keywords and has boolean exclusive limits.

const self = { $ref: '#' };
const lists = { type: 'array', minItems: 1, items: self };
const natural = { type: 'integer', minimum: 0 };
const texts = { type: 'array', items: { type: 'string' }, uniqueItems: true };
const members = { type: 'object', additionalProperties: self };
const NAMES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

const shared = {
  $schema: { type: 'string' },
  title: { type: 'string' },
  description: { type: 'string' },
  multipleOf: { type: 'number', exclusiveMinimum: 0 },
  maximum: { type: 'number' },
  minimum: { type: 'number' },
  maxLength: natural,
  minLength: natural,
  pattern: { type: 'string', format: 'regex' },
  additionalItems: self,
  items: { anyOf: [self, lists] },
  maxItems: natural,
  minItems: natural,
  uniqueItems: { type: 'boolean' },
  maxProperties: natural,
  minProperties: natural,
  required: texts,
  additionalProperties: self,
  definitions: members,
  properties: members,
  patternProperties: members,
  dependencies: { type: 'object', additionalProperties: { anyOf: [self, texts] } },
  type: { anyOf: [{ enum: NAMES }, { type: 'array', items: { enum: NAMES }, minItems: 1, uniqueItems: true }] },
  format: { type: 'string' },
  allOf: lists,
  anyOf: lists,
  oneOf: lists,
  not: self,
};

const later = {
  ...shared,
  $id: { type: 'string', format: 'uri-reference' },
  $ref: { type: 'string', format: 'uri-reference' },
  $comment: { type: 'string' },
  readOnly: { type: 'boolean' },
  examples: { type: 'array' },
  exclusiveMaximum: { type: 'number' },
  exclusiveMinimum: { type: 'number' },
  contains: self,
  propertyNames: self,
  enum: { type: 'array' },
  contentMediaType: { type: 'string' },
  contentEncoding: { type: 'string' },
  patternProperties: { ...members, propertyNames: { format: 'regex' } },
};

const seventh = { type: ['object', 'boolean'], properties: { ...later, if: self, then: self, else: self } };

const fourth = {
  type: 'object',
  properties: {
    ...shared,
    id: { type: 'string' },
    exclusiveMaximum: { type: 'boolean' },
    exclusiveMinimum: { type: 'boolean' },
    enum: { type: 'array', minItems: 1, uniqueItems: true },
    required: { ...texts, minItems: 1 },
    additionalItems: { anyOf: [{ type: 'boolean' }, self] },
    additionalProperties: { anyOf: [{ type: 'boolean' }, self] },
  },
};

// With the option $data, a keyword may also say where its value is.
const DATA = {
  type: 'object',
  required: ['$data'],
  properties: { $data: { type: 'string' } },
  additionalProperties: false,
};
const WITH_DATA = [
  'multipleOf',
  'maximum',
  'minimum',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'maxProperties',
  'minProperties',
  'required',
  'enum',
  'format',
];

function withData(schema) {
  const properties = { ...schema.properties };
  for (const name of WITH_DATA) if (properties[name]) properties[name] = { anyOf: [properties[name], DATA] };
  return { ...schema, properties };
}

module.exports = (draft, mayHaveData) => {
  const schema = draft === '4' ? fourth : seventh;
  return mayHaveData ? withData(schema) : schema;
};
