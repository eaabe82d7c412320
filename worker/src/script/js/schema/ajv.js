// require('ajv'): the class Ajv with the calls, options and error texts of ajv 6. Schemas are checked in the
// host (host.schema); drafts 4, 6, 7, 2019-09 and 2020-12 by $schema, otherwise 7.
// Options with an effect: allErrors, jsonPointers, verbose, format: false, errorDataPath, schemas.
// Not here: coerceTypes, useDefaults, removeAdditional, $data, addKeyword, addFormat, compileAsync - these
// throw.
// Unknown formats are ignored. Data is validated as the JSON it would be sent as: undefined and NaN count as
// null.

const { bundle, withoutFragment } = require('vayu:schema/bundle');
const { errorsOf, isInsideCombination, decodePointer, valueAt, draftOf } = require('vayu:schema/errors');
const { describe, ORDER } = require('vayu:schema/ajv_messages');

const UNSUPPORTED = [
  'coerceTypes',
  'useDefaults',
  'removeAdditional',
  '$data',
  'loadSchema',
  'keywords',
  'formats',
];

const unsupported = (what) =>
  new Error(`ajv: ${what} is not supported by this engine; see docs/scripting.md`);
const isIndex = (parent, part) => Array.isArray(parent) && /^\d+$/.test(part);

function propertyPath(data, parts) {
  let parent = data;
  return parts
    .map((part) => {
      const text = isIndex(parent, part)
        ? `[${part}]`
        : /^[a-z$_][a-z$_0-9]*$/i.test(part)
          ? `.${part}`
          : `['${part.replace(/['\\]/g, '\\$&')}']`;
      parent = valueAt(parent, [part]);
      return text;
    })
    .join('');
}

const idOf = (schema) => (schema && (schema.$id || schema.id)) || undefined;

function keywordValueOf(schema, schemaPath) {
  return schemaPath.startsWith('#') ? valueAt(schema, decodePointer(schemaPath.slice(1))) : undefined;
}

class Validator {
  constructor(options = {}) {
    for (const name of UNSUPPORTED) if (options[name]) throw unsupported(`the option ${name}`);
    this._opts = options;
    this._schemas = new Map();
    this._compiled = new Map();
    this.errors = null;
    if (options.schemas) {
      for (const [key, schema] of Object.entries(options.schemas)) {
        this.addSchema(schema, Array.isArray(options.schemas) ? undefined : key);
      }
    }
  }

  compile(schema) {
    if (typeof schema !== 'object' && typeof schema !== 'boolean') {
      throw new Error('schema should be object or boolean');
    }
    if (this._compiled.has(schema)) return this._compiled.get(schema);
    const validate = this.#compileNew(schema);
    this._compiled.set(schema, validate);
    return validate;
  }

  #compileNew(schema) {
    const draft = draftOf(schema, '7');
    const { text, missing, wrapped } = bundle(schema, this._schemas, draft === '4' ? 'id' : '$id');
    if (missing.length > 0) {
      throw new Error(`can't resolve reference ${missing[0]} from id ${idOf(schema) || '#'}`);
    }
    checkSchema(text, draft);
    const target = { text, draft, wrapped, schema };
    const validate = (data) => {
      const errors = this.#errors(schema, errorsOf(target, data, ORDER), data);
      validate.errors = errors.length > 0 ? errors : null;
      return errors.length === 0;
    };
    return Object.assign(validate, { schema, errors: null });
  }

  #errors(schema, hostErrors, data) {
    const checked =
      this._opts.format === false ? hostErrors.filter(({ keyword }) => keyword !== 'format') : hostErrors;
    const shown = this._opts.allErrors ? checked : untilFirst(checked);
    return shown.map((error) => this.#error(schema, error, data));
  }

  #error(schema, error, data) {
    const parts = decodePointer(error.instancePath);
    const keywordValue = keywordValueOf(schema, error.schemaPath);
    const { message, params } = describe(error, keywordValue);
    if (this._opts.errorDataPath === 'property') {
      const name = params.missingProperty || params.additionalProperty;
      if (name !== undefined) parts.push(name);
    }
    const dataPath = this._opts.jsonPointers ? error.instancePath : propertyPath(data, parts);
    const result = { keyword: error.keyword, dataPath, schemaPath: error.schemaPath, params, message };
    if (this._opts.messages === false) delete result.message;
    if (!this._opts.verbose) return result;
    const parentPath = error.schemaPath.slice(0, error.schemaPath.lastIndexOf('/'));
    const parentSchema = keywordValueOf(schema, parentPath);
    return {
      ...result,
      schema: keywordValue,
      parentSchema,
      data: valueAt(data, decodePointer(error.instancePath)),
    };
  }

  validate(schemaOrKey, data) {
    const validate =
      typeof schemaOrKey === 'string' ? this.getSchema(schemaOrKey) : this.compile(schemaOrKey);
    if (!validate) throw new Error(`no schema with key or ref "${schemaOrKey}"`);
    const valid = validate(data);
    this.errors = validate.errors;
    return valid;
  }

  addSchema(schema, key) {
    if (Array.isArray(schema)) {
      for (const each of schema) this.addSchema(each);
      return this;
    }
    const name = withoutFragment(key === undefined ? idOf(schema) || '' : key);
    if (this._schemas.has(name)) throw new Error(`schema with key or id "${name}" already exists`);
    this._schemas.set(name, schema);
    const id = idOf(schema);
    if (id !== undefined && withoutFragment(id) !== name) this._schemas.set(withoutFragment(id), schema);
    return this;
  }

  addMetaSchema() {
    return this;
  }

  getSchema(reference) {
    const [name, pointer] = reference.split('#');
    const schema = this._schemas.get(name);
    if (schema === undefined) return undefined;
    if (!pointer) return this.compile(schema);
    return valueAt(schema, decodePointer(pointer)) === undefined ? undefined : this.#part(name, pointer);
  }

  #part(name, pointer) {
    const key = `${name}#${pointer}`;
    if (!this._compiled.has(key)) this._compiled.set(key, this.compile({ $ref: key }));
    return this._compiled.get(key);
  }

  removeSchema(schemaOrKey) {
    if (schemaOrKey === undefined) {
      this._schemas.clear();
      this._compiled.clear();
    } else if (typeof schemaOrKey === 'string') {
      this._schemas.delete(withoutFragment(schemaOrKey));
    } else {
      this._compiled.delete(schemaOrKey);
      this._schemas.delete(withoutFragment(idOf(schemaOrKey) || ''));
    }
    return this;
  }

  validateSchema(schema) {
    try {
      checkSchema(JSON.stringify(schema), draftOf(schema, '7'));
      return true;
    } catch {
      return false;
    }
  }

  errorsText(errors, { separator = ', ', dataVar = 'data' } = {}) {
    const list = errors || this.errors;
    if (!list) return 'No errors';
    return list.map(({ dataPath, message }) => `${dataVar}${dataPath} ${message}`).join(separator);
  }

  addFormat() {
    throw unsupported('addFormat');
  }

  addKeyword() {
    throw unsupported('addKeyword');
  }

  getKeyword() {
    throw unsupported('getKeyword');
  }

  removeKeyword() {
    throw unsupported('removeKeyword');
  }

  compileAsync() {
    throw unsupported('compileAsync');
  }
}

// Without allErrors ajv stops at the first error, and so within each branch of anyOf and the like.
function untilFirst(errors) {
  const end = errors.findIndex((error) => !isInsideCombination(error));
  const branches = new Set();
  return errors.slice(0, end < 0 ? errors.length : end + 1).filter(({ schemaPath }) => {
    const branch = /^.*\/(?:(?:anyOf|oneOf)\/\d+|not|if|contains)\/(?=.)/.exec(schemaPath)?.[0] || '';
    return !branches.has(branch) && branches.add(branch);
  });
}

// Throws for a schema that is broken.
function checkSchema(text, draft) {
  try {
    host.schema(text, 'null', draft);
  } catch (error) {
    throw new Error(`schema is invalid: ${error.message}`);
  }
}

// ajv 6 may be called without new.
function Ajv(options) {
  return new Validator(options);
}
Ajv.prototype = Validator.prototype;
Validator.prototype.constructor = Ajv;

module.exports = Ajv;
