// require('ajv'): the class Ajv with the calls, options and errors of ajv 6 for drafts 4, 6 and 7. Schemas
// that declare a later draft are rejected, as in ajv 6.
// Not supported, and rejected by name: asynchronous schemas (compileAsync, $async, loadSchema), and options
// that show or change generated code (sourceCode, processCode, transpile, keywords with `inline`).

const { Compiler, At, RULE_NAMES, OTHER_NAMES } = require('vayu:schema/ajv_compile');
const { idOf, idsIn, withoutEnd, isObject } = require('vayu:schema/refs');
const { draftOf } = require('vayu:schema/drafts');
const formatOf = require('vayu:schema/formats');
const kept = require('vayu:schema/ajv_cache');

const UNSUPPORTED = ['loadSchema', 'sourceCode', 'processCode', 'transpile', 'async'];
const LATER = ['2019-09', '2020-12'];
const META = /^https?:\/\/json-schema\.org\/(?:draft-0[467]\/)?schema#?$/;
const TYPES = ['number', 'string', 'array', 'object', undefined];

// Options that control how errors are reported, for schemas as for data.
const TELLING = ['allErrors', 'jsonPointers', 'verbose', 'messages', 'errorDataPath', '$data'];
// The checks of schemas by draft and these options. They contain nothing of a script.
const metaChecks = new Map();

function metaCheck(draft, options) {
  const telling = Object.fromEntries(TELLING.map((name) => [name, options[name]]));
  const key = draft + JSON.stringify(telling);
  if (!metaChecks.has(key)) {
    const schema = require('vayu:schema/ajv_meta')(draft, options.$data);
    const { check } = new Validator(telling)._functionOf({ schema, root: schema, base: '' });
    metaChecks.set(key, check);
  }
  return metaChecks.get(key);
}

const unsupported = (what) => new Error(`ajv: ${what} is not supported by this engine; see docs/scripting.md`);

class Validator {
  constructor(options) {
    const given = { ...options };
    for (const name of UNSUPPORTED) if (given[name]) throw unsupported(`the option ${name}`);
    if (given.schemaId === undefined) given.schemaId = '$id';
    this._opts = given;
    this._schemas = new Map();
    this._functions = new Map();
    this._keywords = new Map();
    this._formats = new Map();
    this._ids = new Map();
    this.errors = null;
    for (const [name, format] of Object.entries(given.formats ?? {})) this.addFormat(name, format);
    for (const [name, definition] of Object.entries(given.keywords ?? {})) this.addKeyword(name, definition);
    if (given.schemas) this.#addAll(given.schemas);
  }

  #addAll(schemas) {
    if (Array.isArray(schemas)) this.addSchema(schemas);
    else for (const [key, schema] of Object.entries(schemas)) this.addSchema(schema, key);
  }

  // --- what the compiler calls

  _unsupported(what) {
    return unsupported(what);
  }

  // The option logger is the console, an object like it, or false.
  _warn(message) {
    this._warnings = (this._warnings ?? 0) + 1;
    const { logger = console } = this._opts;
    if (logger) logger.warn(message);
  }

  _format(name) {
    return this._formats.has(name) ? this._formats.get(name) : formatOf(this._opts.format, name);
  }

  _keywordsFor(type) {
    const isFor = ({ type: types }) => [].concat(types).includes(type);
    return [...this._keywords].filter(([, definition]) => definition !== undefined && isFor(definition));
  }

  // Keywords for types that no other keyword handles: [type, name, definition].
  _keywordsOfOtherTypes() {
    const others = (definition) => [].concat(definition.type).filter((type) => !TYPES.includes(type));
    return [...this._keywords].flatMap(([name, definition]) =>
      definition === undefined ? [] : others(definition).map((type) => [type, name, definition]),
    );
  }

  _idsOf(root, base) {
    let ids = this._ids.get(root);
    if (ids === undefined) this._ids.set(root, (ids = idsIn(root, base, this._opts.schemaId)));
    return ids;
  }

  _added(name) {
    const schema = this._schemas.get(name);
    if (schema !== undefined) return { schema, root: schema, base: this.#baseOf(schema) ?? name };
    if (META.test(name) || META.test(`${name}#`)) {
      const meta = require('vayu:schema/ajv_meta')('7', this._opts.$data);
      return { schema: meta, root: meta, base: name };
    }
    for (const [key, root] of this._schemas) {
      const found = this._idsOf(root, this.#baseOf(root) ?? key).get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  // The function of a schema that was found. It may refer to itself, so it is registered before it is
  // compiled.
  _functionOf(found) {
    const key = found.schema;
    const known = this._functions.get(key);
    if (known !== undefined) return known;
    const holder = { check: undefined };
    this._functions.set(key, holder);
    try {
      holder.check = new Compiler(this, found).whole();
    } catch (error) {
      this._functions.delete(key);
      throw error;
    }
    return holder;
  }

  #baseOf(schema) {
    const id = idOf(schema, this._opts.schemaId);
    return id === undefined ? undefined : withoutEnd(id);
  }

  // --- what scripts call

  compile(schema, isMeta) {
    if (!isObject(schema) && typeof schema !== 'boolean') throw new Error('schema should be object or boolean');
    this._validators ??= new Map();
    const known = this._validators.get(schema);
    if (known !== undefined) return known;
    const validate = this.#compileNew(schema, isMeta);
    this._validators.set(schema, validate);
    return validate;
  }

  #compileNew(schema, isMeta) {
    const ajv = this;
    const holder = kept(this, schema, (root) => {
      if (!isMeta && this._opts.validateSchema !== false) this.#requireValid(root);
      return this._functionOf({ schema: root, root, base: this.#baseOf(root) ?? '' });
    });
    // The other arguments are the same as in ajv: the path, the container of the data and its name there.
    const validate = function (data, path, owner, name) {
      const at = At.root(data, path);
      if (owner !== undefined) at.owner = { data: owner, name };
      const errors = holder.check(at, ajv._opts.passContext ? this : ajv);
      validate.errors = errors.length > 0 ? errors : null;
      return errors.length === 0;
    };
    return Object.assign(validate, { schema, errors: null, root: { schema } });
  }

  #requireValid(schema) {
    if (this.validateSchema(schema)) return;
    const message = `schema is invalid: ${this.errorsText()}`;
    if (this._opts.validateSchema !== 'log') throw new Error(message);
    this._warn(message);
  }

  validateSchema(schema, throws) {
    const draft = draftOf(schema, '7');
    if (LATER.includes(draft)) {
      throw new Error(`no schema with key or ref "${schema.$schema}" (ajv 6 knows drafts 4, 6 and 7: name one of them, or leave $schema out)`);
    }
    if (this._opts.meta === false) return true;
    const errors = metaCheck(draft, this._opts)(At.root(schema));
    const isValid = errors.length === 0;
    this.errors = isValid ? null : errors;
    if (!isValid && throws) throw new Error(`schema is invalid: ${this.errorsText()}`);
    return isValid;
  }

  validate(schemaOrKey, data) {
    const validate = typeof schemaOrKey === 'string' ? this.getSchema(schemaOrKey) : this.compile(schemaOrKey);
    if (!validate) throw new Error(`no schema with key or ref "${schemaOrKey}"`);
    const isValid = validate(data);
    this.errors = validate.errors;
    return isValid;
  }

  addSchema(schema, key, skipsValidation) {
    if (Array.isArray(schema)) {
      for (const each of schema) this.addSchema(each, undefined, skipsValidation);
      return this;
    }
    if (!isObject(schema) && typeof schema !== 'boolean') throw new Error('schema should be object or boolean');
    const id = this.#baseOf(schema);
    const name = key === undefined ? (id ?? '') : withoutEnd(String(key));
    if (this._schemas.has(name)) throw new Error(`schema with key or id "${name}" already exists`);
    if (!skipsValidation && this._opts.validateSchema !== false) this.#requireValid(schema);
    this._schemas.set(name, schema);
    if (id !== undefined && id !== name) this._schemas.set(id, schema);
    return this;
  }

  addMetaSchema(schema, key) {
    const old = isObject(schema) && typeof schema.id === 'string' ? withoutEnd(schema.id) : undefined;
    const id = this.#baseOf(schema) ?? old;
    if (META.test(`${id}#`) || META.test(String(id))) return this;
    return this.addSchema(schema, key, true);
  }

  getSchema(reference) {
    const found = this._added(withoutEnd(reference));
    if (found !== undefined) return this.compile(found.schema);
    const [name, pointer = ''] = reference.split('#');
    if (!pointer.startsWith('/')) return undefined;
    const part = pointer
      .split('/')
      .slice(1)
      .reduce((node, step) => {
        const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
        return isObject(node) ? node[key] : undefined;
      }, this._added(name)?.schema);
    return part === undefined ? undefined : this.compile({ $ref: reference });
  }

  removeSchema(schemaOrKey) {
    const isKey = typeof schemaOrKey === 'string';
    const isGone = (key, schema) =>
      schemaOrKey === undefined ||
      schemaOrKey === schema ||
      (isKey ? key === withoutEnd(schemaOrKey) : schemaOrKey instanceof RegExp && schemaOrKey.test(key));
    for (const [key, schema] of this._schemas) if (isGone(key, schema)) this._schemas.delete(key);
    this._functions.clear();
    this._validators?.clear();
    return this;
  }

  addFormat(name, format) {
    this._formats.set(name, typeof format === 'string' ? new RegExp(format) : format);
    return this;
  }

  addKeyword(name, definition) {
    if (RULE_NAMES.has(name) || OTHER_NAMES.includes(name) || this._keywords.has(name)) {
      throw new Error(`Keyword ${name} is already defined`);
    }
    require('vayu:schema/ajv_keywords').check(name, definition, this);
    const made = definition === undefined ? undefined : { ...definition };
    if (made?.metaSchema) made.validateSchema = this.compile(made.metaSchema, true);
    this._keywords.set(name, made);
    return this;
  }

  getKeyword(name) {
    if (this._keywords.has(name)) return this._keywords.get(name) ?? true;
    return RULE_NAMES.has(name) || OTHER_NAMES.includes(name);
  }

  removeKeyword(name) {
    if (RULE_NAMES.has(name)) throw unsupported(`removeKeyword of "${name}", which is a keyword of JSON schemas,`);
    this._keywords.delete(name);
    return this;
  }

  errorsText(errors, { separator = ', ', dataVar = 'data' } = {}) {
    const list = errors || this.errors;
    if (!list) return 'No errors';
    return list.map(({ dataPath, message }) => `${dataVar}${dataPath} ${message}`).join(separator);
  }

  compileAsync() {
    throw unsupported('compileAsync');
  }
}

// ajv 6 may be called without new.
function Ajv(options) {
  return new Validator(options);
}
Ajv.prototype = Validator.prototype;
Validator.prototype.constructor = Ajv;

module.exports = Ajv;
