// The global tv4 and require('tv4'): JSON schema draft 4 with the calls and errors of tv4 1.3. Formats are
// not checked except those that a script adds, as in tv4. References to schemas that were not added are
// listed in `missing` and pass. The state of a library object is in private members, so that a frozen object
// works as well.
// Not supported: asynchronous validation, which is a separate part in tv4 as well, and schemas by hypermedia
// links (`links` with `describedby`), which are rejected.

const { join } = require('vayu:schema/refs');
const { makeTable, fillIn, ValidationError } = require('vayu:schema/tv4_errors');
const { addSchema, getSchema, documentOf, inFull } = require('vayu:schema/tv4_schemas');
const Check = require('vayu:schema/tv4_check');
const { perIteration } = require('vayu:settings');

const unsupported = (what) => new Error(`tv4: ${what} is not supported by this engine; see docs/scripting.md`);

const refuseLinks = (schema) => {
  if (Array.isArray(schema?.links) && schema.links.some((link) => link?.rel === 'describedby')) {
    throw unsupported('a schema with links that are "describedby"');
  }
};

const shown = function () {
  return this.valid ? 'valid' : this.error.message;
};

const newContext = () => ({ schemas: new Map(), wanted: new Set(), formats: new Map(), keywords: new Map() });

class Api {
  #context = newContext();
  #table = makeTable();
  // Message texts by code for each language that was added.
  #languages = new Map();
  #language;
  #reporter;
  #last = { error: null, missing: [], valid: true };

  constructor(language) {
    this.#languages.set('en', this.#table.texts).set('en-gb', this.#table.texts);
    if (language) this.language(language);
  }

  get error() {
    return this.#last.error;
  }

  set error(error) {
    this.#last.error = error;
  }

  get missing() {
    return this.#last.missing;
  }

  set missing(missing) {
    this.#last.missing = missing;
  }

  get valid() {
    return this.#last.valid;
  }

  set valid(valid) {
    this.#last.valid = valid;
  }

  get errorCodes() {
    return this.#table.codes;
  }

  get tv4() {
    return this;
  }

  #report(error, data, schema) {
    const own = this.#reporter?.(error, data, schema);
    if (own) return own;
    const text = this.#languages.get(this.#language ?? 'en')[error.code] ?? this.#table.texts[error.code];
    if (typeof text !== 'string') return `Unknown error code ${error.code}: undefined`;
    return fillIn(text, error.params);
  }

  #run(data, schemaOrUri, options) {
    const schema = typeof schemaOrUri === 'string' ? { $ref: schemaOrUri } : schemaOrUri;
    refuseLinks(schema);
    const { schemas, formats, keywords } = this.#context;
    const own = { schemas: new Map(schemas), wanted: new Set(), formats, keywords, codes: this.#table.codes };
    addSchema(own, '', schema);
    const check = new Check(own, (...args) => this.#report(...args), options);
    let error = check.all(data, own.schemas.get(''), { data: '', schema: '' });
    if (options.bansUnknown && !error) error = check.ban(data, schema);
    return { error, check };
  }

  #first(data, schema, isRecursive, bansUnknown) {
    const { error, check } = this.#run(data, schema, { collects: false, isRecursive, bansUnknown });
    return { error, missing: check.missing, valid: error === null };
  }

  validate(data, schema, checkRecursive, banUnknownProperties) {
    const { error, missing, valid } = this.#first(data, schema, checkRecursive, banUnknownProperties);
    this.error = error;
    this.missing = missing;
    this.valid = valid;
    return valid;
  }

  validateResult(data, schema, checkRecursive, banUnknownProperties) {
    return { toString: shown, ...this.#first(data, schema, checkRecursive, banUnknownProperties) };
  }

  validateMultiple(data, schema, checkRecursive, banUnknownProperties) {
    const { check } = this.#run(data, schema, {
      collects: true,
      isRecursive: checkRecursive,
      bansUnknown: banUnknownProperties,
    });
    const { errors, missing } = check;
    return { toString: shown, errors, missing, valid: errors.length === 0 };
  }

  addSchema(uri, schema) {
    addSchema(this.#context, uri, schema);
  }

  getSchema(uri) {
    return getSchema(this.#context.schemas, uri);
  }

  getSchemaMap() {
    return Object.fromEntries(this.#context.schemas);
  }

  getSchemaUris(filter) {
    return [...this.#context.schemas.keys()].filter((uri) => !filter || filter.test(uri));
  }

  getMissingUris(filter) {
    return [...this.#context.wanted].filter((uri) => !filter || filter.test(uri));
  }

  dropSchemas() {
    this.#context.schemas.clear();
    this.#context.wanted.clear();
  }

  reset() {
    this.#context.wanted.clear();
    this.#last = { error: null, missing: [], valid: true };
  }

  // ('name', check) or ({ name: check }).
  addFormat(format, check) {
    const formats = format !== null && typeof format === 'object' ? format : { [format]: check };
    for (const name of Object.keys(formats)) this.#context.formats.set(name, formats[name]);
  }

  defineKeyword(keyword, check) {
    const checks = this.#context.keywords.get(keyword) ?? [];
    this.#context.keywords.set(keyword, [...checks, check]);
  }

  defineError(name, code, text) {
    const { codes, texts } = this.#table;
    if (typeof name !== 'string' || !/^[A-Z]+(_[A-Z]+)*$/.test(name)) {
      throw new Error('Code name must be a string in UPPER_CASE_WITH_UNDERSCORES');
    }
    if (!Number.isInteger(code) || code < 10000) throw new Error('Code number must be an integer > 10000');
    if (codes[name] !== undefined) throw new Error(`Error already defined: ${name} as ${codes[name]}`);
    const other = Object.keys(codes).find((known) => codes[known] === code);
    if (other !== undefined) throw new Error(`Error code already used: ${other} as ${code}`);
    codes[name] = code;
    texts[code] = text;
  }

  // A function (error, data, schema) => text, or the name of a language.
  setErrorReporter(reporter) {
    if (typeof reporter === 'string') return this.language(reporter);
    this.#reporter = reporter;
    return true;
  }

  addLanguage(code, messages) {
    const { codes } = this.#table;
    const byCode = { ...messages };
    for (const name of Object.keys(codes)) if (messages[name]) byCode[codes[name]] ??= messages[name];
    const [root] = code.split('-');
    if (this.#languages.has(root)) this.#languages.set(code, { ...this.#languages.get(root), ...byCode });
    else this.#languages.set(code, byCode).set(root, byCode);
    return this;
  }

  language(code) {
    if (!code) return this.#language;
    const known = [code, code.split('-')[0]].find((name) => this.#languages.has(name));
    if (known === undefined) return false;
    this.#language = known;
    return known;
  }

  freshApi(language) {
    return new Api(language);
  }

  normSchema(schema, base) {
    return Object.assign(schema, inFull(schema, base ?? schema.id ?? ''));
  }

  resolveUrl(base, reference) {
    return join(base || '', reference || '');
  }

  getDocumentUri(uri) {
    return documentOf(uri);
  }

  get ValidationError() {
    return ValidationError;
  }
}

// Scripts read the result from the object itself, and add schemas to it.
module.exports = { ofIteration: perIteration(() => new Api()) };
