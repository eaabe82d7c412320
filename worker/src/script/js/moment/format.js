// Formatting of moments: splits a format into tokens and writes each. scan.js uses the same split for
// parsing. Text in [brackets] is copied; LT, L, LLL and similar tokens are expanded first.

const { pad } = require('vayu:moment/units');
const { english } = require('vayu:moment/locale');

let pattern;

function tokensOf(format) {
  pattern =
    pattern ||
    new RegExp(
      [
        '\\[[^\\[]*\\]',
        '\\\\.',
        '[Hh]mm(?:ss)?',
        'Mo',
        'M{1,4}',
        'DDDo',
        'Do',
        'D{1,4}',
        'd{2,4}',
        'do?',
        'w[ow]?',
        'W[oW]?',
        'Qo?',
        'N{1,5}',
        'YYYYYY',
        'YYYYY',
        'YYYY',
        'YY',
        'y{2,4}',
        'yo?',
        'gg(?:ggg?)?',
        'GG(?:GGG?)?',
        'e',
        'E',
        'a',
        'A',
        'hh?',
        'HH?',
        'kk?',
        'mm?',
        'ss?',
        'S{1,9}',
        'x',
        'X',
        'zz?',
        'ZZ?',
        'LTS',
        'LT',
        'L{1,4}',
        'l{1,4}',
        '.',
      ].join('|'),
      'g',
    );
  return format.match(pattern) || [];
}

function expandLong(format) {
  let text = format;
  for (let round = 0; round < 5 && /LTS|LT|L{1,4}|l{1,4}/.test(text); round++) {
    text = text.replace(
      /\[[^[]*\]|\\.|LTS|LT|L{1,4}|l{1,4}/g,
      (token) => english.longDateFormat(token) || token,
    );
  }
  return text;
}

function offsetText(moment, separator) {
  const offset = moment.utcOffset();
  const minutes = Math.abs(offset);
  return (offset < 0 ? '-' : '+') + pad(Math.floor(minutes / 60), 2) + separator + pad(minutes % 60, 2);
}

const yearText = (year) => (year <= 9999 ? pad(year, 4) : `+${year}`);
const hours12 = (moment) => moment.hours() % 12 || 12;
const two = (number) => pad(number, 2);
const era = (moment) => (moment.year() > 0 ? ['AD', 'Anno Domini'] : ['BC', 'Before Christ']);
const eraYear = (moment) => (moment.year() > 0 ? moment.year() : 1 - moment.year());

const WRITERS = {
  M: (m) => m.month() + 1,
  Mo: (m) => english.ordinal(m.month() + 1),
  MM: (m) => two(m.month() + 1),
  MMM: (m) => english.monthsShort(m),
  MMMM: (m) => english.months(m),
  Q: (m) => m.quarter(),
  Qo: (m) => english.ordinal(m.quarter()),
  D: (m) => m.date(),
  Do: (m) => english.ordinal(m.date()),
  DD: (m) => two(m.date()),
  DDD: (m) => m.dayOfYear(),
  DDDo: (m) => english.ordinal(m.dayOfYear()),
  DDDD: (m) => pad(m.dayOfYear(), 3),
  d: (m) => m.day(),
  do: (m) => english.ordinal(m.day()),
  dd: (m) => english.weekdaysMin(m),
  ddd: (m) => english.weekdaysShort(m),
  dddd: (m) => english.weekdays(m),
  e: (m) => m.weekday(),
  E: (m) => m.isoWeekday(),
  w: (m) => m.week(),
  wo: (m) => english.ordinal(m.week()),
  ww: (m) => two(m.week()),
  W: (m) => m.isoWeek(),
  Wo: (m) => english.ordinal(m.isoWeek()),
  WW: (m) => two(m.isoWeek()),
  Y: (m) => yearText(m.year()),
  YY: (m) => two(m.year() % 100),
  YYYY: (m) => pad(m.year(), 4),
  YYYYY: (m) => pad(m.year(), 5),
  YYYYYY: (m) => pad(m.year(), 6, true),
  y: eraYear,
  yo: (m) => english.ordinal(eraYear(m)),
  yy: (m) => pad(eraYear(m), 2),
  yyy: (m) => pad(eraYear(m), 3),
  yyyy: (m) => pad(eraYear(m), 4),
  N: (m) => era(m)[0],
  NN: (m) => era(m)[0],
  NNN: (m) => era(m)[0],
  NNNN: (m) => era(m)[1],
  NNNNN: (m) => era(m)[0],
  gg: (m) => two(m.weekYear() % 100),
  gggg: (m) => pad(m.weekYear(), 4),
  ggggg: (m) => pad(m.weekYear(), 5),
  GG: (m) => two(m.isoWeekYear() % 100),
  GGGG: (m) => pad(m.isoWeekYear(), 4),
  GGGGG: (m) => pad(m.isoWeekYear(), 5),
  a: (m) => english.meridiem(m.hours(), m.minutes(), true),
  A: (m) => english.meridiem(m.hours(), m.minutes(), false),
  H: (m) => m.hours(),
  HH: (m) => two(m.hours()),
  h: hours12,
  hh: (m) => two(hours12(m)),
  k: (m) => m.hours() || 24,
  kk: (m) => two(m.hours() || 24),
  hmm: (m) => `${hours12(m)}${two(m.minutes())}`,
  hmmss: (m) => `${hours12(m)}${two(m.minutes())}${two(m.seconds())}`,
  Hmm: (m) => `${m.hours()}${two(m.minutes())}`,
  Hmmss: (m) => `${m.hours()}${two(m.minutes())}${two(m.seconds())}`,
  m: (m) => m.minutes(),
  mm: (m) => two(m.minutes()),
  s: (m) => m.seconds(),
  ss: (m) => two(m.seconds()),
  x: (m) => m.valueOf(),
  X: (m) => m.unix(),
  z: (m) => m.zoneAbbr(),
  zz: (m) => m.zoneName(),
  Z: (m) => offsetText(m, ':'),
  ZZ: (m) => offsetText(m, ''),
};

function writeToken(moment, token) {
  if (Object.hasOwn(WRITERS, token)) return WRITERS[token](moment);
  if (token[0] === 'S' && /^S+$/.test(token)) {
    return pad(moment.milliseconds(), 3).padEnd(token.length, '0').slice(0, token.length);
  }
  return literalOf(token);
}

const literalOf = (token) => token.replace(/^\[(.*)\]$/s, '$1').replace(/\\/g, '');

function formatMoment(moment, format) {
  if (!moment.isValid()) return english.invalidDate();
  return tokensOf(expandLong(format))
    .map((token) => writeToken(moment, token))
    .join('');
}

const isToken = (token) => Object.hasOwn(WRITERS, token) || /^S+$/.test(token);

module.exports = { formatMoment, tokensOf, expandLong, isToken, literalOf };
