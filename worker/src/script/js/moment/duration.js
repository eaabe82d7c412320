// Durations of moment: months, days and milliseconds, which are converted into each other only for output.
// Created from a number and unit, an object, clock text ('1.02:03:04') or ISO text ('P1DT2H'), or from two
// moments ({ from, to }).

const { normalizeUnit, normalizeObject, truncate, toInt } = require('vayu:moment/units');
const { english } = require('vayu:moment/locale');
const { isMoment } = require('vayu:moment/core');
const { createLocal, alike } = require('vayu:moment/input');
const { settings } = require('vayu:settings');

const ORDER = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'];
const thresholds = settings(() => ({ ss: 44, s: 45, m: 45, h: 22, d: 26, w: null, M: 11 }));
const awayFromZero = (number) => (number < 0 ? Math.floor(number) : Math.ceil(number));
const daysToMonths = (days) => (days * 4800) / 146097;
const monthsToDays = (months) => (months * 146097) / 4800;

// Only known units with numbers are valid, and only the smallest may have a fraction.
function isValidParts(parts) {
  if (
    Object.keys(parts).some(
      (unit) => !ORDER.includes(unit) || (parts[unit] != null && Number.isNaN(+parts[unit])),
    )
  ) {
    return false;
  }
  const present = ORDER.filter((unit) => parts[unit]);
  return present.slice(0, -1).every((unit) => parseFloat(parts[unit]) === toInt(parts[unit]));
}

class Duration {
  constructor(given = {}) {
    const parts = normalizeObject(given);
    this._valid = isValidParts(parts);
    const part = (unit) => +(parts[unit] || 0);
    this._milliseconds =
      part('millisecond') + part('second') * 1e3 + part('minute') * 6e4 + part('hour') * 36e5;
    this._days = part('day') + (part('week') || part('isoWeek')) * 7;
    this._months = part('month') + part('quarter') * 3 + part('year') * 12;
    this.bubble();
  }

  // Distributes the three amounts over the fields that the getters return.
  bubble() {
    let { _milliseconds: milliseconds, _days: days, _months: months } = this;
    const signs = [milliseconds, days, months];
    if (!signs.every((part) => part >= 0) && !signs.every((part) => part <= 0)) {
      milliseconds += awayFromZero(monthsToDays(months) + days) * 864e5;
      days = months = 0;
    }
    const seconds = truncate(milliseconds / 1000);
    const minutes = truncate(seconds / 60);
    const hours = truncate(minutes / 60);
    days += truncate(hours / 24);
    const whole = truncate(daysToMonths(days));
    months += whole;
    days -= awayFromZero(monthsToDays(whole));
    this._shown = {
      millisecond: milliseconds % 1000,
      second: seconds % 60,
      minute: minutes % 60,
      hour: hours % 24,
      day: days,
      month: months % 12,
      year: truncate(months / 12),
      week: truncate(days / 7),
    };
    return this;
  }

  isValid() {
    return this._valid;
  }

  clone() {
    return createDuration(this);
  }

  get(units) {
    const unit = normalizeUnit(units);
    return this.isValid() && unit in this._shown ? this._shown[unit] : NaN;
  }

  as(units) {
    if (!this.isValid()) return NaN;
    const unit = normalizeUnit(units);
    if (unit === 'month' || unit === 'quarter' || unit === 'year') {
      const months = this._months + daysToMonths(this._days + this._milliseconds / 864e5);
      return months / { month: 1, quarter: 3, year: 12 }[unit];
    }
    const days = this._days + Math.round(monthsToDays(this._months));
    switch (unit) {
      case 'week':
        return days / 7 + this._milliseconds / 6048e5;
      case 'day':
        return days + this._milliseconds / 864e5;
      case 'hour':
        return days * 24 + this._milliseconds / 36e5;
      case 'minute':
        return days * 1440 + this._milliseconds / 6e4;
      case 'second':
        return days * 86400 + this._milliseconds / 1000;
      case 'millisecond':
        return Math.floor(days * 864e5) + this._milliseconds;
      default:
        throw new Error(`Unknown unit ${unit}`);
    }
  }

  valueOf() {
    return this.asMilliseconds();
  }

  change(input, unit, sign) {
    const other = createDuration(input, unit);
    this._milliseconds += other._milliseconds * sign;
    this._days += other._days * sign;
    this._months += other._months * sign;
    return this.bubble();
  }

  add(input, unit) {
    return this.change(input, unit, 1);
  }

  subtract(input, unit) {
    return this.change(input, unit, -1);
  }

  abs() {
    for (const name of ['_milliseconds', '_days', '_months']) this[name] = Math.abs(this[name]);
    for (const unit of Object.keys(this._shown)) this._shown[unit] = Math.abs(this._shown[unit]);
    return this;
  }

  humanize(withSuffix, limits) {
    if (!this.isValid()) return english.invalidDate();
    const options = typeof withSuffix === 'object' ? withSuffix : limits;
    const suffix = typeof withSuffix === 'boolean' && withSuffix;
    const limit = { ...thresholds, ...options };
    if (options && options.s != null && options.ss == null) limit.ss = options.s - 1;
    const [key, number] = roughly(this, limit);
    const text = english.relativeTime(number, !suffix, key);
    return suffix ? english.pastFuture(+this, text) : text;
  }

  toISOString() {
    if (!this.isValid()) return english.invalidDate();
    const total = this.asSeconds();
    if (!total) return 'P0D';
    const clock = Math.abs(this._milliseconds) / 1000;
    const months = Math.abs(this._months);
    const part = (amount, letter, against) =>
      amount ? `${Math.sign(against) !== Math.sign(total) ? '-' : ''}${amount}${letter}` : '';
    const seconds = (clock % 60).toFixed(3).replace(/\.?0+$/, '');
    const time =
      part(Math.floor(clock / 3600), 'H', this._milliseconds) +
      part(Math.floor(clock / 60) % 60, 'M', this._milliseconds) +
      part(clock % 60 ? seconds : '', 'S', this._milliseconds);
    return (
      (total < 0 ? '-P' : 'P') +
      part(Math.floor(months / 12), 'Y', this._months) +
      part(months % 12, 'M', this._months) +
      part(Math.abs(this._days), 'D', this._days) +
      (clock ? `T${time}` : '')
    );
  }

  toIsoString() {
    return this.toISOString();
  }

  toString() {
    return this.toISOString();
  }

  toJSON() {
    return this.toISOString();
  }

  locale(key) {
    return key === undefined ? 'en' : this;
  }

  localeData() {
    return english;
  }
}

// The phrase for a duration and the number in it.
function roughly(duration, limit) {
  const absolute = duration.clone().abs();
  const amount = (unit) => Math.round(absolute.as(unit));
  const [seconds, minutes, hours, days, months] = ['s', 'm', 'h', 'd', 'M'].map(amount);
  if (seconds <= limit.ss) return ['s', seconds];
  if (seconds < limit.s) return ['ss', seconds];
  if (minutes <= 1) return ['m', 1];
  if (minutes < limit.m) return ['mm', minutes];
  if (hours <= 1) return ['h', 1];
  if (hours < limit.h) return ['hh', hours];
  if (days <= 1) return ['d', 1];
  if (days < limit.d) return ['dd', days];
  if (limit.w != null && amount('w') <= 1) return ['w', 1];
  if (limit.w != null && amount('w') < limit.w) return ['ww', amount('w')];
  if (months <= 1) return ['M', 1];
  if (months < limit.M) return ['MM', months];
  return amount('y') <= 1 ? ['y', 1] : ['yy', amount('y')];
}

for (const unit of Object.keys(new Duration()._shown)) {
  const name = `${unit}s`;
  Duration.prototype[name] = function () {
    return this.get(unit);
  };
  Duration.prototype[`as${name[0].toUpperCase()}${name.slice(1)}`] = function () {
    return this.as(unit);
  };
}
Duration.prototype.asQuarters = function () {
  return this.as('quarter');
};

function fromClock(text) {
  const match = /^(-|\+)?(?:(\d*)[. ])?(\d+):(\d+)(?::(\d+)(\.\d*)?)?$/.exec(text);
  if (!match) return null;
  const sign = match[1] === '-' ? -1 : 1;
  const [days, hours, minutes, seconds] = match.slice(2, 6).map((part) => toInt(part) * sign);
  return { days, hours, minutes, seconds, milliseconds: Math.round(toInt(match[6] * 1000)) * sign || 0 };
}

function fromIso(text) {
  const number = '([-+]?[0-9,.]*)';
  const match = new RegExp(
    `^(-|\\+)?P(?:${number}Y)?(?:${number}M)?(?:${number}W)?(?:${number}D)?` +
      `(?:T(?:${number}H)?(?:${number}M)?(?:${number}S)?)?$`,
  ).exec(text);
  if (!match) return null;
  const sign = match[1] === '-' ? -1 : 1;
  const parts = match.slice(2).map((part) => {
    const value = part ? parseFloat(part.replace(',', '.')) : 0;
    return (Number.isNaN(value) ? 0 : value) * sign;
  });
  const [years, months, weeks, days, hours, minutes, seconds] = parts;
  return { years, months, weeks, days, hours, minutes, seconds };
}

// Whole months, and the rest in milliseconds.
function between(from, to) {
  const start = createLocal(from);
  if (!start.isValid() || !createLocal(to).isValid()) return { milliseconds: 0, months: 0 };
  const end = alike(to, start);
  const sign = start.isBefore(end) ? 1 : -1;
  const [early, late] = sign > 0 ? [start, end] : [end, start];
  let months = late.month() - early.month() + (late.year() - early.year()) * 12;
  if (early.clone().add(months, 'M').isAfter(late)) months--;
  const milliseconds = +late - +early.clone().add(months, 'M');
  return { milliseconds: milliseconds * sign, months: months * sign };
}

const isDuration = (value) => value instanceof Duration;

function createDuration(input, unit) {
  if (isDuration(input)) {
    const { _valid, _milliseconds, _days, _months } = input;
    return Object.assign(new Duration(), { _valid, _milliseconds, _days, _months }).bubble();
  }
  if (input == null) return new Duration();
  if (typeof input === 'number' || !Number.isNaN(+input)) {
    return new Duration(unit ? { [unit]: +input } : { milliseconds: +input });
  }
  if (typeof input === 'string') return new Duration(fromClock(input) || fromIso(input) || {});
  if (typeof input === 'object' && ('from' in input || 'to' in input)) {
    return new Duration(between(input.from, input.to));
  }
  return new Duration(typeof input === 'object' && !isMoment(input) ? input : {});
}

module.exports = { Duration, createDuration, isDuration, thresholds };
