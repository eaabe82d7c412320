// require('csv-parse/lib/sync'): parse(text, options) as in csv-parse 4, which returns arrays of fields or,
// with the option columns, objects. Options: columns (true, a list, a function), delimiter, quote, escape,
// record_delimiter, comment, skip_empty_lines, skip_lines_with_empty_values, trim, ltrim, rtrim, from, to,
// from_line, to_line, relax_column_count (also _less and _more), relax, cast, cast_date, on_record, bom; also
// in camel case.
// Not supported: info, raw, objname, encodings, streams.

const UNSUPPORTED = ['info', 'raw', 'objname'];
const LIST = (value) => (Array.isArray(value) ? value : [value]);

class CsvError extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'Error';
    this.code = code;
  }
}

function underscored(options) {
  const entries = Object.entries(options).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  const settings = Object.fromEntries(entries);
  for (const name of UNSUPPORTED) {
    if (settings[name])
      throw new Error(`csv-parse: ${name} is not supported by this engine; see docs/scripting.md`);
  }
  return settings;
}

class Scanner {
  constructor(text, options) {
    this.text = text;
    this.position = 0;
    this.line = 1;
    this.delimiters = LIST(options.delimiter === undefined ? ',' : options.delimiter).map(String);
    this.quote = options.quote === undefined ? '"' : options.quote || '';
    this.escape = options.escape === undefined ? '"' : options.escape || '';
    this.comment = options.comment || '';
    this.recordEnds = options.record_delimiter ? LIST(options.record_delimiter) : [];
    this.ltrim = options.trim || options.ltrim;
    this.rtrim = options.trim || options.rtrim;
    this.relax = options.relax;
  }

  at(texts) {
    return texts.find((text) => text !== '' && this.text.startsWith(text, this.position));
  }

  // As in the original, the first line ending found applies to the whole text.
  atRecordEnd() {
    if (this.recordEnds.length > 0) return this.at(this.recordEnds);
    const end = this.at(['\r\n', '\n', '\r']);
    if (end) this.recordEnds = [end];
    return end;
  }

  get ended() {
    return this.position >= this.text.length;
  }

  skipBlanks() {
    while (!this.ended && /[ \t\f]/.test(this.text[this.position]) && !this.at(this.delimiters))
      this.position += 1;
  }

  skipComment() {
    while (!this.ended && !this.atRecordEnd()) this.position += 1;
  }

  // One record: { fields: [{ text, quoted }], line }
  record() {
    const record = { fields: [], line: this.line };
    for (;;) {
      const field = this.field();
      if (this.comment && this.at([this.comment])) this.skipComment();
      record.fields.push(field);
      const delimiter = this.ended ? undefined : this.at(this.delimiters);
      if (delimiter === undefined) break;
      this.position += delimiter.length;
    }
    const end = this.ended ? undefined : this.atRecordEnd();
    record.unterminated = end === undefined;
    if (end) {
      this.position += end.length;
      this.line += 1;
    }
    return record;
  }

  field() {
    const start = this.position;
    if (this.ltrim) this.skipBlanks();
    if (this.quote && this.at([this.quote])) {
      const text = this.quotedText();
      if (text !== undefined) return { text, quoted: true };
      this.position = start;
      if (this.ltrim) this.skipBlanks();
    }
    return { text: this.plainText(), quoted: false };
  }

  plainText() {
    const start = this.position;
    while (!this.ended && !this.at(this.delimiters) && !this.atRecordEnd()) {
      if (this.comment && this.at([this.comment])) break;
      if (this.quote && !this.relax && this.at([this.quote])) {
        throw new CsvError(
          'INVALID_OPENING_QUOTE',
          `Invalid Opening Quote: a quote is found inside a field at line ${this.line}`,
        );
      }
      this.position += 1;
    }
    const text = this.text.slice(start, this.position);
    return this.rtrim ? text.trimEnd() : text;
  }

  quotedText() {
    const { line } = this;
    this.position += this.quote.length;
    let text = '';
    for (;;) {
      if (this.ended) {
        throw new CsvError(
          'CSV_QUOTE_NOT_CLOSED',
          `Quote Not Closed: the parsing is finished with an opening quote at line ${line}`,
        );
      }
      const escaped =
        this.escape &&
        this.at([this.escape]) &&
        [this.quote, this.escape].find((mark) =>
          this.text.startsWith(mark, this.position + this.escape.length),
        );
      if (escaped) {
        text += escaped;
        this.position += this.escape.length + escaped.length;
      } else if (this.at([this.quote])) {
        this.position += this.quote.length;
        if (this.rtrim) this.skipBlanks();
        if (this.ended || this.at(this.delimiters) || this.atRecordEnd()) return text;
        if (this.comment && this.at([this.comment])) return text;
        if (this.relax) return undefined;
        throw new CsvError(
          'CSV_INVALID_CLOSING_QUOTE',
          `Invalid Closing Quote: got "${this.text[this.position]}" ` +
            `at line ${this.line} instead of delimiter, row delimiter, trimable character ` +
            '(if activated) or comment',
        );
      } else {
        if (this.text[this.position] === '\n') this.line += 1;
        text += this.text[this.position];
        this.position += 1;
      }
    }
  }
}

function castNumber(text) {
  return text.trim() !== '' && text - parseFloat(text) + 1 >= 0 ? parseFloat(text) : text;
}

function caster({ cast, cast_date: castDate }) {
  if (typeof cast === 'function') return cast;
  return (text, { quoting }) => {
    const value = cast && !quoting ? castNumber(text) : text;
    if (!castDate || typeof value !== 'string') return value;
    if (typeof castDate === 'function') return castDate(value);
    const time = Date.parse(value);
    return Number.isNaN(time) ? value : new Date(time);
  };
}

function normalizeColumns(columns) {
  return columns.map((column) => {
    const name = column && typeof column === 'object' ? column.name : column;
    if (typeof name === 'string' || column === undefined || column === null || column === false) return name;
    throw new CsvError(
      'CSV_INVALID_COLUMN_DEFINITION',
      'Invalid column definition: expect a string or a literal object',
    );
  });
}

function toObject(columns, values) {
  const object = {};
  values.forEach((value, index) => {
    const name = columns[index];
    if (index >= columns.length || name === undefined || name === null || name === false) return;
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  });
  return object;
}

function checkLength(fields, expected, line, options, hasColumns) {
  const less = options.relax_column_count || options.relax_column_count_less;
  const more = options.relax_column_count || options.relax_column_count_more;
  if (expected === undefined || fields.length === expected) return;
  if (fields.length < expected ? less : more) return;
  if (hasColumns) {
    throw new CsvError(
      'CSV_RECORD_DONT_MATCH_COLUMNS_LENGTH',
      `Invalid Record Length: columns length is ${expected}, got ${fields.length} on line ${line}`,
    );
  }
  throw new CsvError(
    'CSV_INCONSISTENT_RECORD_LENGTH',
    `Invalid Record Length: expect ${expected}, got ${fields.length} on line ${line}`,
  );
}

const isBlank = ({ text }) => text.trim() === '';
const isNothing = (fields) => fields.length === 1 && fields[0].text === '' && !fields[0].quoted;

class Reader {
  constructor(text, options) {
    this.options = options;
    this.scanner = new Scanner(text, options);
    this.cast = caster(options);
    this.columns = Array.isArray(options.columns) ? normalizeColumns(options.columns) : undefined;
    this.expected = this.columns && this.columns.length;
    this.records = [];
    this.count = 0;
  }

  read() {
    const { from_line: fromLine = 1, to_line: toLine = Infinity } = this.options;
    while (!this.scanner.ended) {
      const startLine = this.scanner.line;
      if (startLine > toLine) break;
      const empty = this.scanner.atRecordEnd() !== undefined;
      const commented = this.scanner.comment && this.scanner.at([this.scanner.comment]);
      const record = this.scanner.record();
      if (startLine < fromLine || commented || (empty && this.options.skip_empty_lines)) continue;
      const trimmed = this.scanner.ltrim && this.scanner.rtrim;
      if (this.options.skip_empty_lines && trimmed && isNothing(record.fields)) continue;
      if (record.unterminated && this.scanner.ltrim && isNothing(record.fields)) continue;
      this.add(record);
      if (this.count >= this.options.to) break;
    }
    return this.records;
  }

  add({ fields, line }) {
    const { columns } = this.options;
    checkLength(fields, this.expected, line, this.options, Boolean(this.columns));
    if (this.options.skip_lines_with_empty_values && fields.every(isBlank)) return;
    if (columns && !this.columns) {
      const header = fields.map(({ text }) => text);
      this.columns = normalizeColumns(typeof columns === 'function' ? columns(header) : header);
      this.expected = this.columns.length;
      return;
    }
    if (this.expected === undefined) this.expected = fields.length;
    this.count += 1;
    const { from = 1, to = Infinity, on_record: onRecord } = this.options;
    if (this.count < from || this.count > to) return;
    const values = fields.map(({ text, quoted }, index) =>
      this.cast(text, {
        column: this.columns ? this.columns[index] : index,
        header: false,
        index,
        lines: line,
        quoting: quoted,
        records: this.records.length,
      }),
    );
    const record = this.columns ? toObject(this.columns, values) : values;
    const kept = onRecord ? onRecord(record, { lines: line, records: this.records.length }) : record;
    if (kept !== undefined && kept !== null) this.records.push(kept);
  }
}

module.exports = function parse(input, options = {}) {
  const settings = underscored(options);
  const text = String(input);
  return new Reader(settings.bom ? text.replace(/^\ufeff/, '') : text, settings).read();
};
