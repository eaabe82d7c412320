// Serializes nodes to HTML or XML text. Characters beyond ASCII are written as numbers, as in cheerio 0.22,
// unless the option decodeEntities is false. The traversal follows the links between nodes and does not
// recurse.

const { isTag } = require('vayu:cheerio/dom');
const { encode } = require('vayu:cheerio/entities');

const VOID = new RegExp(
  '^(?:area|base|basefont|br|col|command|embed|frame|hr|img|input|isindex|keygen|link|meta|param|source' +
    '|track|wbr)$'
);
const FOREIGN = /^(?:svg|math)$/;

// Text in these elements is not markup and is written as it is.
const CODE = /^(?:style|script|xmp|iframe|noembed|noframes|plaintext|noscript)$/;

class Writer {
  constructor(options) {
    this.options = options;
    this.foreignDepth = 0;
    this.parts = [];
  }

  get xml() {
    return this.options.xmlMode || this.foreignDepth > 0;
  }

  write(top) {
    let node = top;
    while (node) {
      this.open(node);
      if (node.children && node.children.length > 0) {
        node = node.children[0];
        continue;
      }
      this.close(node);
      while (node !== top && !node.next) {
        node = node.parent;
        this.close(node);
      }
      node = node === top ? null : node.next;
    }
  }

  encoded(text) {
    return this.options.decodeEntities ? encode(text) : text;
  }

  open(node) {
    if (isTag(node)) this.openTag(node);
    else if (node.type === 'text') this.parts.push(this.textOf(node));
    else if (node.type === 'comment') this.parts.push(`<!--${node.data}-->`);
    else if (node.type === 'cdata') this.parts.push('<![CDATA[');
    else if (node.type === 'directive') this.parts.push(`<${node.data}>`);
  }

  textOf({ data, parent }) {
    return parent && (parent.type === 'cdata' || CODE.test(parent.name)) ? data : this.encoded(data);
  }

  openTag(node) {
    if (FOREIGN.test(node.name)) this.foreignDepth += 1;
    this.parts.push('<', node.name);
    for (const [name, value] of Object.entries(node.attribs)) {
      const bare = value === '' && !this.xml;
      this.parts.push(bare ? ` ${name}` : ` ${name}="${this.encoded(String(value))}"`);
    }
    this.parts.push(this.xml && node.children.length === 0 ? '/>' : '>');
  }

  close(node) {
    if (node.type === 'cdata') this.parts.push(']]>');
    if (!isTag(node)) return;
    const ended = this.xml ? node.children.length === 0 : VOID.test(node.name);
    if (!ended) this.parts.push('</', node.name, '>');
    if (FOREIGN.test(node.name)) this.foreignDepth -= 1;
  }
}

function serialize(nodes, options) {
  const writer = new Writer(options);
  for (const node of nodes) writer.write(node);
  return writer.parts.join('');
}

module.exports = { serialize, VOID };
