// The template function of lodash: converts text with <%= value %>, <%- escaped %>, <% code %> and ${value}
// to a function of the data. The code is compiled by Function, with the data as scope unless a variable name
// is given. Delimiters come from the options or from templateSettings.

const { isIterateeCall, keys, toString } = require('vayu:lodash/types');
const { escape } = require('vayu:lodash/string');
const { settings } = require('vayu:settings');

const NEVER = /($^)/;

const INTERPOLATE = /<%=([\s\S]+?)%>/;

// Some scripts replace the whole object.
const shared = settings(() => ({
  templateSettings: {
    escape: /<%-([\s\S]+?)%>/g,
    evaluate: /<%([\s\S]+?)%>/g,
    interpolate: new RegExp(INTERPOLATE.source, 'g'),
    variable: '',
    imports: {},
  },
}));

function bodyOf(text, options) {
  const interpolate = options.interpolate || NEVER;
  const literal =
    interpolate.source === INTERPOLATE.source ? /\$\{([^\\}]*(?:\\.[^\\}]*)*)\}/ : NEVER;
  const parts = [options.escape || NEVER, interpolate, literal, options.evaluate || NEVER];
  const pattern = new RegExp(`${parts.map((part) => part.source).join('|')}|$`, 'g');
  const lines = [];
  let position = 0;
  text.replace(pattern, (match, escaped, inserted, fromLiteral, code, offset) => {
    const shown = inserted || fromLiteral;
    lines.push(`out += ${JSON.stringify(text.slice(position, offset))};`);
    if (escaped) lines.push(`out += escapeValue((${escaped}\n));`);
    if (code) lines.push(`${code};`);
    if (shown) lines.push(`shown = (${shown}\n); out += shown == null ? '' : shown;`);
    position = offset + match.length;
    return match;
  });
  return lines.join('\n');
}

function template(value, given, guard) {
  const own = guard && isIterateeCall(value, given, guard) ? {} : given || {};
  const { templateSettings } = shared;
  const options = { ...templateSettings, ...own };
  const imports = { ...templateSettings.imports, _: template.owner, ...own.imports };
  const variable = options.variable;
  if (variable && /[()=,{}[\]/\s]/.test(variable)) {
    throw new Error('Invalid `variable` option passed into `_.template`');
  }
  const body = bodyOf(toString(value), options);
  const scoped = variable ? body : `with (data) {\n${body}\n}`;
  const print = 'const print = (...parts) => { out += parts.join(""); };';
  const source =
    `function (${variable || 'data'}) {\n${variable ? '' : 'data = data || {};\n'}` +
    `let shown, out = '';\n${print}\n${scoped}\nreturn out;\n}`;
  const names = keys(imports);
  const compiled = Function(
    ...names,
    'escapeValue',
    `return ${source}`,
  )(...names.map((name) => imports[name]), escape);
  compiled.source = source;
  return compiled;
}

module.exports = { published: { template }, shared, template };
