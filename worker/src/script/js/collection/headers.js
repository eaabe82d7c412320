// A header of a request or response, and the list of them. Names are case-insensitive; the last of repeated
// headers is found. Values are kept as given. Nothing here checks names or values against the rules of HTTP.

const { Property, isObject } = require('vayu:collection/property');
const PropertyList = require('vayu:collection/property_list');

class PostmanHeader extends Property {
  static indexKey = 'key';
  static ignoresCase = true;
  static repeats = true;

  // ('name: value'), (value, name), ([name, value]) or ({ key, value }).
  constructor(definition, name) {
    super(definition);
    if (typeof name === 'string') this.update({ key: name, value: definition });
    else if (typeof definition === 'string') this.update(PostmanHeader.parseSingle(definition));
    else if (Array.isArray(definition)) this.update({ key: definition[0], value: definition[1] });
    else this.update(definition);
  }

  update(definition) {
    const { key, value, system, disabled } = isObject(definition) ? definition : {};
    this.key = key ?? '';
    this.value = value === undefined ? '' : value;
    if (system) this.system = system;
    if (disabled !== undefined) this.disabled = Boolean(disabled);
  }

  toString() {
    return `${this.key}: ${this.value}`;
  }

  valueOf() {
    return this.value;
  }

  static create(definition, name) {
    return new PostmanHeader(definition, name);
  }

  static isHeader(value) {
    return value instanceof PostmanHeader;
  }

  static parse(text) {
    return String(text).split(/\r?\n/).filter((line) => line.includes(':')).map(PostmanHeader.parseSingle);
  }

  static parseSingle(text) {
    if (typeof text !== 'string') return { key: '', value: '' };
    const end = text.indexOf(':');
    if (end < 0) return { key: text.trim(), value: '' };
    return { key: text.slice(0, end).trim(), value: text.slice(end + 1).trim() };
  }

  static unparse(headers, separator = '\r\n') {
    const lines = [...headers].filter((header) => !header.disabled).map(PostmanHeader.unparseSingle);
    return lines.map((line) => line + separator).join('');
  }

  static unparseSingle(header) {
    return isObject(header) ? `${header.key}: ${header.value}` : '';
  }
}

class HeaderList extends PropertyList {
  constructor(parent, headers) {
    super(PostmanHeader, parent, headers);
  }

  get readsByName() {
    return true;
  }


  contentSize() {
    return this.members.length ? this.toString().length : 0;
  }

  static isHeaderList(value) {
    return value instanceof HeaderList;
  }
}

module.exports = { Header: PostmanHeader, HeaderList };
