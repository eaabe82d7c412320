// require('cheerio') and the global cheerio, as in cheerio 0.22: load(html[, options]) returns $. The options
// xmlMode (or xml), decodeEntities, normalizeWhitespace, ignoreWhitespace, lowerCaseTags,
// lowerCaseAttributeNames and recognizeSelfClosing are supported; others have no effect. Supported in
// addition to 0.22: iteration, positions in selectors (:first, :eq(n) ...), end tags implied for dt, dd and
// table groups.
// Not supported: wrap(), reading from the network, files or streams.

const { isNode, createRoot, insert, contains, textOf } = require('vayu:cheerio/dom');
const { parse } = require('vayu:cheerio/parser');
const { serialize } = require('vayu:cheerio/serialize');
const Selection = require('vayu:cheerio/selection');

const LEFT_OUT = ['fromURL', 'loadBuffer', 'stringStream', 'decodeStream'];

function readOptions(given = {}) {
  const { xml, ...plain } = given ?? {};
  const options = { decodeEntities: true, ...plain, ...(typeof xml === 'object' ? xml : {}) };
  options.xmlMode = Boolean(options.xmlMode ?? xml);
  options.lowerCaseTags ??= !options.xmlMode;
  options.lowerCaseAttributeNames ??= !options.xmlMode;
  options.recognizeSelfClosing ??= options.xmlMode;
  return options;
}

function isMarkup(text) {
  if (text.length >= 3 && text.startsWith('<') && text.endsWith('>')) return true;
  const start = text.search(/<[a-z]/i);
  return start >= 0 && text.lastIndexOf('>') > start;
}

// Creates a document from text, or from nodes of another document, which are moved.
function toRoot(content, options) {
  if (isNode(content) && content.type === 'root') return content;
  if (content !== null && typeof content === 'object' && (isNode(content) || isNode(content[0]))) {
    const root = createRoot();
    insert(root, isNode(content) ? [content] : Array.from(content), null);
    return root;
  }
  return parse(String(content ?? ''), options);
}

function load(content, givenOptions) {
  const options = readOptions(givenOptions);
  const root = toRoot(content, options);
  class Loaded extends Selection {}

  const asNodes = (value) => {
    if (isNode(value)) return [value];
    return typeof value === 'object' && value.length >= 0 ? Array.from(value) : [];
  };

  const toContext = (context, base) => {
    if (context === undefined || context === null) return new Loaded([base]);
    if (context instanceof Loaded) return context;
    if (typeof context !== 'string') return new Loaded(asNodes(context));
    return isMarkup(context) ? new Loaded([parse(context, options)]) : new Loaded([base]).find(context);
  };

  function $(selector, context, base) {
    if (!selector) return new Loaded([]);
    if (selector instanceof Loaded) return selector;
    if (typeof selector !== 'string') return new Loaded(asNodes(selector));
    if (isMarkup(selector)) return new Loaded(parse(selector, options).children);
    return toContext(context, base === undefined ? root : toRoot(base, options)).find(selector);
  }

  const chosen = (selection) => (typeof selection === 'string' ? $(selection).get() : asNodes(selection));

  function render(first, second, defaults) {
    const isOptions = first && typeof first === 'object' && !isNode(first) && first.length === undefined;
    const selection = isOptions ? undefined : first;
    const settings = readOptions({ ...options, ...defaults, ...(isOptions ? first : second) });
    return serialize(selection === undefined || selection === null ? [root] : chosen(selection), settings);
  }

  Object.defineProperty(Loaded.prototype, '_document', { value: { options, root, $ } });
  $.fn = Loaded.prototype;
  $.load = load;
  $.root = () => new Loaded([root]);
  $.html = (selection, settings) => render(selection, settings, {});
  $.xml = (selection) => render(selection, {}, { xmlMode: true });
  $.text = (selection) => (selection === undefined ? [root] : chosen(selection)).map(textOf).join('');
  $.contains = contains;
  // (text, keepScripts) or (text, context, keepScripts)
  $.parseHTML = (text, context, keepScripts) => {
    if (!text || typeof text !== 'string') return null;
    const parsed = load(text, options);
    if (!(typeof context === 'boolean' ? context : keepScripts)) parsed('script').remove();
    return [...parsed.root()[0].children];
  };
  return $;
}

// cheerio(selector, context, root), where the root is the document.
function cheerio(selector, context, root, options) {
  return load(root, options)(selector, context);
}

cheerio.load = load;
cheerio.version = '0.22.0';
cheerio.root = () => load('').root();
cheerio.contains = contains;
cheerio.parseHTML = (...given) => load('').parseHTML(...given);
cheerio.html = (selection, options) => load('', selection?.options ?? options).html(selection ?? []);
cheerio.xml = (selection) => load('').xml(selection ?? []);
cheerio.text = (selection) => load('').text(selection ?? []);
for (const name of LEFT_OUT) {
  cheerio[name] = () => {
    throw new Error(`cheerio.${name} is not supported by this engine; see docs/scripting.md`);
  };
}

module.exports = cheerio;
