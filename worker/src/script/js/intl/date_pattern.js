// The order of the fields of a date in US English: converts options to a list of fields and of texts between
// them. `date_fields.js` decides how a field looks.

const STYLED_DATES = {
  full: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
  long: { year: 'numeric', month: 'long', day: 'numeric' },
  medium: { year: 'numeric', month: 'short', day: 'numeric' },
  short: { year: '2-digit', month: 'numeric', day: 'numeric' },
};
const TIME = { hour: 'numeric', minute: '2-digit' };
const STYLED_TIMES = {
  full: { ...TIME, second: '2-digit', timeZoneName: 'long' },
  long: { ...TIME, second: '2-digit', timeZoneName: 'short' },
  medium: { ...TIME, second: '2-digit' },
  short: TIME,
};

const isText = (style) => style !== undefined && style !== 'numeric' && style !== '2-digit';

// Joins parts with a text between them; empty parts are omitted.
const joined = (lists, between) => {
  const parts = [];
  for (const list of lists) {
    if (list.length === 0) continue;
    if (parts.length > 0) parts.push(between);
    parts.push(...list);
  }
  return parts;
};

const one = (fields, name) => (fields[name] === undefined ? [] : [{ name, style: fields[name] }]);

// `January 2, 2024`, `Jan 2024`, `Jan 2`.
const textDate = (fields) => {
  const day = joined([one(fields, 'month'), one(fields, 'day')], ' ');
  return joined([day, one(fields, 'year')], fields.day === undefined ? ' ' : ', ');
};

const numericDate = (fields) => joined([one(fields, 'month'), one(fields, 'day'), one(fields, 'year')], '/');

// Without a month, a year next to a day is labelled as a year.
const monthless = (fields) => {
  if (fields.year === undefined) return one(fields, 'day');
  if (fields.day === undefined) return one(fields, 'year');
  return [...one(fields, 'year'), ' (day: ', ...one(fields, 'day'), ')'];
};

const plainDate = (fields) => {
  if (fields.month === undefined) return monthless(fields);
  return isText(fields.month) ? textDate(fields) : numericDate(fields);
};

const dateParts = (fields) => {
  const date = joined([plainDate(fields), one(fields, 'era')], ' ');
  const weekday = one(fields, 'weekday');
  if (fields.month !== undefined && fields.day !== undefined) return joined([weekday, date], ', ');
  return joined([date, weekday], ' ');
};

// Fractional seconds imply the second.
const withSecond = (fields) =>
  fields.fractionalSecondDigits !== undefined && fields.minute !== undefined ? { second: '2-digit', ...fields } : fields;

// Returns whether the hour cycle is a 12-hour cycle.
const isHalf = (cycle) => cycle === 'h11' || cycle === 'h12';

const clockParts = (given, cycle) => {
  const fields = withSecond(given);
  const parts = [];
  const put = (name, style, before) => {
    if (fields[name] === undefined) return;
    if (parts.length > 0) parts.push(before);
    parts.push({ name, style });
  };
  const { hour, minute, second } = fields;
  put('hour', isHalf(cycle) ? hour : '2-digit', '');
  // Minutes and seconds alone have no leading zero.
  put('minute', hour !== undefined || second !== undefined ? '2-digit' : 'numeric', ':');
  const isLoose = hour !== undefined && minute === undefined;
  if (!isLoose) put('second', minute !== undefined ? '2-digit' : 'numeric', ':');
  put('fractionalSecondDigits', fields.fractionalSecondDigits, '.');
  if (hour !== undefined && isHalf(cycle)) {
    const period = fields.dayPeriod === undefined ? { name: 'half' } : { name: 'dayPeriod', style: fields.dayPeriod };
    parts.push(' ', period);
  } else if (hour === undefined && fields.dayPeriod !== undefined) {
    if (parts.length > 0) parts.push(' ');
    parts.push({ name: 'dayPeriod', style: fields.dayPeriod });
  }
  // A second without its minute is labelled.
  if (isLoose && second !== undefined) parts.push(' (second: ', { name: 'second', style: 'numeric' }, ')');
  return parts;
};

const between = (fields, styles, cycle) => {
  if (styles !== undefined) return styles.dateStyle === 'full' || styles.dateStyle === 'long' ? ' at ' : ', ';
  const { year, month, day, hour, minute, timeZoneName, fractionalSecondDigits } = fields;
  const isWeekday = year === undefined && month === undefined && day === undefined;
  const isTime = hour !== undefined && (minute !== undefined || isHalf(cycle));
  const isClock = isTime && timeZoneName === undefined && fractionalSecondDigits === undefined;
  if (isWeekday && isClock) return ' ';
  return month === 'long' ? ' at ' : ', ';
};

// Merges adjacent texts.
const merged = (parts) => {
  const list = [];
  for (const part of parts) {
    if (typeof part === 'string' && typeof list.at(-1) === 'string') list.push(list.pop() + part);
    else list.push(part);
  }
  return list;
};

// Returns the list of fields, `{ name, style }`, and of texts.
const pattern = (options) => merged(ordered(options));

// A 24-hour hour alone next to a zone is marked, as in `16h GMT+9`.
const withMark = (clock, all, cycle) =>
  clock.length === 1 && all.hour !== undefined && !isHalf(cycle) ? [...clock, 'h'] : clock;

const ordered = ({ fields, styles, cycle }) => {
  const all = fields ?? { ...STYLED_DATES[styles.dateStyle], ...STYLED_TIMES[styles.timeStyle] };
  const date = dateParts(all);
  const clock = clockParts(all, cycle);
  const zone = one(all, 'timeZoneName');
  const time = zone.length === 0 ? clock : joined([withMark(clock, all, cycle), zone], ' ');
  return joined([date, time], between(all, styles, cycle));
};

module.exports = { pattern };
