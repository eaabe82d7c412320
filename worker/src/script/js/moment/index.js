// The moment of scripts: require('moment'). Behaves as moment 2.30 with the English locale; time zones are
// local, UTC and fixed offsets.
// Not supported: moment-timezone, other locales (requesting one keeps English), changing the locale.

const { Moment, isMoment } = require('vayu:moment/core');
const { clock, formats, createLocal, createUtc, invalid, isDate } = require('vayu:moment/input');
const { Duration, createDuration, isDuration, thresholds } = require('vayu:moment/duration');
const { normalizeUnit } = require('vayu:moment/units');
const { english } = require('vayu:moment/locale');
const { defaults, methods } = require('vayu:moment/display');

Object.assign(Moment.prototype, require('vayu:moment/fields'), require('vayu:moment/arithmetic'), methods);

// A function, because scripts may call it with new.
function moment(input, format, locale, strict) {
  return createLocal(input, format, locale, strict);
}
moment.prototype = moment.fn = Moment.prototype;
moment.prototype.constructor = Moment;

// The first invalid moment wins, else the one that `test` prefers.
function choose(given, test) {
  const list = given.length === 1 && Array.isArray(given[0]) ? given[0] : given;
  if (!list.length) return createLocal();
  return list.reduce((best, item) =>
    best.isValid() && (!item.isValid() || item[test](best)) ? item : best,
  );
}

// All names of a list, or the one at an index.
const names = (kind) => (format, index) => {
  const position = typeof format === 'number' ? format : index;
  const list = english[kind]();
  return position == null ? list : list[((position % list.length) + list.length) % list.length];
};

function refuse(name) {
  return () => {
    throw new Error(`moment.${name} is not supported by this engine; see docs/scripting.md`);
  };
}

function relativeTimeThreshold(key, limit) {
  if (thresholds[key] === undefined) return false;
  if (limit === undefined) return thresholds[key];
  thresholds[key] = limit;
  if (key === 's') thresholds.ss = limit - 1;
  return true;
}

Object.assign(moment, {
  isMoment,
  isDate,
  isDuration,
  relativeTimeThreshold,
  invalid: (flags) => invalid({ userInvalidated: true, ...flags }),
  utc: (input, format, locale, strict) => createUtc(input, format, locale, strict),
  unix: (seconds) => createLocal(seconds * 1000),
  parseZone: (...args) => createLocal(...args).parseZone(),
  min: (...args) => choose(args, 'isBefore'),
  max: (...args) => choose(args, 'isAfter'),
  duration: (input, unit) => createDuration(input, unit),
  normalizeUnits: normalizeUnit,
  locale: () => 'en',
  lang: () => 'en',
  locales: () => ['en'],
  localeData: () => english,
  months: names('months'),
  monthsShort: names('monthsShort'),
  weekdays: names('weekdays'),
  weekdaysShort: names('weekdaysShort'),
  weekdaysMin: names('weekdaysMin'),
  defineLocale: refuse('defineLocale'),
  updateLocale: refuse('updateLocale'),
  relativeTimeRounding: refuse('relativeTimeRounding'),
  ISO_8601: formats.ISO_8601,
  RFC_2822: formats.RFC_2822,
  version: '2.30.1',
  HTML5_FMT: {
    DATETIME_LOCAL: 'YYYY-MM-DDTHH:mm',
    DATETIME_LOCAL_SECONDS: 'YYYY-MM-DDTHH:mm:ss',
    DATETIME_LOCAL_MS: 'YYYY-MM-DDTHH:mm:ss.SSS',
    DATE: 'YYYY-MM-DD',
    TIME: 'HH:mm',
    TIME_SECONDS: 'HH:mm:ss',
    TIME_MS: 'HH:mm:ss.SSS',
    WEEK: 'GGGG-[W]WW',
    MONTH: 'YYYY-MM',
  },
});
moment.duration.fn = Duration.prototype;

// Scripts may replace these on the library object.
Object.defineProperties(moment, {
  now: {
    enumerable: true,
    get: () => clock.now,
    set: (value) => {
      clock.now = value;
    },
  },
  defaultFormat: {
    enumerable: true,
    get: () => defaults.defaultFormat,
    set: (value) => {
      defaults.defaultFormat = value;
    },
  },
  defaultFormatUtc: {
    enumerable: true,
    get: () => defaults.defaultFormatUtc,
    set: (value) => {
      defaults.defaultFormatUtc = value;
    },
  },
});

module.exports = moment;
