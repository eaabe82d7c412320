// Arithmetic on moments: adding and subtracting, start and end of units, differences and comparisons. Days
// and months are added to the fields, so the hour of the day is preserved across a change to summer time;
// hours and smaller units are added to the instant.

const { setField, getField, isMoment } = require('vayu:moment/core');
const { normalizeUnit, mod, truncate, utcTime, localTime } = require('vayu:moment/units');
const { createLocal, alike } = require('vayu:moment/input');
const { createDuration } = require('vayu:moment/duration');

const LENGTH = { second: 1e3, minute: 6e4, hour: 36e5, day: 864e5, week: 6048e5 };
const roundAway = (number) => (number < 0 ? -Math.round(-number) : Math.round(number));

function move(moment, duration, sign) {
  if (!moment.isValid()) return moment;
  const months = roundAway(duration._months);
  const days = roundAway(duration._days);
  if (months) setField(moment, 'month', getField(moment, 'month') + months * sign);
  if (days) setField(moment, 'date', getField(moment, 'date') + days * sign);
  if (duration._milliseconds) moment._d = new Date(moment._d.getTime() + duration._milliseconds * sign);
  return moment;
}

// The old order of arguments, unit first, is accepted as well.
const mover = (sign) =>
  function (value, unit) {
    const swapped = unit != null && !Number.isNaN(+unit);
    return move(this, swapped ? createDuration(unit, value) : createDuration(value, unit), sign);
  };

const timeOf = (moment, ...fields) => (moment._isUTC ? utcTime(...fields) : localTime(...fields));

// Start of the unit `steps` units later, for units of a day and more.
function dayStart(moment, unit, steps) {
  const year = moment.year();
  const month = moment.month();
  const date = moment.date();
  switch (unit) {
    case 'year':
      return timeOf(moment, year + steps, 0, 1);
    case 'quarter':
      return timeOf(moment, year, month - (month % 3) + 3 * steps, 1);
    case 'month':
      return timeOf(moment, year, month + steps, 1);
    case 'week':
      return timeOf(moment, year, month, date - moment.weekday() + 7 * steps);
    case 'isoWeek':
      return timeOf(moment, year, month, date - moment.isoWeekday() + 1 + 7 * steps);
    case 'day':
    case 'date':
      return timeOf(moment, year, month, date + steps);
    default:
      return undefined;
  }
}

const border = (isEnd) =>
  function (units) {
    const unit = normalizeUnit(units);
    if (unit === undefined || unit === 'millisecond' || !this.isValid()) return this;
    const steps = isEnd ? 1 : 0;
    let time = this._d.getTime();
    if (unit === 'hour' || unit === 'minute' || unit === 'second') {
      const shift = this._isUTC || unit !== 'hour' ? 0 : this.utcOffset() * 6e4;
      time += steps * LENGTH[unit] - mod(time + shift, LENGTH[unit]);
    } else {
      const start = dayStart(this, unit, steps);
      time = start === undefined ? time + steps : start;
    }
    this._d = new Date(time - steps);
    return this;
  };

// Months from `other` to `moment` with a fraction of the month the rest falls in.
function monthsBetween(moment, other) {
  if (moment.date() < other.date()) return -monthsBetween(other, moment);
  const whole = (other.year() - moment.year()) * 12 + (other.month() - moment.month());
  const anchor = moment.clone().add(whole, 'months');
  const before = other - anchor < 0;
  const next = moment.clone().add(whole + (before ? -1 : 1), 'months');
  const part = (other - anchor) / (before ? anchor - next : next - anchor);
  return -(whole + part) || 0;
}

function diff(input, units, exact) {
  if (!this.isValid()) return NaN;
  const other = alike(input, this);
  if (!other.isValid()) return NaN;
  const unit = normalizeUnit(units);
  const zones = unit === 'day' || unit === 'week' ? (other.utcOffset() - this.utcOffset()) * 6e4 : 0;
  let result = this - other;
  if (unit === 'year') result = monthsBetween(this, other) / 12;
  else if (unit === 'quarter') result = monthsBetween(this, other) / 3;
  else if (unit === 'month') result = monthsBetween(this, other);
  else if (LENGTH[unit]) result = (result - zones) / LENGTH[unit];
  return exact ? result : truncate(result);
}

const asMoment = (value) => (isMoment(value) ? value : createLocal(value));
const isExact = (units) => (normalizeUnit(units) || 'millisecond') === 'millisecond';

// test(moment, other time, units) on valid moments only.
const comparison = (test) =>
  function (input, units) {
    const other = asMoment(input);
    return this.isValid() && other.isValid() && test(this, other.valueOf(), units);
  };

const startTime = (moment, units) => (isExact(units) ? +moment : +moment.clone().startOf(units));
const endTime = (moment, units) => (isExact(units) ? +moment : +moment.clone().endOf(units));
const isAfter = comparison((moment, time, units) => time < startTime(moment, units));
const isBefore = comparison((moment, time, units) => endTime(moment, units) < time);
const isSame = comparison(
  (moment, time, units) => startTime(moment, units) <= time && time <= endTime(moment, units),
);

function isBetween(from, to, units, bounds = '()') {
  const [start, end] = [asMoment(from), asMoment(to)];
  if (!(this.isValid() && start.isValid() && end.isValid())) return false;
  return (
    (bounds[0] === '(' ? this.isAfter(start, units) : !this.isBefore(start, units)) &&
    (bounds[1] === ')' ? this.isBefore(end, units) : !this.isAfter(end, units))
  );
}

module.exports = {
  add: mover(1),
  subtract: mover(-1),
  startOf: border(false),
  endOf: border(true),
  diff,
  isAfter,
  isBefore,
  isSame,
  isBetween,
  isSameOrAfter(input, units) {
    return this.isSame(input, units) || this.isAfter(input, units);
  },
  isSameOrBefore(input, units) {
    return this.isSame(input, units) || this.isBefore(input, units);
  },
};
