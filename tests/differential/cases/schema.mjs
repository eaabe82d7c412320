// Random JSON schemas and data for ajv and tv4, with their options.


const NAMES = ['a', 'b', 'c', 'id', 'x y'];
const TYPES = ['string', 'number', 'integer', 'boolean', 'null', 'array', 'object'];
const FORMATS = [
  'date',
  'date-time',
  'email',
  'ipv4',
  'ipv6',
  'uri',
  'uuid',
  'hostname',
  'time',
  'regex',
  'json-pointer',
  'uri-reference',
];
const TEXTS = [
  '2024-02-29',
  '2024-02-30',
  '2024-02-29T12:00:00Z',
  'a@b.cd',
  'a@b',
  '127.0.0.1',
  '300.1.1.1',
  '::1',
  'http://a.b/c',
  'x',
  '',
  'ab',
  'abc',
  '12:00:00Z',
  '123e4567-e89b-12d3-a456-426614174000',
  'exa_mple',
  '[a',
  '/a/b',
  '\u{1f600}',
];
const PATTERNS = ['^a', 'b$', '^[a-c]+$', '\\d{2}', '.'];

const data = (random, depth = 2) => {
  const kind = depth === 0 ? random.below(5) : random.below(9);
  if (kind < 2) return random.pick([0, 1, 2, 3, 4, 5, -1, 2.5, 10, 0.3]);
  if (kind < 4) return random.pick(TEXTS);
  if (kind < 5) return random.pick([true, false, null]);
  if (kind < 6) return random.several(0, 4, () => data(random, depth - 1));
  return Object.fromEntries(random.several(0, 4, () => [random.pick(NAMES), data(random, depth - 1)]));
};

const small = (random) => random.between(0, 4);

function keyword(random, depth, draft) {
  const inner = () => schema(random, depth - 1, draft);
  const flat = {
    type: () =>
      random.chance(0.8)
        ? random.pick(TYPES)
        : random
            .some(TYPES, 3)
            .concat('null')
            .filter((name, i, all) => all.indexOf(name) === i),
    enum: () =>
      random
        .several(1, 3, () => data(random, 1))
        .filter((one, i, all) => all.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) === i),
    minimum: () => small(random),
    maximum: () => small(random),
    multipleOf: () => random.pick([1, 2, 0.1, 3]),
    minLength: () => small(random),
    maxLength: () => small(random),
    pattern: () => random.pick(PATTERNS),
    minItems: () => small(random),
    maxItems: () => small(random),
    uniqueItems: () => true,
    minProperties: () => small(random),
    maxProperties: () => small(random),
    required: () => ['a', ...random.some(NAMES.slice(1), 2)],
  };
  if (draft === 7) {
    Object.assign(flat, {
      const: () => data(random, 1),
      exclusiveMinimum: () => small(random),
      exclusiveMaximum: () => small(random),
      format: () => random.pick(FORMATS),
    });
  } else {
    Object.assign(flat, { format: () => random.pick(FORMATS) });
  }
  const deep = {
    properties: () => Object.fromEntries(random.some(NAMES, 3).map((name) => [name, inner()])),
    items: () => (random.chance(0.7) ? inner() : random.several(1, 3, inner)),
    additionalProperties: () => (random.chance(0.6) ? false : inner()),
    additionalItems: () => (random.chance(0.6) ? false : inner()),
    patternProperties: () => ({ [random.pick(['^a', '^.$'])]: inner() }),
    dependencies: () => ({ a: random.chance(0.7) ? [random.pick(NAMES.slice(1))] : inner() }),
    allOf: () => random.several(1, 2, inner),
    anyOf: () => random.several(1, 3, inner),
    oneOf: () => random.several(1, 3, inner),
    not: inner,
    $ref: () => random.pick(['#/definitions/d', '#']),
  };
  if (draft === 7)
    Object.assign(deep, {
      contains: inner,
      propertyNames: () => ({ maxLength: small(random) }),
      if: inner,
      then: inner,
    });
  const all = depth > 0 ? { ...flat, ...deep } : flat;
  const name = random.pick(Object.keys(all));
  return [name, all[name]()];
}

function schema(random, depth, draft) {
  if (draft === 7 && random.chance(0.04)) return random.chance(0.5);
  const made = Object.fromEntries(random.several(1, 3, () => keyword(random, depth, draft)));
  if (made.$ref) return { $ref: made.$ref };
  return made;
}

function whole(random, draft) {
  const made = schema(random, 2, draft);
  if (typeof made !== 'object') return made;
  made.definitions = { d: schema(random, 1, draft) };
  // A reference to itself at the same place never ends.
  const text = JSON.stringify(made).replaceAll('"$ref":"#"', '"$ref":"#/definitions/d"');
  const parsed = JSON.parse(text);
  if (JSON.stringify(parsed.definitions).includes('$ref')) parsed.definitions = { d: { type: 'object' } };
  return parsed;
}

const AJV_OPTIONS = [
  '{}',
  '',
  '{ allErrors: true }',
  '{ allErrors: true }',
  '{ jsonPointers: true }',
  '{ allErrors: true, verbose: true }',
  "{ allErrors: true, errorDataPath: 'property' }",
  '{ messages: false }',
  '{ format: false }',
  "{ format: 'full' }",
  "{ unknownFormats: 'ignore' }",
  '{ allErrors: true, logger: false }',
  '{ schemaId: "auto" }',
  '{ nullable: true }',
  '{ strictKeywords: false }',
  '{ useDefaults: false }',
  '{ coerceTypes: false }',
  '{ uniqueItems: false }',
  '{ multipleOfPrecision: 3 }',
  '{ ownProperties: true }',
  '{ unicode: false }',
  '{ allErrors: true, jsonPointers: true, messages: false }',
];

const text = (value) => JSON.stringify(value);

const AJV_CALLS = [
  (s, d) => `const check = ajv.compile(${s}); const valid = check(${d}); return [valid, check.errors];`,
  (s, d) => `return [ajv.validate(${s}, ${d}), ajv.errors, ajv.errorsText()];`,
  (s, d) => `ajv.addSchema(${s}, 'named'); return [ajv.validate('named', ${d}), ajv.errors];`,
  (s, d) =>
    `const check = ajv.compile(${s}); return check(${d}) ? 'valid' : ajv.errorsText(check.errors, { separator: '; ', dataVar: 'body' });`,
];
const AJV_FIXED = [
  "return ajv.validateSchema({ type: 'strin' });",
  "return ajv.validateSchema({ type: 'string', minLength: -1 });",
  "return ajv.compile({ type: 'wrong' });",
  "return ajv.compile({ $ref: '#/nowhere' });",
  "return ajv.compile({ format: 'unheard' });",
  "ajv.addSchema({ $id: 'http://x/s', type: 'string' }); return [ajv.validate({ $ref: 'http://x/s' }, 1), ajv.errorsText()];",
  "return ajv.getSchema('none');",
  "ajv.addSchema({ $id: 'a', type: 'string' }); return ajv.getSchema('a')(5);",
  "ajv.addSchema({ $id: 'a' }); ajv.removeSchema('a'); return ajv.getSchema('a');",
  "ajv.addSchema({ $id: 'a' }); ajv.addSchema({ $id: 'a' });",
  'return ajv.errorsText();',
  "return ajv.validate('none', 1);",
  "ajv.addFormat('two', /^..$/); return [ajv.validate({ format: 'two' }, 'abc'), ajv.errorsText()];",
  "ajv.addFormat('even', { type: 'number', validate: (x) => x % 2 === 0 }); return [ajv.validate({ items: { format: 'even' } }, [1, 2]), ajv.errorsText()];",
  "ajv.addFormat('f', (x) => x === 'f'); return [ajv.validate({ properties: { a: { format: 'f' } } }, { a: 'g' }), ajv.errors];",
];

export function ajv(random) {
  const head = `const Ajv = require('ajv'); const ajv = new Ajv(${random.pick(AJV_OPTIONS)}); `;
  if (random.chance(0.04)) return head + random.pick(AJV_FIXED);
  return head + random.pick(AJV_CALLS)(text(whole(random, 7)), text(data(random)));
}

const TV4_CALLS = [
  (s, d) =>
    `return [tv4.validate(${d}, ${s}), tv4.error && tv4.error.message, tv4.error && tv4.error.dataPath, tv4.error && tv4.error.code, tv4.missing];`,
  (s, d) =>
    `const made = tv4.validateResult(${d}, ${s}); return [made.valid, made.missing, made.error && made.error.message];`,
  (s, d) =>
    `const made = tv4.validateMultiple(${d}, ${s}); return [made.valid, made.missing, made.errors.map((error) => [error.code, error.message, error.dataPath, error.schemaPath, error.params])];`,
  (s, d) =>
    `const made = tv4.validateMultiple(${d}, ${s}, false, true); return [made.valid, made.errors.map((error) => [error.code, error.dataPath])];`,
  (s, d) => `return tv4.validate(${d}, ${s}, true);`,
];
const TV4_FIXED = [
  "return tv4.validate(1, { $ref: 'http://nowhere/x' }) && tv4.missing;",
  "tv4.addSchema('http://x/s', { type: 'string' }); const made = [tv4.validate(1, { $ref: 'http://x/s' }), tv4.getSchema('http://x/s')]; tv4.dropSchemas(); return made;",
  "const t = tv4.freshApi(); t.addFormat('two', (x) => (x.length === 2 ? null : 'not two')); const ok = t.validate('abc', { format: 'two' }); return [ok, t.error.message, t.error.code];",
  "const t = tv4.freshApi(); t.addFormat({ a: () => null, b: (data, schema) => 'never ' + data }); return [t.validate('x', { format: 'a' }), t.validate('x', { format: 'b' }), t.error.message];",
  "const t = tv4.freshApi(); t.addFormat('a', () => null); return Object.keys(t.addFormat());",
  "const x = {}; x.self = x; const t = tv4.freshApi(); return t.validate(x, { properties: { self: { $ref: '#' } } }, true);",
  'return tv4.errorCodes.INVALID_TYPE;',
  "const t = tv4.freshApi(); t.defineKeyword('odd', (data, value) => (value && data % 2 === 0 ? 'is even' : null)); return [t.validate(2, { odd: true }), t.error.message];",
  'return tv4.language();',
  'return tv4.getMissingUris();',
  'const t = tv4.freshApi(); return t.validateMultiple({ a: 1, b: 2 }, { properties: { a: {} } }, true, true).errors.length;',
  "const t = tv4.freshApi(); t.addSchema({ id: 'x:y', type: 'string' }); return [t.getSchemaUris(), t.getSchemaMap()];",
];

export function tv4(random) {
  const head = random.chance(0.5) ? "const tv4 = require('tv4'); " : '';
  if (random.chance(0.05)) return head + random.pick(TV4_FIXED);
  return head + random.pick(TV4_CALLS)(text(whole(random, 4)), text(data(random)));
}
