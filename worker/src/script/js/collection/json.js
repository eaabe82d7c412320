// Parses JSON with errors that say what is wrong and where: a SyntaxError named JSONError, whose message has
// the fault, line and column, the line itself and a mark under the position. Only text that JSON.parse
// rejected is processed here, so valid texts cost nothing.

// The parse function of the language: the global one may belong to this module.
const nativeParse = JSON.parse;
const BEFORE = 69;
const AFTER = 40;

class Fault {
  constructor(reason, at) {
    this.reason = reason;
    this.at = at;
  }
}

class Scanner {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail(reason, at = this.at) {
    throw new Fault(reason, at);
  }

  unexpected() {
    const sign = String.fromCodePoint(this.text.codePointAt(this.at) ?? 0);
    if (this.at >= this.text.length) this.fail('Unexpected end of input');
    const shown = sign === "'" ? "\\'" : JSON.stringify(sign).slice(1, -1).replace('\\"', '"');
    this.fail(`Unexpected token '${shown}'`);
  }

  // Skips what `pattern` (sticky) matches.
  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at += found[0].length;
    return found?.[0];
  }

  blanks() {
    this.match(/[ \t\r\n]*/y);
  }

  value() {
    const sign = this.text[this.at];
    if (sign === '{') this.object();
    else if (sign === '[') this.array();
    else if (sign === '"') this.string();
    else if (sign === '-' || (sign >= '0' && sign <= '9')) this.number();
    else if (!this.match(/true|false|null/y)) this.unexpected();
  }

  number() {
    const start = this.at;
    this.match(/-?(0|[1-9]\d*)?(\.\d*)?([eE][+-]?\d*)?/y);
    const literal = this.text.slice(start, this.at);
    if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(literal)) this.fail(`Bad numeric literal - "${literal}"`);
  }

  string() {
    const start = this.at;
    this.at += 1;
    this.match(/([^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*/y);
    if (this.text[this.at] === '\\' && this.at + 1 < this.text.length) this.at += 1;
    if (this.text[this.at] !== '"') this.unexpected();
    this.at += 1;
    return nativeParse(this.text.slice(start, this.at));
  }

  array() {
    this.at += 1;
    this.items(']', 'array', () => this.value());
  }

  object() {
    this.at += 1;
    this.items('}', 'object', () => {
      if (this.text[this.at] !== '"') this.unexpected();
      const key = this.string();
      this.blanks();
      if (!this.match(/:/y)) this.unexpected();
      this.blanks();
      if (/[^-"{[\dtfn]/.test(this.text[this.at] ?? '}')) this.fail(`No value found for key ${key}`);
      this.value();
    });
  }

  items(end, kind, item) {
    const close = end === ']' ? /\]/y : /\}/y;
    this.blanks();
    if (this.match(close)) return;
    for (;;) {
      item();
      this.blanks();
      if (this.match(close)) return;
      if (!this.match(/,/y)) this.unexpected();
      this.blanks();
      if (this.text[this.at] === end) this.fail(`Trailing comma in ${kind}`);
    }
  }

  whole() {
    if (this.text === '') this.fail('No data, empty input');
    this.blanks();
    if (this.at === this.text.length) this.fail('No data, only a whitespace');
    this.value();
    this.blanks();
    if (this.at < this.text.length) this.unexpected();
  }
}

function faultIn(text) {
  try {
    new Scanner(text).whole();
  } catch (fault) {
    if (fault instanceof Fault) return fault;
  }
  return undefined;
}

function jsonError(message) {
  const error = new SyntaxError(message);
  error.name = 'JSONError';
  return error;
}

function explain(text, original) {
  const fault = faultIn(text);
  if (fault === undefined) return jsonError(original.message);
  const before = text.slice(0, fault.at).split('\n');
  const line = before.at(-1);
  const rest = text.slice(fault.at).split('\n', 1)[0];
  const shown = line.slice(-BEFORE);
  const place = `${before.length}:${line.length + 1}`;
  const lines = [`${fault.reason} at ${place}`, shown + rest.slice(0, AFTER), ' '.repeat(shown.length) + '^'];
  const error = jsonError(lines.join('\n'));
  return Object.assign(error, { row: before.length, column: line.length + 1 });
}

// A byte order mark at the start is not part of the JSON.
function parse(text, reviver) {
  if (text === undefined || text === null) throw jsonError('"undefined" is not valid JSON');
  const string = String(text);
  const json = string.charCodeAt(0) === 0xfeff ? string.slice(1) : string;
  try {
    return typeof reviver === 'function' ? nativeParse(json, reviver) : nativeParse(json);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw explain(json, error);
  }
}

// Parses the argument of the call that a JSONP text consists of.
function parsePadded(text, reviver) {
  const trimmed = String(text ?? '').trim();
  const start = trimmed.indexOf('(');
  if (start < 0 || /^["{[]/.test(trimmed)) return parse(trimmed, reviver);
  const end = trimmed.lastIndexOf(')');
  return parse(trimmed.slice(start + 1, end < start ? undefined : end).trim(), reviver);
}

module.exports = { parse, parsePadded, jsonError };
