// The Builder of xml2js: converts objects to XML text, with the options rootName, renderOpts, xmldec,
// headless, cdata, attrkey and charkey. Names are written as they are, without a check.
// Not supported: doctype.

const defaults = require('vayu:xml/defaults');

const escapeText = (text) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/\r/g, '&#xD;');
const escapeAttribute = (text) =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/"/g, '&quot;')
    .replace(/\t/g, '&#x9;')
    .replace(/\n/g, '&#xA;')
    .replace(/\r/g, '&#xD;');
const isObject = (value) => value !== null && typeof value === 'object';
const textOf = (value) => (value === null || value === undefined ? '' : String(value));

class Builder {
  constructor(options = {}) {
    this.options = { ...defaults['0.2'], ...options };
    if (this.options.doctype) {
      throw new Error('xml2js.Builder: doctype is not supported by this engine; see docs/scripting.md');
    }
  }

  buildObject(object) {
    const [name, value] = this.#root(object);
    const element = { name, attributes: [], children: [] };
    this.#fill(element, value);
    const { pretty, newline } = { ...defaults['0.2'].renderOpts, ...this.options.renderOpts };
    const head = this.options.headless ? [] : [this.#declaration()];
    return [...head, this.#render(element, 0)].join(pretty ? newline : '');
  }

  #root(object) {
    const keys = Object.keys(object);
    const single = keys.length === 1 && this.options.rootName === defaults['0.2'].rootName;
    return single ? [keys[0], object[keys[0]]] : [this.options.rootName, object];
  }

  #declaration() {
    const { version, encoding, standalone } = this.options.xmldec;
    let text = `<?xml version="${version || '1.0'}"`;
    if (encoding) text += ` encoding="${encoding}"`;
    if (standalone !== undefined && standalone !== null) text += ` standalone="${standalone ? 'yes' : 'no'}"`;
    return `${text}?>`;
  }

  #text(value) {
    const text = textOf(value);
    if (this.options.cdata && typeof value === 'string' && /[&<>]/.test(text)) {
      return `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
    }
    return escapeText(text);
  }

  #fill(element, value) {
    if (!isObject(value)) {
      element.children.push(this.#text(value));
    } else if (Array.isArray(value)) {
      for (const item of value) {
        for (const name of Object.keys(item)) this.#child(element, name, item[name]);
      }
    } else {
      for (const name of Object.keys(value)) this.#member(element, name, value[name]);
    }
  }

  #member(element, name, value) {
    const { attrkey, charkey } = this.options;
    if (name === attrkey) {
      if (isObject(value))
        element.attributes.push(...Object.entries(value).filter((pair) => pair[1] != null));
    } else if (name === charkey) {
      element.children.push(this.#text(value));
    } else if (Array.isArray(value)) {
      for (const item of value) this.#child(element, name, item);
    } else {
      this.#child(element, name, value);
    }
  }

  #child(element, name, value) {
    const child = { name, attributes: [], children: [] };
    element.children.push(child);
    this.#fill(child, value);
  }

  #render({ name, attributes, children }, depth) {
    const { pretty, indent, newline } = { ...defaults['0.2'].renderOpts, ...this.options.renderOpts };
    const margin = pretty ? indent.repeat(depth) : '';
    const list = attributes.map(([key, value]) => ` ${key}="${escapeAttribute(textOf(value))}"`).join('');
    const start = `${margin}<${name}${list}`;
    const filled = children.filter((child) => child !== '');
    if (filled.length === 0) return `${start}/>`;
    if (children.length === 1 && typeof children[0] === 'string') return `${start}>${children[0]}</${name}>`;
    const innerMargin = pretty ? indent.repeat(depth + 1) : '';
    const inner = filled.map((child) =>
      typeof child === 'string' ? innerMargin + child : this.#render(child, depth + 1),
    );
    return [`${start}>`, ...inner, `${margin}</${name}>`].join(pretty ? newline : '');
  }
}

module.exports = Builder;
