// The methods of a selection for form controls: val(), serializeArray() and serialize().

const { isTag, getAttribute, setAttribute, following, textOf, uniqueSorted } = require('vayu:cheerio/dom');

const NOT_SENT = /^(?:submit|button|image|reset|file)$/i;
const CONTROL = /^(?:input|option)$/;
const CHOSEN = /^(?:checkbox|radio)$/i;

const has = (node, name) => getAttribute(node, name) !== undefined;
const optionValue = (option) => getAttribute(option, 'value') ?? textOf(option);

function below(top, name) {
  const found = [];
  for (let node = following(top, top); node; node = following(node, top)) {
    if (isTag(node) && name.test(node.name)) found.push(node);
  }
  return found;
}

function selectValue(select) {
  const options = below(select, /^option$/);
  const selected = options.filter((option) => has(option, 'selected'));
  if (has(select, 'multiple')) return selected.map(optionValue);
  const option = selected.at(-1) ?? options[0];
  return option && optionValue(option);
}

function read(node) {
  if (node.name === 'select') return selectValue(node);
  if (node.name === 'textarea') return textOf(node);
  if (node.name === 'option') return optionValue(node);
  const value = getAttribute(node, 'value');
  const isBox = node.name === 'input' && CHOSEN.test(getAttribute(node, 'type') ?? '');
  return value === undefined && isBox ? 'on' : value;
}

function choose(select, wanted) {
  const values = (Array.isArray(wanted) ? wanted : [wanted]).map(String);
  for (const option of below(select, /^option$/)) {
    if (values.includes(optionValue(option))) setAttribute(option.attribs, 'selected', '');
    else delete option.attribs.selected;
  }
}

function isSent(node) {
  const type = getAttribute(node, 'type') ?? '';
  if (!getAttribute(node, 'name') || has(node, 'disabled')) return false;
  if (node.name === 'button' || (node.name === 'input' && NOT_SENT.test(type))) return false;
  return !CHOSEN.test(type) || has(node, 'checked');
}

module.exports = {
  val(value) {
    if (value === undefined) return this[0] && isTag(this[0]) ? read(this[0]) : undefined;
    // The first element decides for all, as in cheerio.
    const kind = this[0]?.name;
    if (kind === 'textarea') return this.text(value);
    this.get()
      .filter(isTag)
      .forEach((node, i) => {
        const wanted = typeof value === 'function' ? value.call(node, i, read(node)) : value;
        if (kind === 'select' && node.name === 'select') choose(node, wanted);
        else if (CONTROL.test(kind)) setAttribute(node.attribs, 'value', String(wanted ?? ''));
      });
    return this;
  },

  serializeArray() {
    const control = /^(?:input|select|textarea|button)$/;
    const nodes = this.get()
      .filter(isTag)
      .flatMap((node) => (node.name === 'form' ? below(node, control) : control.test(node.name) ? [node] : []));
    return uniqueSorted(nodes)
      .filter(isSent)
      .flatMap((node) => {
        const value = read(node) ?? '';
        const values = Array.isArray(value) ? value : [value];
        const name = getAttribute(node, 'name');
        return values.map((text) => ({ name, value: text.replace(/\r?\n/g, '\r\n') }));
      });
  },

  serialize() {
    const encode = (text) => encodeURIComponent(text).replace(/%20/g, '+');
    return this.serializeArray()
      .map(({ name, value }) => `${encode(name)}=${encode(value)}`)
      .join('&');
  },
};
