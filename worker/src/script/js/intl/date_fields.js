// The fields of a date in US English: from an instant in a time zone to the text of each field.

const zones = require('vayu:intl/zones');

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October',
  'November', 'December'];
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const ERAS = { long: ['Before Christ', 'Anno Domini'], short: ['BC', 'AD'], narrow: ['B', 'A'] };
// Hours at which the day periods begin.
const PERIODS = [[21, 'at night'], [18, 'in the evening'], [12, 'in the afternoon'], [0, 'in the morning']];
const LENGTHS = { short: 3, narrow: 1 };

const named = (names, index, style) => names[index].slice(0, LENGTHS[style]);
const numbered = (number, style) => (style === '2-digit' ? String(number % 100).padStart(2, '0') : String(number));

// The calendar and clock fields of an instant in a zone.
const localTime = (time, zone) => {
  const offset = zones.offsetAt(zone, time);
  const date = new Date(time + offset.seconds * 1000);
  const year = date.getUTCFullYear();
  return {
    offset,
    // There is no year 0: before 1 is 1 BC.
    year: year > 0 ? year : 1 - year,
    era: year > 0 ? 1 : 0,
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
  };
};

const hourOf = (hour, cycle) => {
  switch (cycle) {
    case 'h11': return hour % 12;
    case 'h12': return hour % 12 || 12;
    case 'h24': return hour || 24;
    default: return hour;
  }
};

// Noon has its own name unless a finer field that is shown is not zero.
const periodOf = (local, style, shown) => {
  const isNoon = local.hour === 12 && !(shown.has('minute') && local.minute > 0) && !(shown.has('second') && local.second > 0);
  if (isNoon) return style === 'narrow' ? 'n' : 'noon';
  return PERIODS.find(([from]) => local.hour >= from)[1];
};

// `local` is the result of `localTime`, `shown` the names of all fields of the pattern.
const FIELDS = {
  weekday: (local, style) => named(WEEKDAYS, local.weekday, style),
  era: (local, style) => ERAS[style][local.era],
  year: (local, style) => numbered(local.year, style),
  month: (local, style) =>
    style === 'numeric' || style === '2-digit' ? numbered(local.month + 1, style) : named(MONTHS, local.month, style),
  day: (local, style) => numbered(local.day, style),
  half: (local) => (local.hour < 12 ? 'AM' : 'PM'),
  dayPeriod: (local, style, { shown }) => periodOf(local, style, shown),
  hour: (local, style, { cycle }) => numbered(hourOf(local.hour, cycle), style),
  minute: (local, style) => numbered(local.minute, style),
  second: (local, style) => numbered(local.second, style),
  fractionalSecondDigits: (local, digits) => String(local.millisecond).padStart(3, '0').slice(0, digits),
  timeZoneName: (local, style, { zone }) => zones.nameAt(zone, local.offset, style),
};
const TYPES = { half: 'dayPeriod', fractionalSecondDigits: 'fractionalSecond' };

// Returns one part of a date for each field and text of a pattern; `settings` are the zone, the hour cycle
// and the names shown.
const partsOf = (time, pattern, settings) => {
  const local = localTime(time, settings.zone);
  return pattern.map((part) => {
    if (typeof part === 'string') return { type: 'literal', value: part };
    return { type: TYPES[part.name] ?? part.name, value: FIELDS[part.name](local, part.style, settings) };
  });
};

module.exports = { partsOf };
