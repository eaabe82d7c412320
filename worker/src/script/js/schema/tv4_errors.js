// The error codes of tv4, and its error for an error of the host.

const { decodePointer, valueAt } = require('vayu:schema/errors');

const codes = {
  INVALID_TYPE: 0,
  ENUM_MISMATCH: 1,
  ANY_OF_MISSING: 10,
  ONE_OF_MISSING: 11,
  ONE_OF_MULTIPLE: 12,
  NOT_PASSED: 13,
  NUMBER_MULTIPLE_OF: 100,
  NUMBER_MINIMUM: 101,
  NUMBER_MINIMUM_EXCLUSIVE: 102,
  NUMBER_MAXIMUM: 103,
  NUMBER_MAXIMUM_EXCLUSIVE: 104,
  NUMBER_NOT_A_NUMBER: 105,
  STRING_LENGTH_SHORT: 200,
  STRING_LENGTH_LONG: 201,
  STRING_PATTERN: 202,
  OBJECT_PROPERTIES_MINIMUM: 300,
  OBJECT_PROPERTIES_MAXIMUM: 301,
  OBJECT_REQUIRED: 302,
  OBJECT_ADDITIONAL_PROPERTIES: 303,
  OBJECT_DEPENDENCY_KEY: 304,
  ARRAY_LENGTH_SHORT: 400,
  ARRAY_LENGTH_LONG: 401,
  ARRAY_UNIQUE: 402,
  ARRAY_ADDITIONAL_ITEMS: 403,
  FORMAT_CUSTOM: 500,
  KEYWORD_CUSTOM: 501,
  CIRCULAR_REFERENCE: 600,
  UNKNOWN_PROPERTY: 1000,
};

class ValidationError extends Error {
  constructor(code, message, params, dataPath, schemaPath) {
    super(message);
    Object.defineProperty(this, 'message', {
      value: message,
      enumerable: true,
      writable: true,
      configurable: true,
    });
    Object.assign(this, { params, code, dataPath, schemaPath, subErrors: null });
  }
}
ValidationError.prototype.name = 'ValidationError';

function typeOf(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

// For each keyword of the host: (what the schema says, the value, the host's params, the parent schema)
// -> [code, message, params]
const RULES = {
  type(type, value) {
    const expected = Array.isArray(type) ? type.join('/') : String(type);
    const actual = typeOf(value);
    return ['INVALID_TYPE', `Invalid type: ${actual} (expected ${expected})`, { type: actual, expected }];
  },
  enum: (allowed, value) => {
    const text = JSON.stringify(value);
    return ['ENUM_MISMATCH', `No enum match for: ${text}`, { value: text }];
  },
  anyOf: () => ['ANY_OF_MISSING', 'Data does not match any schemas from "anyOf"', {}],
  oneOf(list, value, { passingSchemas }) {
    if (!passingSchemas) return ['ONE_OF_MISSING', 'Data does not match any schemas from "oneOf"', {}];
    const [index1, index2] = passingSchemas;
    const indices = `indices ${index1} and ${index2}`;
    const message = `Data is valid against more than one schema from "oneOf": ${indices}`;
    return ['ONE_OF_MULTIPLE', message, { index1, index2 }];
  },
  not: () => ['NOT_PASSED', 'Data matches schema from "not"', {}],
  multipleOf: (multipleOf, value) => [
    'NUMBER_MULTIPLE_OF',
    `Value ${value} is not a multiple of ${multipleOf}`,
    { value, multipleOf },
  ],
  minimum(minimum, value, params, parent) {
    if (parent.exclusiveMinimum && value === minimum) {
      return [
        'NUMBER_MINIMUM_EXCLUSIVE',
        `Value ${value} is equal to exclusive minimum ${minimum}`,
        { value, minimum },
      ];
    }
    return ['NUMBER_MINIMUM', `Value ${value} is less than minimum ${minimum}`, { value, minimum }];
  },
  maximum(maximum, value, params, parent) {
    if (parent.exclusiveMaximum && value === maximum) {
      return [
        'NUMBER_MAXIMUM_EXCLUSIVE',
        `Value ${value} is equal to exclusive maximum ${maximum}`,
        { value, maximum },
      ];
    }
    return ['NUMBER_MAXIMUM', `Value ${value} is greater than maximum ${maximum}`, { value, maximum }];
  },
  minLength: (minimum, { length }) => [
    'STRING_LENGTH_SHORT',
    `String is too short (${length} chars), minimum ${minimum}`,
    { length, minimum },
  ],
  maxLength: (maximum, { length }) => [
    'STRING_LENGTH_LONG',
    `String is too long (${length} chars), maximum ${maximum}`,
    { length, maximum },
  ],
  pattern: (pattern) => ['STRING_PATTERN', `String does not match pattern: ${pattern}`, { pattern }],
  minProperties(minimum, value) {
    const propertyCount = Object.keys(value).length;
    const message = `Too few properties defined (${propertyCount}), minimum ${minimum}`;
    return ['OBJECT_PROPERTIES_MINIMUM', message, { propertyCount, minimum }];
  },
  maxProperties(maximum, value) {
    const propertyCount = Object.keys(value).length;
    const message = `Too many properties defined (${propertyCount}), maximum ${maximum}`;
    return ['OBJECT_PROPERTIES_MAXIMUM', message, { propertyCount, maximum }];
  },
  required: (list, value, { missingProperty: key }) => [
    'OBJECT_REQUIRED',
    `Missing required property: ${key}`,
    { key },
  ],
  additionalProperties: (schema, value, { additionalProperty: key }) => [
    'OBJECT_ADDITIONAL_PROPERTIES',
    'Additional properties not allowed',
    { key },
  ],
  dependencies: (list, value, { property: key, missingProperty: missing }) => [
    'OBJECT_DEPENDENCY_KEY',
    `Dependency failed - key must exist: ${missing} (due to key: ${key})`,
    { key, missing },
  ],
  minItems: (minimum, { length }) => [
    'ARRAY_LENGTH_SHORT',
    `Array is too short (${length}), minimum ${minimum}`,
    { length, minimum },
  ],
  maxItems: (maximum, { length }) => [
    'ARRAY_LENGTH_LONG',
    `Array is too long (${length}), maximum ${maximum}`,
    { length, maximum },
  ],
  uniqueItems(unique, value) {
    const [match1, match2] = duplicates(value);
    return [
      'ARRAY_UNIQUE',
      `Array items are not unique (indices ${match1} and ${match2})`,
      { match1, match2 },
    ];
  },
  additionalItems: () => ['ARRAY_ADDITIONAL_ITEMS', 'Additional items not allowed', {}],
};

function duplicates(list) {
  const seen = list.map((item) => JSON.stringify(item));
  const first = seen.findIndex((text, index) => seen.indexOf(text, index + 1) >= 0);
  return [first, seen.indexOf(seen[first], first + 1)];
}

// Where tv4 says the fault is, if not at the value and the keyword.
function places(keyword, keywordValue, params, dataPath, schemaPath, value) {
  if (keyword === 'required' && Array.isArray(keywordValue)) {
    return [dataPath, `${schemaPath}/${keywordValue.indexOf(params.key)}`];
  }
  if (keyword === 'additionalProperties') return [`${dataPath}/${escapePart(params.key)}`, schemaPath];
  if (keyword === 'multipleOf') return [dataPath, schemaPath.replace(/\/multipleOf$/, '')];
  if (keyword === 'enum') return [dataPath, schemaPath.replace(/enum$/, 'type')];
  if (keyword === 'additionalItems') return [`${dataPath}/${value.length - 1}`, schemaPath];
  return [dataPath, schemaPath];
}

const escapePart = (text) => String(text).replaceAll('~', '~0').replaceAll('/', '~1');

function convert(error, schema, data) {
  const parts = decodePointer(error.schemaPath.replace(/^#/, ''));
  const value = valueAt(data, decodePointer(error.instancePath));
  const keywordValue = valueAt(schema, parts);
  const parent = valueAt(schema, parts.slice(0, -1)) || {};
  const schemaPath = error.schemaPath.replace(/^#/, '');
  if (!Object.hasOwn(RULES, error.keyword)) {
    return new ValidationError(
      codes.KEYWORD_CUSTOM,
      error.message,
      error.params,
      error.instancePath,
      schemaPath,
    );
  }
  const [code, message, params] = RULES[error.keyword](keywordValue, value, error.params, parent);
  const [dataPath, place] = places(
    error.keyword,
    keywordValue,
    params,
    error.instancePath,
    schemaPath,
    value,
  );
  return new ValidationError(codes[code], message, params, dataPath, place);
}

// The order in which tv4 looks at the keywords of a schema.
const RANKS = [
  'type',
  'enum',
  'multipleOf',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'uniqueItems',
  'items',
  'minProperties',
  'maxProperties',
  'required',
  'properties',
  'dependencies',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
];

// Additional properties are met among the others.
const placeOf = ({ schemaPath }) =>
  schemaPath.replace(/^#/, '').replace(/\/(?:additionalP|patternP)roperties(?=\/|$)/g, '/properties');

module.exports = {
  codes,
  convert,
  ValidationError,
  ORDER: { ranks: RANKS, dataFirst: true, placeOf },
  escapePart,
};
