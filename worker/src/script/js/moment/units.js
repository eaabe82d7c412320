// Names of time units for moment, and calendar arithmetic that needs no moment: month lengths, leap years,
// weeks. Months count from 0. Week rules are given as the first day of the week and the January day that is
// always in week 1.

const SHORT = {
  y: 'year',
  Q: 'quarter',
  M: 'month',
  w: 'week',
  d: 'day',
  D: 'date',
  h: 'hour',
  m: 'minute',
  s: 'second',
  ms: 'millisecond',
  W: 'isoWeek',
  E: 'isoWeekday',
  e: 'weekday',
  DDD: 'dayOfYear',
  gg: 'weekYear',
  GG: 'isoWeekYear',
};
const LONG = [
  'year',
  'quarter',
  'month',
  'week',
  'day',
  'date',
  'hour',
  'minute',
  'second',
  'millisecond',
  'isoWeek',
  'isoWeekday',
  'weekday',
  'dayOfYear',
  'weekYear',
  'isoWeekYear',
];

function normalizeUnit(name) {
  if (typeof name !== 'string') return undefined;
  if (Object.hasOwn(SHORT, name)) return SHORT[name];
  const lower = name.toLowerCase();
  if (Object.hasOwn(SHORT, lower)) return SHORT[lower];
  return LONG.find((unit) => unit.toLowerCase() === lower || `${unit.toLowerCase()}s` === lower);
}

function normalizeObject(given) {
  const result = {};
  for (const key of Object.keys(given)) {
    const unit = normalizeUnit(key);
    if (unit) result[unit] = given[key];
  }
  return result;
}

const mod = (number, by) => ((number % by) + by) % by;
const truncate = (number) => (number < 0 ? Math.ceil(number) || 0 : Math.floor(number));

function toInt(value) {
  const number = +value;
  return number !== 0 && Number.isFinite(number) ? truncate(number) : 0;
}

const pad = (number, width, forceSign) => {
  const sign = number >= 0 ? (forceSign ? '+' : '') : '-';
  return sign + String(Math.abs(number)).padStart(width, '0');
};

const isLeapYear = (year) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const daysInYear = (year) => (isLeapYear(year) ? 366 : 365);

function daysInMonth(year, month) {
  if (Number.isNaN(year) || Number.isNaN(month)) return NaN;
  const real = mod(month, 12);
  if (real === 1) return isLeapYear(year + (month - real) / 12) ? 29 : 28;
  return [3, 5, 8, 10].includes(real) ? 30 : 31;
}

// Years below 100 are taken literally, unlike in the Date constructor.
function utcTime(year, month = 0, ...rest) {
  if (year < 0 || year > 99) return Date.UTC(year, month, ...rest);
  const date = new Date(Date.UTC(year + 400, month, ...rest));
  date.setUTCFullYear(date.getUTCFullYear() - 400);
  return date.getTime();
}

function localTime(year, month = 0, ...rest) {
  if (year < 0 || year > 99) return new Date(year, month, ...rest).getTime();
  const date = new Date(year + 400, month, ...rest);
  date.setFullYear(date.getFullYear() - 400);
  return date.getTime();
}

const US_WEEK = { first: 0, always: 1 };
const ISO_WEEK = { first: 1, always: 4 };

// Day of the year (from 0, may be negative) on which week 1 of the year starts.
function weekOneStart(year, { first, always }) {
  const weekday = new Date(utcTime(year, 0, always)).getUTCDay();
  return always - 1 - mod(weekday - first, 7);
}

const weeksInYear = (year, rule) =>
  (weekOneStart(year + 1, rule) + daysInYear(year) - weekOneStart(year, rule)) / 7;

function weekOf(year, dayOfYear, rule) {
  const week = Math.floor((dayOfYear - 1 - weekOneStart(year, rule)) / 7) + 1;
  if (week < 1) return { year: year - 1, week: week + weeksInYear(year - 1, rule) };
  const count = weeksInYear(year, rule);
  return week > count ? { year: year + 1, week: week - count } : { year, week };
}

// Weekday is relative to the first day of the week. The result is [year, month, date].
function dateOfWeek(year, week, weekday, rule) {
  const date = new Date(utcTime(year, 0, 1 + weekOneStart(year, rule) + 7 * (week - 1) + weekday));
  return [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
}

module.exports = {
  normalizeUnit,
  normalizeObject,
  mod,
  truncate,
  toInt,
  pad,
  isLeapYear,
  daysInYear,
  daysInMonth,
  utcTime,
  localTime,
  US_WEEK,
  ISO_WEEK,
  weeksInYear,
  weekOf,
  dateOfWeek,
};
