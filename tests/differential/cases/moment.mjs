// Calls of require('moment') in English and UTC, of moments that are given: what depends on the time of day is
// left out.


const DATES = [
  "'2024-02-29'",
  "'2024-02-29T12:34:56'",
  "'2024-02-29T12:34:56.789Z'",
  "'2023-12-31T23:59:59+02:00'",
  "'2013-02-08 09:30:26.123'",
  "'20130208T080910,123'",
  "'2013-W06-5'",
  "'2013-039'",
  "'2013W065T09'",
  "'2024-13-01'",
  "'2024-02-30'",
  "'not a date'",
  "''",
  '0',
  '1700000000000',
  '-1',
  'NaN',
  'null',
  'undefined && 0',
  '[2024, 1, 29]',
  '[2024]',
  '[2024, 11, 31, 23, 59, 59, 999]',
  '{ year: 2024, month: 5, day: 9 }',
  '{ y: 2020, M: 1, d: 1, h: 25 }',
  'new Date(86400000)',
  'new Date(NaN)',
  "'+002024-02-29'",
  "'2024-02'",
  "'2024'",
  "'Thu, 29 Feb 2024 12:00:00 GMT'",
  "'Thu, 29 Feb 2024 12:00:00 +0530'",
  "'2010-01-01T05:06:07.123456'",
  "'2024-01-01T24:00:00'",
  '[]',
  '{}',
  'true',
];
const PATTERNS = [
  'YYYY-MM-DD',
  'DD/MM/YYYY',
  'D/M/YY',
  'MMM D, YYYY h:mm A',
  'dddd, MMMM Do YYYY, h:mm:ss a',
  'X',
  'x',
  'YYYY-[W]WW-E',
  'GGGG-[W]WW',
  'gggg-ww-e',
  'DDDD YYYY',
  'HH:mm',
  'H:m:s.SSS',
  'YYYY-MM-DDTHH:mm:ssZ',
  'Q YYYY',
  'L',
  'LL',
  'LLLL',
  'lll',
  'LTS',
  'MM-DD-YYYY',
  'ddd',
  'kk:mm',
  'hmm',
  'Hmmss',
  'YYYYMMDD',
  'Y',
  'YYYYYY',
  'Mo',
  'Qo',
  'DDDo',
  'wo',
  'Wo',
  'N NN NNN y',
  '[today] ZZ z',
  'SSSSSSSSS',
  'a A',
  'dd e E d',
  '\\\\Y [esc]YYYY',
];
const TEXTS = [
  '2024-02-29',
  '29/02/2024',
  '1/2/03',
  'Feb 9, 2024 3:05 PM',
  'Thursday, February 29th 2024, 12:34:56 pm',
  '1700000000',
  '1700000000000',
  '2024-W09-4',
  '060 2024',
  '23:59',
  '5:6:7.089',
  '2024-02-29T12:34:56+02:00',
  '1 2024',
  '02/29/2024',
  'February 29, 2024',
  'Feb',
  '24:00',
  '930',
  '123456',
  '20240229',
  '-5',
  '99',
  'rubbish',
  '',
  "12 o'clock",
  '2024-02-30',
  '31/31/2024',
  '2nd',
  'Mon',
  '12:34 am',
];
const UNITS = [
  'year',
  'years',
  'y',
  'quarter',
  'Q',
  'month',
  'M',
  'week',
  'w',
  'isoWeek',
  'day',
  'd',
  'date',
  'hour',
  'h',
  'minute',
  'm',
  'second',
  's',
  'millisecond',
  'ms',
  'days',
  'hours',
  'isoWeekYear',
  'weekYear',
  'dates',
];
const GETTERS = [
  'year',
  'month',
  'date',
  'day',
  'hour',
  'minute',
  'second',
  'millisecond',
  'week',
  'isoWeek',
  'weekday',
  'isoWeekday',
  'quarter',
  'dayOfYear',
  'weekYear',
  'isoWeekYear',
  'weeksInYear',
  'isoWeeksInYear',
  'daysInMonth',
  'isLeapYear',
  'unix',
  'valueOf',
  'toISOString',
  'toJSON',
  'toString',
  'toArray',
  'toObject',
  'isValid',
  'isDST',
  'isUTC',
  'isLocal',
  'utcOffset',
  'parsingFlags',
  'inspect',
  'toDate',
  'invalidAt',
  'zoneAbbr',
  'zoneName',
  'locale',
  'isUtcOffset',
  'creationData',
];
const SETTERS = [
  'year',
  'month',
  'date',
  'day',
  'hour',
  'minute',
  'second',
  'millisecond',
  'week',
  'isoWeek',
  'weekday',
  'isoWeekday',
  'quarter',
  'dayOfYear',
  'weekYear',
  'isoWeekYear',
  'hours',
  'months',
  'days',
  'dates',
  'years',
];
const SPANS = [
  '90',
  '0',
  '-5',
  '1e10',
  "'1:02:03'",
  "'-12.03:04:05.678'",
  "'P1Y2M3DT4H5M6.7S'",
  "'PT36H'",
  "'-P1M'",
  '{ hours: 25, minutes: -30 }',
  '{ months: 14, days: 40 }',
  '{ y: 1, M: 1, d: 1 }',
  "'10'",
  'NaN',
  'null',
  "''",
  '{}',
  "'P1W'",
  '1.5',
  '{ years: 1.5 }',
  "'24:00'",
];
const SPAN_CALLS = [
  'humanize()',
  'humanize(true)',
  'humanize({ h: 5, m: 2 })',
  'humanize(true, { d: 7, w: 4 })',
  'toISOString()',
  'toJSON()',
  'asDays()',
  'asHours()',
  'asMonths()',
  'asYears()',
  'asMilliseconds()',
  'asSeconds()',
  'asMinutes()',
  'asWeeks()',
  'asQuarters()',
  'days()',
  'hours()',
  'months()',
  'years()',
  'minutes()',
  'seconds()',
  'milliseconds()',
  'weeks()',
  "as('days')",
  "get('hours')",
  'valueOf()',
  'abs().toISOString()',
  "add(1, 'd').toISOString()",
  "subtract(3, 'hours').toISOString()",
  'clone().toISOString()',
  'isValid()',
  'toString()',
  'add({ months: 1 }).asDays()',
  "as('quarters')",
];
const FIXED = [
  'moment.isMoment({})',
  'moment.isDate(new Date())',
  'moment.isDuration(moment.duration(1))',
  'moment.months()',
  'moment.monthsShort()',
  'moment.weekdays()',
  'moment.weekdaysShort()',
  'moment.weekdaysMin()',
  'moment.locale()',
  "moment.normalizeUnits('Y')",
  "moment.normalizeUnits('isoweeks')",
  'moment.invalid().isValid()',
  'moment.max(moment(1), moment(5)).valueOf()',
  'moment.min([moment(1), moment(5)]).valueOf()',
  'moment.unix(1700000000).utc().format()',
  'moment.utc([2024, 0, 1]).format()',
  "moment.parseZone('2024-01-01T00:00:00+05:30').format()",
  'moment.ISO_8601 !== undefined',
  'moment.HTML5_FMT',
  'moment.localeData().ordinal(3)',
  "moment.localeData().longDateFormat('LL')",
  'moment.months(3)',
  'moment.weekdays(true)',
  'moment.weekdays(2)',
  'moment.localeData().firstDayOfWeek()',
  "moment.relativeTimeThreshold('s')",
  'moment.localeData().meridiem(13, 5, true)',
  'moment.version',
  "moment.localeData().months(moment.utc('2024-03-01'))",
  'moment.locales()',
];

const quote = (text) => `'${text.replace(/\\/g, '\\').replace(/'/g, "\\'")}'`;
const unit = (random) => quote(random.pick(UNITS));
const amount = (random) =>
  random.chance(0.8) ? String(random.between(-40, 40)) : random.pick(['1.5', "'3'", 'NaN', '-0.5', '1e4', 'null']);

function moment(random) {
  const maker = random.pick(['moment', 'moment', 'moment.utc', 'moment.parseZone']);
  if (random.chance(0.3)) {
    const patterns = random.chance(0.15)
      ? `[${random.several(1, 3, () => quote(random.pick(PATTERNS))).join(', ')}]`
      : quote(random.pick(PATTERNS));
    const strict = random.chance(0.3) ? ', true' : '';
    return `${maker}(${quote(random.pick(TEXTS))}, ${patterns}${strict})`;
  }
  return `${maker}(${random.pick(DATES)})`;
}

// One that does not depend on today, where a text has no date of its own.
const dated = (random) =>
  `moment.utc(${random.pick(DATES.slice(0, 7).concat('0', '1700000000000', '[2024, 11, 31, 23, 59, 59, 999]'))})`;

function step(random) {
  switch (random.below(9)) {
    case 0:
      return `.add(${amount(random)}, ${unit(random)})`;
    case 1:
      return `.subtract(${amount(random)}, ${unit(random)})`;
    case 2:
      return `.startOf(${unit(random)})`;
    case 3:
      return `.endOf(${unit(random)})`;
    case 4:
      return `.${random.pick(SETTERS)}(${random.between(-20, 60)})`;
    case 5:
      return `.set(${unit(random)}, ${random.between(0, 40)})`;
    case 6:
      return `.utcOffset(${random.pick(['330', '-5', "'+05:45'", "'-08:00'", '0', '120'])})`;
    case 7:
      return `.add({ ${random.pick(['days', 'months', 'h', 'years'])}: ${random.between(-15, 15)} })`;
    default:
      return random.pick([
        '.clone()',
        '.utc()',
        '.local()',
        '.utc(true)',
        ".month('March')",
        ".day('Friday')",
        ".locale('en')",
      ]);
  }
}

function end(random) {
  switch (random.below(8)) {
    case 0:
      return `.${random.pick(GETTERS)}()`;
    case 1:
      return `.diff(${dated(random)}, ${unit(random)}${random.chance(0.5) ? ', true' : ''})`;
    case 2:
      return `.${random.pick(['isBefore', 'isAfter', 'isSame', 'isSameOrBefore', 'isSameOrAfter'])}(${dated(random)}${random.chance(0.5) ? `, ${unit(random)}` : ''})`;
    case 3:
      return `.isBetween(${dated(random)}, ${dated(random)}${random.chance(0.4) ? `, ${random.chance(0.5) ? 'null' : unit(random)}, ${quote(random.pick(['[]', '[)', '(]', '()']))}` : ''})`;
    case 4:
      return `.from(${dated(random)}${random.chance(0.3) ? ', true' : ''})`;
    case 5:
      return `.calendar(${dated(random)})`;
    case 6:
      return `.get(${unit(random)})`;
    default:
      return random.chance(0.1) ? '.format()' : `.format(${quote(random.pick(PATTERNS))})`;
  }
}

export function moments(random) {
  const head = "const moment = require('moment'); ";
  if (random.chance(0.05)) return `${head}return ${random.pick(FIXED)};`;
  if (random.chance(0.15))
    return `${head}return moment.duration(${random.pick(SPANS)}${random.chance(0.3) ? `, ${unit(random)}` : ''}).${random.pick(SPAN_CALLS)};`;
  // What a text without a date gives depends on today, so it is given one.
  const steps = random.several(0, 3, () => step(random)).join('');
  const start = random.chance(0.5) ? dated(random) : moment(random);
  const finish = end(random);
  return `${head}return ${start}${steps}${finish};`;
}
