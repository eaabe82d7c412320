// The body of a request in one of the modes raw, urlencoded, formdata, graphql and file. The engine reads
// files and writes the body to the wire; forWire() returns the body in the form the engine accepts.

const { isObject, plain } = require('vayu:collection/property');
const PropertyList = require('vayu:collection/property_list');
const { QueryParam, FormParam } = require('vayu:collection/params');

const MODES = {
  file: 'file', formdata: 'formdata', graphql: 'graphql', raw: 'raw', urlencoded: 'urlencoded',
};
const TYPES = { urlencoded: QueryParam, formdata: FormParam };

// A script may assign a string, an array or an object instead of a list.
const listOf = (mode, value) =>
  (value instanceof PropertyList ? value : new PropertyList(TYPES[mode], null, value));

function graphqlOf(value) {
  if (typeof value === 'string') return { query: value };
  const { query, operationName, variables } = value;
  return { query, operationName, variables };
}

class PostmanRequestBody {
  static get MODES() {
    return { ...MODES };
  }

  constructor(definition) {
    this.update(definition);
  }

  update(definition) {
    if (definition === undefined || definition === null || definition === '') return;
    const given = isObject(definition) ? definition : { mode: 'raw', raw: definition };
    if (!given.mode) return;
    const { raw, urlencoded, formdata, graphql, file, options, disabled } = given;
    this.mode = MODES[String(given.mode).toLowerCase()] ?? 'raw';
    this.raw = raw ?? (this.mode === 'raw' ? '' : undefined);
    const list = (mode, value) => (value || this.mode === mode ? listOf(mode, plain(value)) : undefined);
    this.urlencoded = list('urlencoded', urlencoded);
    this.formdata = list('formdata', formdata);
    this.file = typeof file === 'string' ? { src: file } : file;
    this.graphql = graphql || this.mode === 'graphql' ? graphqlOf(graphql ?? {}) : undefined;
    this.options = options;
    this.disabled = disabled;
  }

  isEmpty() {
    switch (this.mode) {
      case 'raw':
        return this.raw === undefined || this.raw === null || this.raw === '';
      case 'urlencoded':
      case 'formdata':
        return listOf(this.mode, this[this.mode]).count() === 0;
      case 'file':
        return !(this.file && (this.file.src || this.file.content));
      case 'graphql':
        return !isObject(this.graphql) || Object.values(this.graphql).every((part) => part === undefined);
      default:
        return true;
    }
  }

  toString() {
    if (this.mode === 'raw') return String(this.raw ?? '');
    return this.mode === 'urlencoded' ? listOf('urlencoded', this.urlencoded).toString() : '';
  }

  toJSON() {
    return plain({ ...this });
  }

  forWire() {
    if (!this.mode || this.disabled) return null;
    const content = this[this.mode];
    const body = { mode: this.mode, [this.mode]: plain(content) };
    if (this.mode === 'raw') body.raw = isObject(content) ? JSON.stringify(content) : String(content ?? '');
    if (this.mode in TYPES) {
      body[this.mode] = listOf(this.mode, content).filter((param) => !param.disabled).map(plain);
    }
    if (this.options !== undefined) body.options = plain(this.options);
    return body;
  }
}

module.exports = PostmanRequestBody;
