// How util.inspect prints strings and the names of properties.

const NAMED = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '\\': '\\\\' };
const SPECIAL =
  /[\0-\x1f\x7f-\x9f\\]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function escaped(char) {
  if (NAMED[char]) return NAMED[char];
  const code = char.charCodeAt(0).toString(16).toUpperCase();
  return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`;
}

// Single quotes, unless the text contains some and another kind of quotes works.
function quote(text) {
  let mark = "'";
  if (text.includes("'")) {
    if (!text.includes('"')) mark = '"';
    else if (!text.includes('`') && !text.includes('${')) mark = '`';
  }
  const body = text.replace(SPECIAL, escaped);
  return mark + (mark === "'" ? body.replaceAll("'", "\\'") : body) + mark;
}

function propertyKey(key) {
  if (typeof key === 'symbol') return `[${String(key).replace(SPECIAL, escaped)}]`;
  if (key === '__proto__') return "['__proto__']";
  return /^[A-Za-z_][A-Za-z_0-9]*$/.test(key) ? key : quote(key);
}

const stringLines = (text) => text.split(/(?<=\n)/);

module.exports = { quote, propertyKey, stringLines };
