// The options of `Intl.DateTimeFormat` and of `toLocaleString` of dates: reads and validates them, and adds
// the defaults.

const { checkSame, numberOf, locale, objectOf, textOf } = require('vayu:intl/options');
const zones = require('vayu:intl/zones');

const NAMES = ['narrow', 'short', 'long'];
const NUMBERS = ['2-digit', 'numeric'];
const STYLES = ['full', 'long', 'medium', 'short'];
const ZONE_NAMES = ['short', 'long', 'shortOffset', 'longOffset'];
const CYCLES = ['h11', 'h12', 'h23', 'h24'];

const FIELDS = {
  weekday: NAMES,
  era: NAMES,
  year: NUMBERS,
  month: [...NUMBERS, ...NAMES],
  day: NUMBERS,
  dayPeriod: NAMES,
  hour: NUMBERS,
  minute: NUMBERS,
  second: NUMBERS,
};
const DATE = ['weekday', 'year', 'month', 'day'];
const TIME = ['dayPeriod', 'hour', 'minute', 'second', 'fractionalSecondDigits'];
const DATE_DEFAULTS = ['year', 'month', 'day'];
const TIME_DEFAULTS = ['hour', 'minute', 'second'];

// The fields that a call requires (`any` of both, `date`, `time`) and those it shows without options.
const KINDS = {
  format: { required: [...DATE, ...TIME], defaults: DATE_DEFAULTS },
  all: { required: [...DATE, ...TIME], defaults: [...DATE_DEFAULTS, ...TIME_DEFAULTS] },
  date: { required: DATE, defaults: DATE_DEFAULTS, refuses: 'timeStyle' },
  time: { required: TIME, defaults: TIME_DEFAULTS, refuses: 'dateStyle' },
};

const readFields = (options) => {
  const fields = {};
  for (const [name, values] of Object.entries(FIELDS)) {
    const value = textOf(options, name, values);
    if (value !== undefined) fields[name] = value;
  }
  const digits = numberOf(options, 'fractionalSecondDigits', 1, 3, undefined);
  if (digits !== undefined) fields.fractionalSecondDigits = digits;
  const zoneName = textOf(options, 'timeZoneName', ZONE_NAMES);
  if (zoneName !== undefined) fields.timeZoneName = zoneName;
  return fields;
};

const readStyles = (options, fields, kind) => {
  const dateStyle = textOf(options, 'dateStyle', STYLES);
  const timeStyle = textOf(options, 'timeStyle', STYLES);
  if (dateStyle === undefined && timeStyle === undefined) return undefined;
  const refused = KINDS[kind].refuses;
  if (refused !== undefined && options[refused] !== undefined) {
    throw new TypeError(`Invalid option : ${refused}: this method shows the ${kind} only`);
  }
  const [other] = Object.keys(fields);
  if (other !== undefined) {
    throw new TypeError(`Can't set option ${other} when ${dateStyle === undefined ? 'timeStyle' : 'dateStyle'} is used`);
  }
  return { dateStyle, timeStyle };
};

const readCycle = (options, keywords) => {
  const given = textOf(options, 'hourCycle', CYCLES);
  if (options.hour12 !== undefined) return options.hour12 ? 'h12' : 'h23';
  return given ?? (CYCLES.includes(keywords.hc) ? keywords.hc : 'h12');
};

const withDefaults = (fields, kind) => {
  const { required, defaults } = KINDS[kind];
  if (required.some((name) => fields[name] !== undefined)) return fields;
  const added = { ...fields };
  for (const name of defaults) added[name] = 'numeric';
  return added;
};

// Returns everything that a format needs: `fields` or `styles`, the hour cycle and the zone.
const read = (locales, given, kind) => {
  const keywords = locale(locales);
  const options = objectOf(given);
  checkSame({ numberingSystem: keywords.nu, calendar: keywords.ca }, 'numberingSystem', 'latn');
  checkSame({ calendar: keywords.ca }, 'calendar', 'gregory');
  checkSame(options, 'calendar', 'gregory');
  checkSame(options, 'numberingSystem', 'latn');
  textOf(options, 'localeMatcher', ['lookup', 'best fit']);
  textOf(options, 'formatMatcher', ['basic', 'best fit']);
  const cycle = readCycle(options, keywords);
  const zone = zones.resolve(options.timeZone);
  const fields = readFields(options);
  const styles = readStyles(options, fields, kind);
  return styles === undefined ? { fields: withDefaults(fields, kind), cycle, zone } : { styles, cycle, zone };
};

module.exports = { FIELDS, read };
