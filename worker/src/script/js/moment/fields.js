// Getters and setters of moments, single and by unit name, and the switch between local time, UTC and fixed
// offsets. Setters change the moment that they are called on and return it.

const { getField, setField } = require('vayu:moment/core');
const {
  normalizeUnit,
  normalizeObject,
  mod,
  daysInMonth,
  isLeapYear,
  utcTime,
  localTime,
  US_WEEK,
  ISO_WEEK,
  weeksInYear,
  weekOf,
  dateOfWeek,
} = require('vayu:moment/units');
const { english } = require('vayu:moment/locale');
const { offsetOf, SHORT_OFFSET, FULL_OFFSET } = require('vayu:moment/iso');

const plainField = (unit) =>
  function (value) {
    if (value == null) return getField(this, unit);
    setField(this, unit, +value);
    return this;
  };

// A field that is set by moving the moment some days.
const movingField = (get, days) =>
  function (value) {
    if (value == null) return get(this);
    if (!this.isValid()) return this;
    return this.add(days(this, value), 'd');
  };

function month(value) {
  if (value == null) return getField(this, 'month');
  let index = value;
  if (typeof value === 'string') index = /^\d+$/.test(value) ? +value : english.monthsParse(value);
  if (typeof index === 'number') setField(this, 'month', index);
  return this;
}

function dayOfYear(moment) {
  const start = utcTime(moment.year());
  return Math.round((utcTime(moment.year(), moment.month(), moment.date()) - start) / 86400000) + 1;
}

function weekdayNumber(value) {
  if (typeof value !== 'string') return value;
  return Number.isNaN(+value) ? english.weekdaysParse(value) : parseInt(value, 10);
}

const week = (moment, rule) =>
  moment.isValid() ? weekOf(moment.year(), dayOfYear(moment), rule) : { year: NaN, week: NaN };
const orNaN = (get) => (moment) => (moment.isValid() ? get(moment) : NaN);
const relativeDay = orNaN((moment) => mod(moment.day(), 7));
const isoDay = orNaN((moment) => moment.day() || 7);

const weekField = (rule) =>
  movingField(
    (moment) => week(moment, rule).week,
    (moment, value) => (value - week(moment, rule).week) * 7,
  );

const weekYearField = (rule, weekday) =>
  function (value) {
    const current = week(this, rule);
    if (value == null) return current.year;
    const number = Math.min(current.week, weeksInYear(+value, rule));
    const [year, monthNumber, date] = dateOfWeek(+value, number, weekday(this), rule);
    return this.year(year).month(monthNumber).date(date);
  };

const single = {
  year: plainField('year'),
  month,
  date: plainField('date'),
  hour: plainField('hour'),
  minute: plainField('minute'),
  second: plainField('second'),
  millisecond: plainField('millisecond'),
  day: movingField(
    orNaN((moment) => getField(moment, 'day')),
    (moment, value) => weekdayNumber(value) - moment.day(),
  ),
  weekday: movingField(relativeDay, (moment, value) => value - relativeDay(moment)),
  isoWeekday: movingField(isoDay, (moment, value) => {
    const name = typeof value === 'string' ? mod(english.weekdaysParse(value), 7) || 7 : value;
    return (moment.day() % 7 ? name : name - 7) - moment.day();
  }),
  dayOfYear: movingField(orNaN(dayOfYear), (moment, value) => value - dayOfYear(moment)),
  week: weekField(US_WEEK),
  isoWeek: weekField(ISO_WEEK),
  weekYear: weekYearField(US_WEEK, relativeDay),
  isoWeekYear: weekYearField(ISO_WEEK, (moment) => isoDay(moment) - 1),
  quarter(value) {
    return value == null
      ? Math.ceil((this.month() + 1) / 3)
      : this.month((value - 1) * 3 + (this.month() % 3));
  },
};

// Larger units are set before smaller ones.
const SETTING_ORDER = [
  'year',
  'weekYear',
  'isoWeekYear',
  'dayOfYear',
  'week',
  'isoWeek',
  'quarter',
  'month',
  'date',
  'day',
  'weekday',
  'isoWeekday',
  'hour',
  'minute',
  'second',
  'millisecond',
];

function set(units, value) {
  if (units !== null && typeof units === 'object') {
    const given = normalizeObject(units);
    for (const unit of SETTING_ORDER) if (unit in given) single[unit].call(this, given[unit]);
    return this;
  }
  const unit = normalizeUnit(units);
  return unit ? single[unit].call(this, value) : this;
}

function get(units) {
  const unit = normalizeUnit(units);
  return unit ? single[unit].call(this) : this;
}

const localFields = (date) => [
  date.getFullYear(),
  date.getMonth(),
  date.getDate(),
  date.getHours(),
  date.getMinutes(),
  date.getSeconds(),
  date.getMilliseconds(),
];
const utcFields = (date) => [
  date.getUTCFullYear(),
  date.getUTCMonth(),
  date.getUTCDate(),
  date.getUTCHours(),
  date.getUTCMinutes(),
  date.getUTCSeconds(),
  date.getUTCMilliseconds(),
];

function utcOffset(value, keepLocal) {
  if (value == null) {
    if (!this.isValid()) return NaN;
    return this._isUTC ? this._offset : -Math.round(this._d.getTimezoneOffset());
  }
  if (!this.isValid()) return this;
  let offset = typeof value === 'string' ? offsetOf(value, SHORT_OFFSET) : value;
  if (offset === null) return this;
  if (typeof value === 'number' && Math.abs(value) < 16) offset = value * 60;
  const shown = this._isUTC ? this._d.getTime() : utcTime(...localFields(this._d));
  this._d = new Date(keepLocal ? shown : this.valueOf() + offset * 60000);
  this._isUTC = true;
  this._offset = offset;
  return this;
}

function local(keepLocal) {
  if (this._isUTC) {
    this._d = new Date(keepLocal ? localTime(...utcFields(this._d)) : this.valueOf());
    this._isUTC = false;
    this._offset = 0;
  }
  return this;
}

function parseZone() {
  if (this._tzm != null) return this.utcOffset(this._tzm, false);
  if (typeof this._i !== 'string') return this;
  const offset = offsetOf(this._i, FULL_OFFSET);
  return offset == null ? this.utcOffset(0, true) : this.utcOffset(offset);
}

const plural = {};
for (const unit of [
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
  'quarter',
])
  plural[`${unit}s`] = single[unit];

module.exports = {
  ...single,
  ...plural,
  get,
  set,
  utcOffset,
  local,
  parseZone,
  utc(keepLocal) {
    return this.utcOffset(0, keepLocal);
  },
  isLocal() {
    return this.isValid() && !this._isUTC;
  },
  isUtcOffset() {
    return this.isValid() && this._isUTC;
  },
  isUtc() {
    return this.isValid() && this._isUTC && this._offset === 0;
  },
  isUTC() {
    return this.isUtc();
  },
  isDST() {
    const offset = this.utcOffset();
    return offset > this.clone().month(0).utcOffset() || offset > this.clone().month(5).utcOffset();
  },
  zoneAbbr() {
    return this._isUTC ? 'UTC' : '';
  },
  zoneName() {
    return this._isUTC ? 'Coordinated Universal Time' : '';
  },
  isLeapYear() {
    return isLeapYear(this.year());
  },
  daysInMonth() {
    return daysInMonth(this.year(), this.month());
  },
  weeksInYear() {
    return weeksInYear(this.year(), US_WEEK);
  },
  weeksInWeekYear() {
    return weeksInYear(this.weekYear(), US_WEEK);
  },
  isoWeeksInYear() {
    return weeksInYear(this.year(), ISO_WEEK);
  },
  isoWeeksInISOWeekYear() {
    return weeksInYear(this.isoWeekYear(), ISO_WEEK);
  },
};
