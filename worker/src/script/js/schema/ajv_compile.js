// Compiles JSON schemas of drafts 4, 6 and 7 to functions that check values as ajv 6 does: the same errors in
// the same order, with and without allErrors. The keywords are in ajv_rules.js and ajv_properties.js, custom
// keywords of scripts in ajv_keywords.js.

const { At } = require('vayu:schema/ajv_paths');
const { RULES, format, every } = require('vayu:schema/ajv_rules');
const objects = require('vayu:schema/ajv_properties');
const { resolve, join, idOf, isObject, withoutEnd } = require('vayu:schema/refs');

// Keywords by the type of data they apply to, in the order of evaluation. A keyword listed after another is
// checked together with it.
const GROUPS = [
  ['number', [['maximum', 'exclusiveMaximum'], ['minimum', 'exclusiveMinimum'], ['multipleOf'], ['format']]],
  ['string', [['maxLength'], ['minLength'], ['pattern'], ['format']]],
  ['array', [['maxItems'], ['minItems'], ['items'], ['contains'], ['uniqueItems']]],
  [
    'object',
    [
      ['maxProperties'],
      ['minProperties'],
      ['required'],
      ['dependencies'],
      ['propertyNames'],
      ['properties', 'additionalProperties', 'patternProperties'],
    ],
  ],
  [undefined, [['$ref'], ['const'], ['enum'], ['not'], ['anyOf'], ['oneOf'], ['allOf'], ['if']]],
];
const RULE_NAMES = new Set(['type', '$comment', ...GROUPS.flatMap(([, rules]) => rules.flat())]);
const OTHER_NAMES = [
  '$schema',
  '$id',
  'id',
  '$data',
  '$async',
  'title',
  'description',
  'default',
  'definitions',
  'examples',
  'readOnly',
  'writeOnly',
  'contentMediaType',
  'contentEncoding',
  'additionalItems',
  'then',
  'else',
];

const encode = (name) => encodeURIComponent(String(name).replaceAll('~', '~0').replaceAll('/', '~1'));

function isOfType(data, type, isStrict) {
  switch (type) {
    case 'null':
      return data === null;
    case 'array':
      return Array.isArray(data);
    case 'object':
      return isObject(data) && !Array.isArray(data);
    case 'integer':
      return typeof data === 'number' && data % 1 === 0 && (!isStrict || Number.isFinite(data));
    case 'number':
      return typeof data === 'number' && (!isStrict || Number.isFinite(data));
    default:
      return typeof data === type;
  }
}

// One run of a function: the errors it finds.
class Run {
  constructor(compiler, self) {
    this.compiler = compiler;
    this.errors = [];
    // What functions of scripts receive as `this`.
    this.self = self;
  }

  // Reports an error. Without allErrors it ends the check.
  fail(at, place, ...error) {
    if (place.breaks && !place.isComposite) this.errors.length = 0;
    return this.failAlso(at, place, ...error);
  }

  // Reports an error after others that explain it.
  failAlso(at, place, keyword, params, message, value, parentSchema, data = at.data) {
    const { options } = place;
    const schemaPath = `${place.path}/${keyword}`;
    const error = { keyword, dataPath: at.path(options.jsonPointers), schemaPath, params };
    if (options.messages !== false) error.message = message;
    if (options.verbose) Object.assign(error, { schema: value, parentSchema, data });
    this.errors.push(error);
    return false;
  }
}

// The position of a rule in a schema, and what rules need from the compiler.
class Place {
  constructor(compiler, path, breaks, isComposite, base) {
    Object.assign(this, { compiler, path, breaks, isComposite, base });
    this.options = compiler.ajv._opts;
    this.loopRequired = this.options.loopRequired ?? Infinity;
  }

  // `step` is a literal path, or [keyword, name].
  within(step, { breaks = this.breaks, isComposite = this.isComposite } = {}) {
    const path = Array.isArray(step) ? `${step[0]}/${encode(step[1])}` : step;
    return new Place(this.compiler, `${this.path}/${path}`, breaks, isComposite || this.isComposite, this.base);
  }

  at(path) {
    return new Place(this.compiler, path, this.breaks, this.isComposite, this.base);
  }

  node(schema) {
    return this.compiler.node(schema, this);
  }

  hasRules(schema) {
    return this.compiler.hasRules(schema);
  }

  // Returns the test of a format for this kind of data, or undefined.
  formatOf(name, kind) {
    return this.compiler.formatOf(name, kind, this.path);
  }

  patternOf(source) {
    return this.compiler.patternOf(source);
  }
}

class Compiler {
  constructor(ajv, { schema, root, base }) {
    this.ajv = ajv;
    this.schema = schema;
    this.root = root;
    this.base = base;
    this.rootId = base;
    this.patterns = new Map();
    this.ids = ajv._idsOf(root, base);
  }

  // Returns the function of the whole schema: (data, path, self) => errors.
  whole() {
    const place = new Place(this, '#', !this.ajv._opts.allErrors, false, this.base);
    if (this.schema === false) place.breaks = true;
    const check = this.node(this.schema, place);
    return (at, self) => {
      const run = new Run(this, self);
      check(run, at);
      return run.errors;
    };
  }

  hasRules(schema) {
    if (typeof schema === 'boolean') return !schema;
    if (!isObject(schema)) return false;
    if (this.ajv._opts.strictKeywords) return Object.keys(schema).length > 0;
    for (const name of Object.keys(schema)) if (this.isRule(name)) return true;
    return false;
  }

  isRule(name) {
    return RULE_NAMES.has(name) || this.ajv._keywords.has(name);
  }

  patternOf(source) {
    let pattern = this.patterns.get(source);
    if (pattern === undefined) this.patterns.set(source, (pattern = new RegExp(source)));
    return pattern;
  }

  formatOf(name, kind, path) {
    const found = this.ajv._format(name);
    if (found === undefined) {
      const { unknownFormats } = this.ajv._opts;
      if (Array.isArray(unknownFormats) && unknownFormats.includes(name)) return undefined;
      if (unknownFormats === 'ignore') {
        this.ajv._warn(`unknown format "${name}" ignored in schema at path "${path}"`);
        return undefined;
      }
      throw new Error(`unknown format "${name}" is used in schema at path "${path}"`);
    }
    const isDefinition = isObject(found) && !(found instanceof RegExp) && found.validate !== undefined;
    const test = isDefinition ? found.validate : found;
    if (isDefinition && found.type ? found.type !== kind : kind !== 'string') return undefined;
    return typeof test === 'function' ? test : (data) => test.test(data);
  }

  checkKeywords(schema) {
    const { strictKeywords } = this.ajv._opts;
    if (!strictKeywords || !isObject(schema)) return;
    const unknown = Object.keys(schema).find((name) => !this.isRule(name) && !OTHER_NAMES.includes(name));
    if (unknown !== undefined) this.refuse(strictKeywords, `unknown keyword: ${unknown}`);
  }

  // A strictness option says whether a fault of the schema is an error or a log line.
  refuse(strictness, message) {
    if (strictness !== 'log') throw new Error(message);
    this.ajv._warn(message);
  }

  node(schema, outer) {
    this.checkKeywords(schema);
    if (typeof schema === 'boolean') return this.constant(schema, outer);
    if (schema.$async === true) throw this.ajv._unsupported('the keyword $async');
    const id = idOf(schema, this.ajv._opts.schemaId);
    const place = id === undefined || schema === this.root ? outer : outer.at(outer.path);
    if (place !== outer) place.base = withoutEnd(join(outer.base, id));
    const rest = this.hasRulesBeside(schema);
    if (!rest && schema.$ref === undefined) return () => true;
    const isReferenceOnly = schema.$ref !== undefined && !this.extendsReference(schema, rest, place);
    return this.steps(schema, place, isReferenceOnly);
  }

  constant(schema, place) {
    if (schema) return () => true;
    return (run, at) => run.fail(at, place, 'false schema', {}, 'boolean schema is false', false, schema);
  }

  hasRulesBeside(schema) {
    return Object.keys(schema).some((name) => name !== '$ref' && this.isRule(name));
  }

  // Returns whether the keywords next to a $ref apply.
  extendsReference(schema, rest, place) {
    if (!rest) return false;
    const { extendRefs } = this.ajv._opts;
    if (extendRefs === 'fail') {
      throw new Error(`$ref: validation keywords used in schema at path "${place.path}" (see option extendRefs)`);
    }
    if (extendRefs !== true) this.ajv._warn(`$ref: keywords ignored in schema at path "${place.path}"`);
    return extendRefs === true;
  }

  typesOf(schema) {
    if (schema.type === undefined) return undefined;
    const types = [].concat(schema.type);
    const isNullable = this.ajv._opts.nullable && schema.nullable === true && !types.includes('null');
    return isNullable ? [...types, 'null'] : types;
  }

  // Returns all checks of a schema. If the first type check fails without allErrors, the first group is still
  // evaluated within anyOf and similar keywords, as in ajv.
  steps(schema, place, isReferenceOnly) {
    const types = this.typesOf(schema);
    const groups = isReferenceOnly ? [] : this.groups(schema, place, types);
    const isTyped = types?.length === 1 && groups.some(({ type }) => type === types[0]);
    const { coerceTypes } = this.ajv._opts;
    const first = types !== undefined && (coerceTypes || !isTyped) ? this.typeCheck(schema, types, place) : undefined;
    const checksType = (type) => !coerceTypes && isTyped && type === types[0];
    const checks = groups.map(({ type, check }) =>
      type === undefined ? check : this.grouped(schema, type, check, place, checksType(type), types),
    );
    if (isReferenceOnly) checks.push(this.reference(schema, place));
    const rest = every(checks, place);
    if (first === undefined) return rest;
    return (run, at) => {
      if (first(run, at)) return rest(run, at);
      if (!place.breaks) rest(run, at);
      else if (place.isComposite && checks.length > 0) checks[0](run, at);
      return false;
    };
  }

  groups(schema, place) {
    const found = [];
    const { rule: ownRule } = this.ajv._keywords.size > 0 ? require('vayu:schema/ajv_keywords') : {};
    for (const [type, rules] of GROUPS) {
      const used = rules.filter((names) => names.some((name) => schema[name] !== undefined));
      const own = this.ajv._keywordsFor(type).filter(([name]) => schema[name] !== undefined);
      if (used.length + own.length === 0) continue;
      const checks = used.map((names) => this.rule(names[0], type, schema, place));
      for (const [name, definition] of own) checks.push(ownRule(name, definition, schema, place));
      found.push({ type, check: every(checks.filter(Boolean), place) });
    }
    for (const [type, name, definition] of this.ajv._keywordsOfOtherTypes()) {
      if (schema[name] === undefined) continue;
      const check = ownRule(name, definition, schema, place);
      if (check !== undefined) found.push({ type, check });
    }
    return found;
  }

  rule(name, type, schema, place) {
    if (name === 'format') return format(type)(schema, place);
    if (name === '$ref') return this.reference(schema, place);
    return (objects[name] ?? RULES[name])(schema, place);
  }

  // A group applies to data of its type. For data of another type it checks the type, if no other check does.
  grouped(schema, type, check, place, checksType, types) {
    const { strictNumbers } = this.ajv._opts;
    const fill = this.defaults(schema, type, place);
    return (run, at) => {
      if (isOfType(at.data, type, strictNumbers)) {
        fill?.(at);
        return check(run, at);
      }
      return !checksType || this.failType(run, at, types, place, schema);
    };
  }

  failType(run, at, types, place, schema) {
    const type = types.join(',');
    return run.fail(at, place, 'type', { type }, `should be ${type}`, schema.type, schema);
  }

  typeCheck(schema, types, place) {
    const { coerceTypes, strictNumbers } = this.ajv._opts;
    return (run, at) => {
      if (types.some((type) => isOfType(at.data, type, strictNumbers))) return true;
      if (coerceTypes) {
        const made = require('vayu:schema/ajv_coerce')(at.data, types, coerceTypes === 'array', isOfType);
        if (made !== undefined) {
          at.replace(made.value);
          return true;
        }
      }
      return this.failType(run, at, types, place, schema);
    };
  }

  // Returns what inserts defaults into data of this type, if there are any.
  defaults(schema, type, place) {
    const { useDefaults } = this.ajv._opts;
    const listed = type === 'array' && Array.isArray(schema.items) ? schema.items : undefined;
    const list = type === 'object' ? schema.properties : listed;
    if (!useDefaults || !isObject(list)) return undefined;
    const entries = Object.entries(list).filter(([, each]) => each?.default !== undefined);
    if (place.isComposite) return this.ignoredDefaults(entries);
    const isEmpty = (value) => value === undefined || (useDefaults === 'empty' && (value === null || value === ''));
    return entries.length === 0
      ? undefined
      : ({ data }) => {
          for (const [name, each] of entries) {
            if (!isEmpty(data[name])) continue;
            data[name] = useDefaults === 'shared' ? each.default : JSON.parse(JSON.stringify(each.default));
          }
        };
  }

  ignoredDefaults(entries) {
    const { strictDefaults } = this.ajv._opts;
    if (entries.length > 0 && strictDefaults)
      this.refuse(strictDefaults, `default is ignored for: data.${entries[0][0]}`);
    return undefined;
  }

  // Returns the check of a referenced schema: inline if the schema refers to nothing itself, otherwise by a
  // function of its own.
  reference(schema, place) {
    const { $ref } = schema;
    const found = resolve(
      $ref,
      { root: this.root, base: place.base, ids: this.ids, rootId: this.rootId },
      (name) => this.ajv._added(name),
      this.ajv._opts.schemaId,
    );
    if (found === undefined) return this.missing(schema, place);
    const isWhole = found.schema === this.root || found.schema === found.root;
    if (!(isWhole && found.root === this.root) && this.isInline(found.schema)) {
      const inner = place.at($ref);
      inner.base = found.base;
      return inner.node(found.schema);
    }
    const called = this.ajv._functionOf(found);
    return (run, at) => {
      const errors = called.check(at, run.self);
      for (const error of errors) run.errors.push(error);
      return errors.length === 0;
    };
  }

  isInline(schema) {
    const { inlineRefs } = this.ajv._opts;
    if (inlineRefs === false) return false;
    const hasReference = (node) =>
      isObject(node) &&
      Object.keys(node).some((key) => (key === '$ref' && !Array.isArray(node)) || hasReference(node[key]));
    return !hasReference(schema);
  }

  missing(schema, place) {
    const { missingRefs } = this.ajv._opts;
    const message = `can't resolve reference ${schema.$ref}`;
    if (missingRefs === 'ignore') {
      this.ajv._warn(`${message} from id ${place.base || '#'}`);
      return () => true;
    }
    if (missingRefs !== 'fail') throw new Error(`${message} from id ${place.base || '#'}`);
    return (run, at) => run.fail(at, place, '$ref', { ref: schema.$ref }, message, schema.$ref, schema);
  }
}

module.exports = { Compiler, At, isOfType, RULE_NAMES, OTHER_NAMES };
