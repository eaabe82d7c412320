// A tolerant parser for HTML and, with the option xmlMode, XML: converts text to a tree of nodes. It only
// rejects a document that is nested deeper than MAX_DEPTH. It builds what is written: no html, head, body or
// tbody is added, and a paragraph only ends before another paragraph or a heading. End tags without an open
// element are dropped.
// Not supported: namespaces, processing of a doctype, moving misplaced content out of tables.

const { Node, Element, createRoot, createElement, setAttribute, appendChild } = require('vayu:cheerio/dom');
const { decodeHtml, decodeXml } = require('vayu:cheerio/entities');
const { VOID } = require('vayu:cheerio/serialize');

const MAX_DEPTH = 2000;
const RAW_TEXT = /^(?:script|style)$/;
const ESCAPABLE_TEXT = /^(?:textarea|title)$/;
const FOREIGN = /^(?:svg|math)$/;
const FORM_PARTS = /^(?:input|option|optgroup|select|button|datalist|textarea)$/;
const CELLS = /^(?:td|th)$/;
const GROUPS = /^(?:tr|td|th|thead|tbody|tfoot)$/;
const ITEMS = /^(?:dt|dd)$/;
const HEAD_PARTS = /^(?:head|link|script)$/;

// Open elements that an opening tag ends.
const ENDED_BY = {
  p: /^p$/,
  li: /^li$/,
  dt: ITEMS,
  dd: ITEMS,
  td: CELLS,
  th: CELLS,
  tr: /^(?:tr|td|th)$/,
  thead: GROUPS,
  tbody: GROUPS,
  tfoot: GROUPS,
  option: /^option$/,
  optgroup: /^(?:option|optgroup)$/,
  body: HEAD_PARTS,
  input: FORM_PARTS,
  button: FORM_PARTS,
  select: FORM_PARTS,
  textarea: FORM_PARTS,
  datalist: FORM_PARTS,
  h1: /^p$/,
  h2: /^p$/,
  h3: /^p$/,
  h4: /^p$/,
  h5: /^p$/,
  h6: /^p$/,
};

class Parser {
  constructor(text, options) {
    this.text = text;
    this.options = options;
    this.xml = options.xmlMode;
    this.position = 0;
    this.root = createRoot();
    this.stack = [this.root];
    this.foreignDepth = 0;
    this.markup = this.xml ? /<[a-z_:/!?\u0080-\uffff]/gi : /<[a-z/!?]/gi;
  }

  parse() {
    while (this.position < this.text.length) {
      this.markup.lastIndex = this.position;
      const found = this.markup.exec(this.text);
      const start = found ? found.index : this.text.length;
      if (start > this.position) this.addText(this.text.slice(this.position, start), true);
      this.position = start;
      if (found) this.readMarkup(found[0][1]);
    }
    return this.root;
  }

  get current() {
    return this.stack[this.stack.length - 1];
  }

  take(pattern) {
    pattern.lastIndex = this.position;
    const [taken] = pattern.exec(this.text);
    this.position = pattern.lastIndex;
    return taken;
  }

  // Takes the text before `end`, starting `offset` characters ahead; up to the end of the input if `end` is
  // missing.
  takeUntil(end, offset) {
    const start = this.position + offset;
    const found = this.text.indexOf(end, start);
    this.position = found < 0 ? this.text.length : found + end.length;
    return this.text.slice(start, found < 0 ? undefined : found);
  }

  decode(text, inAttribute) {
    if (!this.options.decodeEntities) return text;
    return this.xml ? decodeXml(text) : decodeHtml(text, inAttribute);
  }

  addText(raw, decoded) {
    let text = decoded ? this.decode(raw, false) : raw;
    if (this.options.normalizeWhitespace || this.options.ignoreWhitespace) text = text.replace(/\s+/g, ' ');
    const last = this.current.children.at(-1);
    if (last && last.type === 'text') last.data += text;
    else appendChild(this.current, new Node('text', text));
  }

  readMarkup(character) {
    if (character === '/') this.readEndTag();
    else if (character === '!') this.readDeclaration();
    else if (character === '?') this.addDirective(this.takeUntil('>', 1));
    else this.readTag();
  }

  readDeclaration() {
    if (this.text.startsWith('<!--', this.position)) {
      appendChild(this.current, new Node('comment', this.takeUntil('-->', 4)));
    } else if (!this.text.startsWith('<![CDATA[', this.position)) {
      this.addDirective(this.takeUntil('>', 1));
    } else if (this.xml || this.foreignDepth > 0) {
      const section = new Element('cdata', undefined, undefined);
      appendChild(section, new Node('text', this.takeUntil(']]>', 9)));
      appendChild(this.current, section);
    } else {
      appendChild(this.current, new Node('comment', this.takeUntil('>', 2)));
    }
  }

  addDirective(data) {
    const node = new Node('directive', data);
    const [name] = data.match(/^\S*/);
    node.name = this.xml ? name : name.toLowerCase();
    appendChild(this.current, node);
  }

  readTag() {
    this.position += 1;
    const written = this.take(/[^\s/>]+/y);
    const name = this.options.lowerCaseTags ? written.toLowerCase() : written;
    const attributes = this.readAttributes();
    if (!attributes) return;
    if (!this.xml) this.endImplied(name);
    this.open(name, attributes.attribs);
    const endsItself = this.options.recognizeSelfClosing || this.foreignDepth > 0;
    if ((attributes.selfClosing && endsItself) || (!this.xml && VOID.test(name))) this.pop();
    else if (!this.xml) this.readRawText(name);
  }

  // Returns undefined if the text ends within the tag, which is then dropped.
  readAttributes() {
    const attribs = {};
    let slash = -1;
    while (this.position < this.text.length) {
      this.take(/\s*/y);
      const character = this.text[this.position];
      if (character === '>') {
        this.position += 1;
        return { attribs, selfClosing: slash === this.position - 2 };
      }
      if (character === '/') {
        slash = this.position;
        this.position += 1;
      } else if (character !== undefined) {
        this.readAttribute(attribs);
      }
    }
    return undefined;
  }

  readAttribute(attribs) {
    const written = this.take(/[^\s/>][^\s/>=]*/y);
    const name = this.options.lowerCaseAttributeNames ? written.toLowerCase() : written;
    this.take(/\s*/y);
    let value = '';
    if (this.text[this.position] === '=') {
      this.position += 1;
      this.take(/\s*/y);
      value = this.decode(this.readValue(), true);
    }
    if (!Object.hasOwn(attribs, name)) setAttribute(attribs, name, value);
  }

  readValue() {
    const quote = this.text[this.position];
    return quote === '"' || quote === "'" ? this.takeUntil(quote, 1) : this.take(/[^\s>]*/y);
  }

  open(name, attribs) {
    if (this.stack.length > MAX_DEPTH) {
      throw new Error(`cheerio: nesting deeper than ${MAX_DEPTH} elements is not supported`);
    }
    const element = createElement(name, attribs);
    appendChild(this.current, element);
    this.stack.push(element);
    if (!this.xml && this.foreignDepth === 0 && FOREIGN.test(name)) this.foreignDepth = this.stack.length;
  }

  pop() {
    this.stack.pop();
    if (this.stack.length < this.foreignDepth) this.foreignDepth = 0;
  }

  endImplied(name) {
    if (!Object.hasOwn(ENDED_BY, name)) return;
    while (this.stack.length > 1 && ENDED_BY[name].test(this.current.name)) this.pop();
  }

  readRawText(name) {
    const raw = RAW_TEXT.test(name);
    if (!raw && (this.foreignDepth > 0 || !ESCAPABLE_TEXT.test(name))) return;
    const end = new RegExp(`</${name}(?=[\\s/>])`, 'gi');
    end.lastIndex = this.position;
    const found = end.exec(this.text);
    const stop = found ? found.index : this.text.length;
    if (stop > this.position) this.addText(this.text.slice(this.position, stop), !raw);
    this.position = stop;
  }

  readEndTag() {
    const content = this.takeUntil('>', 2);
    const [written] = content.match(/^[^\s/]*/);
    const name = this.options.lowerCaseTags ? written.toLowerCase() : written;
    if (name === '') {
      if (content !== '') appendChild(this.current, new Node('comment', content));
    } else if (!this.xml && VOID.test(name)) {
      if (name === 'br') this.openEmpty(name);
    } else {
      this.endElement(name);
    }
  }

  endElement(name) {
    let index = this.stack.length - 1;
    while (index > 0 && this.stack[index].name !== name) index -= 1;
    if (index > 0) while (this.stack.length > index) this.pop();
    else if (!this.xml && name === 'p') this.openEmpty(name);
  }

  openEmpty(name) {
    this.endImplied(name);
    this.open(name, {});
    this.pop();
  }
}

module.exports = { parse: (text, options) => new Parser(text, options).parse() };
