// The Moment class: an instant shown in local time, UTC or a fixed offset, and access to its fields. In UTC
// and offset mode `_d` holds the time shifted by the offset, so its UTC getters return the fields. index.js
// adds all other methods to the prototype, from the files of their topic.

const { daysInMonth } = require('vayu:moment/units');

const INVALID = Symbol('invalid');

class Moment {
  constructor(date, { utc = false, offset = 0, flags = {}, input, format, zone = null } = {}) {
    this._isAMomentObject = true;
    this._d = date;
    this._isUTC = utc;
    this._offset = offset;
    this._flags = flags;
    this._i = input;
    this._f = format;
    this._tzm = zone;
  }

  clone() {
    return new Moment(new Date(this._d), {
      utc: this._isUTC,
      offset: this._offset,
      flags: this._flags,
      input: this._i,
      format: this._f,
      zone: this._tzm,
    });
  }

  isValid() {
    return !Number.isNaN(this._d.getTime()) && !this._flags[INVALID];
  }

  valueOf() {
    return this._d.getTime() - (this._isUTC ? this._offset * 60000 : 0);
  }

  parsingFlags() {
    return { ...this._flags };
  }

  invalidAt() {
    return this._flags.overflow === undefined ? -2 : this._flags.overflow;
  }
}

const GETTERS = {
  year: 'FullYear',
  month: 'Month',
  date: 'Date',
  day: 'Day',
  hour: 'Hours',
  minute: 'Minutes',
  second: 'Seconds',
  millisecond: 'Milliseconds',
};

const nameOf = (moment, kind, unit) => `${kind}${moment._isUTC ? 'UTC' : ''}${GETTERS[unit]}`;

function getField(moment, unit) {
  return moment.isValid() ? moment._d[nameOf(moment, 'get', unit)]() : NaN;
}

// Changing month or year keeps the date within the month.
function setField(moment, unit, value) {
  if (!moment.isValid() || Number.isNaN(value)) return;
  if (unit === 'year') {
    const month = getField(moment, 'month');
    const date = Math.min(getField(moment, 'date'), month === 1 ? daysInMonth(value, 1) : 31);
    moment._d[nameOf(moment, 'set', 'year')](value, month, date);
  } else if (unit === 'month') {
    const date = Math.min(getField(moment, 'date'), daysInMonth(getField(moment, 'year'), value));
    moment._d[nameOf(moment, 'set', 'month')](value, date);
  } else {
    moment._d[nameOf(moment, 'set', unit)](value);
  }
}

const isMoment = (value) => value instanceof Moment || (value != null && value._isAMomentObject === true);

module.exports = { Moment, getField, setField, isMoment, INVALID };
