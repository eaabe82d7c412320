// The global tv4 and require('tv4'): JSON schema draft 4 with the calls and errors of tv4 1.3, checked in the
// host. Formats are not checked, as in tv4 without addFormat. References to schemas that were not added are
// listed in `missing` and pass. Not here: addFormat, defineKeyword, defineError, language, asyncValidate,
// checkRecursive (data is sent as JSON, which has no cycles).

const { bundle, visit, withoutFragment } = require('vayu:schema/bundle');
const { errorsOf, isInsideCombination } = require('vayu:schema/errors');
const { codes, convert, ValidationError, ORDER } = require('vayu:schema/tv4_errors');
const unknownProperties = require('vayu:schema/tv4_unknown');

const unsupported = (name) => () => {
  throw new Error(`tv4.${name} is not supported by this engine; see docs/scripting.md`);
};

// tv4 knows no format by itself, and does not stumble over references that lead nowhere.
function prepared(schema, missing) {
  const text = JSON.stringify(schema, (key, value) => {
    if (key === 'format' && typeof value === 'string') return undefined;
    if (value && typeof value.$ref === 'string' && missing.includes(withoutFragment(value.$ref))) return {};
    return value;
  });
  return JSON.parse(text);
}

class Api {
  constructor() {
    this.errorCodes = codes;
    this.ValidationError = ValidationError;
    this.reset();
  }

  reset() {
    this._schemas = new Map();
    this.error = null;
    this.missing = [];
    this.valid = true;
  }

  validate(data, schema, checkRecursive, banUnknown) {
    const { errors, missing } = this.#check(data, schema, banUnknown);
    this.error = errors.length > 0 ? errors[0] : null;
    this.missing = missing;
    this.valid = this.error === null;
    return this.valid;
  }

  validateResult(data, schema, checkRecursive, banUnknown) {
    const { errors, missing } = this.#check(data, schema, banUnknown);
    return { error: errors[0] || null, missing, valid: errors.length === 0 };
  }

  validateMultiple(data, schema, checkRecursive, banUnknown) {
    const { errors, missing } = this.#check(data, schema, banUnknown);
    return { errors, missing, valid: errors.length === 0 };
  }

  #check(data, schemaOrUri, banUnknown) {
    const schema = typeof schemaOrUri === 'string' ? { $ref: schemaOrUri } : schemaOrUri;
    const { missing } = bundle(schema, this._schemas, 'id');
    const plain = prepared(schema, missing);
    const added = new Map([...this._schemas].map(([uri, each]) => [uri, prepared(each, missing)]));
    const { text, wrapped } = bundle(plain, added, 'id');
    const hostErrors = errorsOf({ text, draft: '4', wrapped, schema }, data, ORDER);
    const errors = hostErrors
      .filter((error) => !isInsideCombination(error))
      .map((error) => convert(error, schema, data));
    if (banUnknown) errors.push(...unknownProperties(data, plain));
    return { errors, missing };
  }

  addSchema(uri, schema) {
    if (typeof uri === 'string') {
      this._schemas.set(withoutFragment(uri), schema);
      return;
    }
    visit(uri, (node) => {
      if (typeof node.id === 'string') this._schemas.set(withoutFragment(node.id), node);
    });
  }

  getSchema(uri) {
    const [name, pointer = ''] = uri.split('#');
    const schema = this._schemas.get(name);
    return pointer
      .split('/')
      .filter(Boolean)
      .reduce((node, part) => node && node[part], schema);
  }

  getSchemaMap() {
    return Object.fromEntries(this._schemas);
  }

  getSchemaUris(filter) {
    return [...this._schemas.keys()].filter((uri) => !filter || filter.test(uri));
  }

  getMissingUris() {
    return [...this.missing];
  }

  dropSchemas() {
    this._schemas.clear();
  }

  freshApi() {
    return new Api();
  }
}

for (const name of [
  'addFormat',
  'defineKeyword',
  'defineError',
  'setErrorReporter',
  'language',
  'addLanguage',
]) {
  Api.prototype[name] = unsupported(name);
}

module.exports = new Api();
