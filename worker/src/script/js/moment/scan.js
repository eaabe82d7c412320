// Parses text by a moment format. Each token takes the first match of its pattern in the rest of the text;
// skipped or remaining text only matters in strict mode. The result is fields for input.js and the flags that
// say whether the text matched.

const { toInt } = require('vayu:moment/units');
const { english } = require('vayu:moment/locale');
const { tokensOf, expandLong, isToken, literalOf } = require('vayu:moment/format');
const { offsetOf, milliseconds, SHORT_OFFSET } = require('vayu:moment/iso');

const WORD = /[0-9]{0,256}['a-z\u00a0-\u05ff\u0700-\ud7ff\uf900-\ufdcf\ufdf0-\uff07\uff10-\uffef]{1,256}/i;
const UP_TO_TWO = /\d\d?/;
const TWO = /\d\d/;
const NO_ZERO = /^[1-9]\d?/;
const LONE_ZERO = /^([1-9]\d|\d)/;
const SIGNED = /[+-]?\d+/;

const group = (tokens, lenient, strict = lenient) =>
  tokens.split(' ').map((token) => [token, [lenient, strict]]);
let patterns;

function patternOf(token, strict) {
  patterns =
    patterns ||
    new Map([
      ...group('M D w W h k', UP_TO_TWO, NO_ZERO),
      ...group('H m s', UP_TO_TWO, LONE_ZERO),
      ...group('MM DD ww WW hh HH kk mm ss YY gg GG', UP_TO_TWO, TWO),
      ...group('d e E', UP_TO_TWO),
      ...group('MMM MMMM dd ddd dddd', WORD),
      ...group('YYYY gggg GGGG', /\d{1,4}/, /\d{4}/),
      ...group('YYYYY YYYYYY ggggg GGGGG', /[+-]?\d{1,6}/, /[+-]?\d{6}/),
      ...group('Y x G g', SIGNED),
      ...group('y yy yyy yyyy', /\d+/),
      ...group('Do', /\d{1,2}(th|st|nd|rd)|\d{1,2}/, /\d{1,2}(th|st|nd|rd)/),
      ...group('DDD', /\d{1,3}/),
      ...group('DDDD', /\d{3}/),
      ...group('Q', /\d/),
      ...group('a A', /[ap]\.?m?\.?/i),
      ...group('hmm Hmm', /\d\d\d\d?/),
      ...group('hmmss Hmmss', /\d\d\d\d\d\d?/),
      ...group('S', /\d{1,3}/, /\d/),
      ...group('SS', /\d{1,3}/, TWO),
      ...group('SSS', /\d{1,3}/, /\d{3}/),
      ...group('X', /[+-]?\d+(\.\d{1,3})?/),
      ...group('Z ZZ', /Z|[+-]\d\d(?::?\d\d)?/i),
      ...group('NNNN', /Anno Domini|Before Christ/i),
      ...group('N NN NNN NNNNN', /AD|BC/i),
    ]);
  const found = patterns.get(token);
  if (found) return found[strict ? 1 : 0];
  if (/^S{4,}$/.test(token)) return /\d+/;
  return new RegExp(literalOf(token).replace(/[-/\\^$*+?.()|[\]{}]/g, '\\$&'));
}

const shortYear = (text) => toInt(text) + (toInt(text) > 68 ? 1900 : 2000);

function readMonth(text, result, token, strict) {
  const month = english.monthsParse(text, token, strict);
  if (month === null) result.invalidMonth = text;
  else result.fields[1] = month;
}

function readWeekday(text, result, token, strict) {
  const weekday = english.weekdaysParse(text, token, strict);
  if (weekday === null) result.invalidWeekday = text;
  else result.week.d = weekday;
}

const field =
  (index, change = toInt) =>
  (text, result) => {
    result.fields[index] = change(text);
  };
const weekPart =
  (name, change = toInt) =>
  (text, result) => {
    result.week[name] = change(text);
  };
const bigHour = (text, result) => {
  result.fields[3] = toInt(text);
  result.bigHour = true;
};

// Digits written without separators: the hour, then two each for minutes and seconds.
const clock = (parts, isBig) => (text, result) => {
  const hours = text.length - 2 * (parts - 1);
  result.fields[3] = toInt(text.slice(0, hours));
  for (let index = 1; index < parts; index++) {
    result.fields[3 + index] = toInt(text.substr(hours + 2 * (index - 1), 2));
  }
  if (isBig) result.bigHour = true;
};

const readers = {
  M: field(1, (text) => toInt(text) - 1),
  MM: field(1, (text) => toInt(text) - 1),
  MMM: readMonth,
  MMMM: readMonth,
  Q: field(1, (text) => (toInt(text) - 1) * 3),
  D: field(2),
  DD: field(2),
  Do: field(2, (text) => toInt(text.match(UP_TO_TWO)[0])),
  Y: field(0, (text) => parseInt(text, 10)),
  YY: field(0, shortYear),
  YYYY: field(0, (text) => (text.length === 2 ? shortYear(text) : toInt(text))),
  YYYYY: field(0),
  YYYYYY: field(0),
  y: field(0),
  yy: field(0),
  yyy: field(0),
  yyyy: field(0),
  H: field(3),
  HH: field(3),
  h: bigHour,
  hh: bigHour,
  k: field(3, (text) => (toInt(text) === 24 ? 0 : toInt(text))),
  kk: field(3, (text) => (toInt(text) === 24 ? 0 : toInt(text))),
  hmm: clock(2, true),
  hmmss: clock(3, true),
  Hmm: clock(2, false),
  Hmmss: clock(3, false),
  m: field(4),
  mm: field(4),
  s: field(5),
  ss: field(5),
  DDD: (text, result) => {
    result.dayOfYear = toInt(text);
  },
  DDDD: (text, result) => {
    result.dayOfYear = toInt(text);
  },
  dd: readWeekday,
  ddd: readWeekday,
  dddd: readWeekday,
  d: weekPart('d'),
  e: weekPart('e'),
  E: weekPart('E'),
  w: weekPart('w'),
  ww: weekPart('w'),
  W: weekPart('W'),
  WW: weekPart('W'),
  gg: weekPart('gg', shortYear),
  gggg: weekPart('gg'),
  ggggg: weekPart('gg'),
  GG: weekPart('GG', shortYear),
  GGGG: weekPart('GG'),
  GGGGG: weekPart('GG'),
  a: (text, result) => {
    result.meridiem = text;
  },
  A: (text, result) => {
    result.meridiem = text;
  },
  x: (text, result) => {
    result.time = toInt(text);
  },
  X: (text, result) => {
    result.time = parseFloat(text) * 1000;
  },
  Z: (text, result) => {
    result.zone = offsetOf(text, SHORT_OFFSET);
  },
  ZZ: (text, result) => {
    result.zone = offsetOf(text, SHORT_OFFSET);
  },
};

function readToken(token, text, result, strict) {
  if (Object.hasOwn(readers, token)) readers[token](text, result, token, strict);
  else if (/^S+$/.test(token)) result.fields[6] = milliseconds(text);
}

function fixHour(result) {
  const { meridiem, fields } = result;
  if (result.bigHour && fields[3] > 0 && fields[3] <= 12) result.bigHour = undefined;
  if (meridiem == null || fields[3] === undefined) return;
  if (english.isPM(meridiem)) fields[3] += fields[3] < 12 ? 12 : 0;
  else if (fields[3] === 12) fields[3] = 0;
}

function scan(input, format, strict) {
  const text = String(input);
  const result = {
    fields: [],
    zone: null,
    week: {},
    empty: true,
    unusedTokens: [],
    unusedInput: [],
    charsLeftOver: text.length,
  };
  let rest = text;
  for (const token of tokensOf(expandLong(format))) {
    const found = patternOf(token, strict).exec(rest);
    const part = found && found[0];
    if (part) {
      if (found.index > 0) result.unusedInput.push(rest.slice(0, found.index));
      rest = rest.slice(found.index + part.length);
      result.charsLeftOver -= part.length;
    }
    if (part && isToken(token)) {
      result.empty = false;
      readToken(token, part, result, strict);
    } else if (!part && (isToken(token) || strict)) {
      result.unusedTokens.push(token);
    }
  }
  if (rest) result.unusedInput.push(rest);
  fixHour(result);
  return result;
}

module.exports = { scan };
