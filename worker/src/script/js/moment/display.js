// Output of moments: format, ISO and other text forms, arrays and objects, relative times and calendar
// phrases.

const { isMoment } = require('vayu:moment/core');
const { formatMoment } = require('vayu:moment/format');
const { english } = require('vayu:moment/locale');
const { createLocal, alike, isDate } = require('vayu:moment/input');
const { createDuration } = require('vayu:moment/duration');
const { settings } = require('vayu:settings');

const defaults = settings(() => ({
  defaultFormat: 'YYYY-MM-DDTHH:mm:ssZ',
  defaultFormatUtc: 'YYYY-MM-DDTHH:mm:ss[Z]',
}));

function format(pattern) {
  return formatMoment(this, pattern || (this.isUtc() ? defaults.defaultFormatUtc : defaults.defaultFormat));
}

function toISOString(keepOffset) {
  if (!this.isValid()) return null;
  const shown = keepOffset === true ? this : this.clone().utc();
  const year = shown.year() < 0 || shown.year() > 9999 ? 'YYYYYY' : 'YYYY';
  return formatMoment(shown, `${year}-MM-DD[T]HH:mm:ss.SSS${keepOffset === true ? 'Z' : '[Z]'}`);
}

function from(time, withoutSuffix) {
  const other = isMoment(time) ? time : createLocal(time);
  if (!this.isValid() || !other.isValid()) return english.invalidDate();
  return createDuration({ to: this, from: other }).humanize(!withoutSuffix);
}

function to(time, withoutSuffix) {
  const other = isMoment(time) ? time : createLocal(time);
  if (!this.isValid() || !other.isValid()) return english.invalidDate();
  return createDuration({ from: this, to: other }).humanize(!withoutSuffix);
}

function calendarKey(days) {
  if (days < -6) return 'sameElse';
  if (days < -1) return 'lastWeek';
  if (days < 0) return 'lastDay';
  if (days < 1) return 'sameDay';
  if (days < 2) return 'nextDay';
  return days < 7 ? 'nextWeek' : 'sameElse';
}

const isTime = (value) =>
  isMoment(value) ||
  isDate(value) ||
  typeof value === 'string' ||
  typeof value === 'number' ||
  Array.isArray(value);

function calendar(time, formats) {
  const onlyFormats = time && formats === undefined && !isTime(time);
  const phrases = onlyFormats ? time : formats;
  const now = onlyFormats || !time ? createLocal() : createLocal(time);
  const key = calendarKey(this.diff(alike(now, this).startOf('day'), 'days', true));
  const own = phrases && phrases[key];
  return this.format((typeof own === 'function' ? own.call(this, now) : own) || english.calendar(key));
}

const list = (moment) => [
  moment.year(),
  moment.month(),
  moment.date(),
  moment.hour(),
  moment.minute(),
  moment.second(),
  moment.millisecond(),
];

module.exports = {
  defaults,
  methods: {
    format,
    toISOString,
    from,
    to,
    calendar,
    fromNow(withoutSuffix) {
      return this.from(createLocal(), withoutSuffix);
    },
    toNow(withoutSuffix) {
      return this.to(createLocal(), withoutSuffix);
    },
    toDate() {
      return new Date(this.valueOf());
    },
    toArray() {
      return list(this);
    },
    toObject() {
      const [years, months, date, hours, minutes, seconds, milliseconds] = list(this);
      return { years, months, date, hours, minutes, seconds, milliseconds };
    },
    toJSON() {
      return this.isValid() ? this.toISOString() : null;
    },
    toString() {
      return formatMoment(this, 'ddd MMM DD YYYY HH:mm:ss [GMT]ZZ');
    },
    unix() {
      return Math.floor(this.valueOf() / 1000);
    },
    creationData() {
      return { input: this._i, format: this._f, isUTC: this._isUTC, strict: false, locale: english };
    },
    locale(key) {
      return key === undefined ? 'en' : this;
    },
    lang(key) {
      return key === undefined ? english : this;
    },
    localeData() {
      return english;
    },
  },
};
