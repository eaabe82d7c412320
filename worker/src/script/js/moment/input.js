// Creates moments from what scripts pass: nothing, text (ISO 8601, RFC 2822 or by format), numbers, dates,
// arrays, objects and other moments. Missing fields come from today if they are larger than the first one
// given, otherwise they are the smallest possible. Other text is passed to Date, as in the original, but
// without its warning.

const { Moment, isMoment, INVALID } = require('vayu:moment/core');
const {
  normalizeObject,
  daysInMonth,
  daysInYear,
  utcTime,
  localTime,
  US_WEEK,
  ISO_WEEK,
  weeksInYear,
  weekOf,
  dateOfWeek,
} = require('vayu:moment/units');
const { readIso, readRfc } = require('vayu:moment/iso');
const { scan } = require('vayu:moment/scan');
const { settings } = require('vayu:settings');

const clock = settings(() => ({ now: () => Date.now() }));
const formats = { ISO_8601: () => undefined, RFC_2822: () => undefined };

const isDate = (value) =>
  value instanceof Date || Object.prototype.toString.call(value) === '[object Date]';
const isObject = (value) => Object.prototype.toString.call(value) === '[object Object]';
const isBlank = (value) =>
  Array.isArray(value) ? value.length === 0 : isObject(value) && !Object.keys(value).length;

function today(utc) {
  const now = new Date(clock.now());
  return utc
    ? [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
    : [now.getFullYear(), now.getMonth(), now.getDate()];
}

function dayOfYear([year, month, date]) {
  return Math.round((utcTime(year, month, date) - utcTime(year)) / 86400000) + 1;
}

// Converts week fields to year, month and date; returns what was out of range.
function applyWeek(read) {
  const { week, fields } = read;
  const iso = week.GG != null || week.W != null || week.E != null;
  const rule = iso ? ISO_WEEK : US_WEEK;
  const now = today(false);
  const current = weekOf(now[0], dayOfYear(now), rule);
  const given = (value, ...others) => [value, ...others].find((item) => item != null);
  const year = iso ? given(week.GG, fields[0], current.year) : given(week.gg, fields[0], current.year);
  const number = iso ? given(week.W, 1) : given(week.w, current.week);
  let weekday = iso ? given(week.E, 1) - 1 : 0;
  let outOfRange = iso && (weekday < 0 || weekday > 6);
  if (!iso && week.d != null) {
    weekday = week.d;
    outOfRange = weekday < 0 || weekday > 6;
  } else if (!iso && week.e != null) {
    weekday = week.e;
    outOfRange = weekday < 0 || weekday > 6;
  }
  if (number < 1 || number > weeksInYear(year, rule)) return 7;
  if (outOfRange) return 8;
  [fields[0], fields[1], fields[2]] = dateOfWeek(year, number, weekday, rule);
  return undefined;
}

function applyDayOfYear(read, now) {
  const { fields } = read;
  const year = fields[0] == null ? now[0] : fields[0];
  const outOfRange = read.dayOfYear > daysInYear(year) || read.dayOfYear === 0;
  const date = new Date(utcTime(year, 0, read.dayOfYear));
  fields[1] = date.getUTCMonth();
  fields[2] = date.getUTCDate();
  return outOfRange ? 2 : undefined;
}

function overflowOf(fields) {
  const [year, month, date, hour, minute, second, part] = fields;
  if (month < 0 || month > 11) return 1;
  if (date < 1 || date > daysInMonth(year, month)) return 2;
  if (hour < 0 || hour > 24 || (hour === 24 && (minute || second || part))) return 3;
  if (minute < 0 || minute > 59) return 4;
  if (second < 0 || second > 59) return 5;
  return part < 0 || part > 999 ? 6 : -1;
}

function fillFields(fields, now) {
  let index = 0;
  for (; index < 3 && fields[index] == null; index++) fields[index] = now[index];
  for (; index < 7; index++) if (fields[index] == null) fields[index] = index === 2 ? 1 : 0;
}

// Builds the moment from the result of a reader.
function build(read, options) {
  const flags = { overflow: -1, ...read.flags };
  if (read.time !== undefined) return finish(new Date(read.time), flags, options, null);
  const utc = options.utc || read.zone != null;
  const fields = read.fields;
  const now = today(utc);
  let overflow;
  const hasWeek = read.week && Object.keys(read.week).length > 0;
  if (hasWeek && fields[1] == null && fields[2] == null) overflow = applyWeek(read);
  else if (read.dayOfYear != null) overflow = applyDayOfYear(read, now);
  fillFields(fields, now);
  flags.overflow = overflow === undefined ? overflowOf(fields) : overflow;
  const nextDay = fields[3] === 24 && flags.overflow < 0;
  if (nextDay) fields[3] = 0;
  const date = new Date(utc ? utcTime(...fields) : localTime(...fields));
  const weekday = utc ? date.getUTCDay() : date.getDay();
  if (hasWeek && read.week.d !== undefined && read.week.d !== weekday) flags.weekdayMismatch = true;
  if (read.zone) date.setUTCMinutes(date.getUTCMinutes() - read.zone);
  if (nextDay) date.setDate(date.getDate() + 1);
  return finish(date, flags, options, read.zone);
}

function finish(date, flags, options, zone) {
  const bad =
    flags.overflow >= 0 ||
    flags.empty ||
    flags.invalidMonth ||
    flags.invalidWeekday ||
    flags.nullInput ||
    flags.invalidFormat ||
    flags.userInvalidated ||
    flags.weekdayMismatch ||
    flags.misfit;
  flags[INVALID] = !!bad;
  return new Moment(bad ? new Date(NaN) : date, {
    utc: options.utc,
    flags,
    input: options.input,
    format: options.format,
    zone,
  });
}

const invalid = (flags, options = {}) => finish(new Date(NaN), flags, options, null);

function fromFormat(input, format, options) {
  const read = scan(input, format, options.strict);
  const { unusedTokens, unusedInput, charsLeftOver, empty, invalidMonth, invalidWeekday, bigHour } = read;
  const loneMeridiem = read.meridiem != null && read.fields.every((value) => value == null);
  const misfit =
    loneMeridiem || (options.strict && (charsLeftOver > 0 || unusedTokens.length > 0 || bigHour === true));
  read.flags = { unusedTokens, unusedInput, charsLeftOver, empty, invalidMonth, invalidWeekday, misfit };
  return build(read, options);
}

function fromOneFormat(input, format, options) {
  const reader = format === formats.ISO_8601 ? readIso : format === formats.RFC_2822 ? readRfc : null;
  if (reader) return fromRead(reader(String(input)), options) || invalid({ misfit: true }, options);
  return fromFormat(input, String(format), options);
}

function fromFormats(input, list, options) {
  if (!list.length) return invalid({ invalidFormat: true }, options);
  let best;
  for (const format of list) {
    const moment = fromOneFormat(input, format, { ...options, format });
    const { charsLeftOver = 0, unusedTokens = [] } = moment._flags;
    const score = charsLeftOver + unusedTokens.length * 10;
    const valid = moment.isValid();
    if (!best || score < best.score || (valid && !best.anyValid)) {
      best = { moment, score, anyValid: valid || !!(best && best.anyValid) };
    }
  }
  return best.moment;
}

function fromRead(read, options) {
  if (!read) return null;
  const misfit = options.strict && read.iso && /^\s|\sZ$/.test(options.input);
  read.flags = { iso: !!read.iso, rfc2822: !!read.rfc2822, weekdayMismatch: read.weekdayMismatch, misfit };
  return build(read, options);
}

function fromText(text, options) {
  const json = /^\/?Date\((-?\d+)/i.exec(text);
  if (json) return finish(new Date(+json[1]), {}, options, null);
  const found = fromRead(readIso(text), options) || fromRead(readRfc(text), options);
  if (found) return found;
  if (options.strict) return invalid({ misfit: true }, options);
  return finish(new Date(text + (options.utc ? ' UTC' : '')), {}, options, null);
}

function fromObject(given, options) {
  const unit = normalizeObject(given);
  const date = unit.day === undefined ? unit.date : unit.day;
  return fromArray(
    [unit.year, unit.month, date, unit.hour, unit.minute, unit.second, unit.millisecond],
    options,
  );
}

function fromArray(list, options) {
  return build(
    { fields: list.slice(0, 7).map((item) => (item ? parseInt(item, 10) : item)), zone: null },
    options,
  );
}

function fromValue(value, options) {
  if (value === undefined) return finish(new Date(clock.now()), {}, options, null);
  if (typeof value === 'string') return fromText(value, options);
  if (Array.isArray(value)) return fromArray(value, options);
  if (isObject(value)) return fromObject(value, options);
  if (typeof value === 'number' || Object.prototype.toString.call(value) === '[object Number]') {
    return finish(new Date(+value), {}, options, null);
  }
  return finish(new Date(`${value}${options.utc ? ' UTC' : ''}`), {}, options, null);
}

function parse(given, givenFormat, locale, givenStrict, utc) {
  const flagAsFormat = typeof givenFormat === 'boolean';
  const format = flagAsFormat ? undefined : givenFormat;
  const strict = !!(flagAsFormat ? givenFormat : typeof locale === 'boolean' ? locale : givenStrict);
  const input = isBlank(given) ? undefined : given;
  const options = { utc, strict, input, format };
  if (input === null || (format === undefined && input === ''))
    return invalid({ nullInput: true }, options);
  if (isMoment(input))
    return new Moment(new Date(+input), { utc, flags: input._flags, input: input._i, zone: input._tzm });
  if (isDate(input)) return finish(new Date(+input), {}, options, null);
  if (Array.isArray(format)) return fromFormats(input, format, options);
  return format ? fromOneFormat(input, format, options) : fromValue(input, options);
}

function createLocal(input, format, locale, strict) {
  const moment = parse(input, format, locale, strict, false);
  // A moment given alone keeps its mode.
  if (isMoment(input)) {
    moment._isUTC = input._isUTC;
    moment._offset = input._offset;
    moment._d = new Date(+input._d);
  }
  return moment;
}

const createUtc = (input, format, locale, strict) => parse(input, format, locale, strict, true);

// Returns a moment in the mode of `model`, at the instant of `input`.
function alike(input, model) {
  const source = isMoment(input) || isDate(input) ? input : createLocal(input);
  const result = isMoment(source) ? source.clone() : createLocal(source);
  return model._isUTC ? result.utcOffset(model._offset) : result.local();
}

module.exports = { clock, formats, createLocal, createUtc, alike, invalid, isDate, isObject };
