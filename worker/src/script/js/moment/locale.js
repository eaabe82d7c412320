// The English locale of moment, the only one in this engine: names, long formats, phrases for calendar and
// relative times. The object is the result of moment.localeData().

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS_SHORT = MONTHS.map((name) => name.slice(0, 3));
const WEEKDAYS_SHORT = WEEKDAYS.map((name) => name.slice(0, 3));
const WEEKDAYS_MIN = WEEKDAYS.map((name) => name.slice(0, 2));

const LONG_FORMATS = {
  LTS: 'h:mm:ss A',
  LT: 'h:mm A',
  L: 'MM/DD/YYYY',
  LL: 'MMMM D, YYYY',
  LLL: 'MMMM D, YYYY h:mm A',
  LLLL: 'dddd, MMMM D, YYYY h:mm A',
  l: 'M/D/YYYY',
  ll: 'MMM D, YYYY',
  lll: 'MMM D, YYYY h:mm A',
  llll: 'ddd, MMM D, YYYY h:mm A',
};

const CALENDAR = {
  sameDay: '[Today at] LT',
  nextDay: '[Tomorrow at] LT',
  nextWeek: 'dddd [at] LT',
  lastDay: '[Yesterday at] LT',
  lastWeek: '[Last] dddd [at] LT',
  sameElse: 'L',
};

const RELATIVE = {
  future: 'in %s',
  past: '%s ago',
  s: 'a few seconds',
  ss: '%d seconds',
  m: 'a minute',
  mm: '%d minutes',
  h: 'an hour',
  hh: '%d hours',
  d: 'a day',
  dd: '%d days',
  w: 'a week',
  ww: '%d weeks',
  M: 'a month',
  MM: '%d months',
  y: 'a year',
  yy: '%d years',
};

function ordinal(number) {
  if (Math.floor((number % 100) / 10) === 1) return `${number}th`;
  return number + (['th', 'st', 'nd', 'rd'][number % 10] || 'th');
}

// Returns the position of the name that the text begins with, or equals if strict.
function findName(names, shortest, text, strict) {
  const lower = text.toLowerCase();
  const index = names.findIndex((name, at) =>
    strict
      ? lower === name.toLowerCase()
      : lower.startsWith(name.toLowerCase()) || lower.startsWith(shortest[at].toLowerCase()),
  );
  return index < 0 ? null : index;
}

function monthsParse(text, format, strict) {
  return findName(format === 'MMM' ? MONTHS_SHORT : MONTHS, MONTHS_SHORT, String(text), strict);
}

function weekdaysParse(text, format, strict) {
  const names = { dd: WEEKDAYS_MIN, ddd: WEEKDAYS_SHORT }[format] || WEEKDAYS;
  return findName(names, WEEKDAYS_MIN, String(text), strict);
}

const nameIn = (names, getter) => (moment) => (moment ? names[moment[getter]()] : [...names]);

const english = {
  months: nameIn(MONTHS, 'month'),
  monthsShort: nameIn(MONTHS_SHORT, 'month'),
  weekdays: nameIn(WEEKDAYS, 'day'),
  weekdaysShort: nameIn(WEEKDAYS_SHORT, 'day'),
  weekdaysMin: nameIn(WEEKDAYS_MIN, 'day'),
  monthsParse,
  weekdaysParse,
  ordinal,
  firstDayOfWeek: () => 0,
  firstDayOfYear: () => 6,
  longDateFormat: (key) => LONG_FORMATS[key],
  invalidDate: () => 'Invalid date',
  isPM: (text) => String(text).toLowerCase().startsWith('p'),
  meridiem: (hours, minutes, isLower) => (isLower ? (hours > 11 ? 'pm' : 'am') : hours > 11 ? 'PM' : 'AM'),
  calendar: (key) => CALENDAR[key] || CALENDAR.sameElse,
  relativeTime: (number, withoutSuffix, key) => RELATIVE[key].replace('%d', number),
  pastFuture: (difference, text) => RELATIVE[difference > 0 ? 'future' : 'past'].replace('%s', text),
};

module.exports = { english, MONTHS, MONTHS_SHORT, WEEKDAYS, WEEKDAYS_SHORT, WEEKDAYS_MIN };
