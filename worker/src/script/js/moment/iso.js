// Parses ISO 8601 and RFC 2822 text into fields for moment. Returns null if the text does not have the form,
// otherwise { fields: [year, month, ...], zone, week, dayOfYear, ... }, from which input.js builds a time.
// input.js detects values out of range later.

const { toInt, utcTime } = require('vayu:moment/units');
const { MONTHS_SHORT, WEEKDAYS_SHORT } = require('vayu:moment/locale');

const YEAR = '^\\s*(?<year>[+-]\\d{6}|\\d{4})';
const ZONE = '(?<zone>[+-]\\d\\d(?::?\\d\\d)?|\\s*Z)?';
let forms;

// The rest of a form after the year: a separator for dates and one for times, both empty in the basic form.
function isoForm(dash, colon) {
  const date =
    `(?<month>\\d\\d)${dash}(?<date>\\d\\d)|W(?<week>\\d\\d)(?:${dash}(?<weekday>\\d))?` +
    '|(?<day>\\d{3})|(?<only>\\d\\d)';
  const seconds = `(?:${colon}(?<second>\\d\\d)(?:[.,](?<part>\\d+))?)?`;
  const time = `(?:[T ](?<hour>\\d\\d)(?:${colon}(?<minute>\\d\\d)${seconds})?${ZONE})?$`;
  return new RegExp(`${YEAR}${dash}(?:${date}${dash ? '' : '|'})${time}`);
}

function isoForms() {
  forms = forms || [isoForm('-', ':'), isoForm('', '')];
  return forms;
}

// Returns the minutes east of Greenwich of the last offset in the text, or null.
function offsetOf(text, pattern) {
  const found = String(text).match(pattern);
  if (!found) return null;
  const [, sign, hours, minutes] = /([+-])?(\d\d)?:?(\d\d)?/.exec(found[found.length - 1]);
  const total = toInt(hours) * 60 + toInt(minutes);
  return sign === '-' ? -total || 0 : total;
}

const SHORT_OFFSET = /Z|[+-]\d\d(?::?\d\d)?/gi;
const FULL_OFFSET = /Z|[+-]\d\d:?\d\d/gi;
const milliseconds = (digits) => toInt(`0.${digits || 0}` * 1000);

function readIso(text) {
  const match = isoForms()
    .map((form) => form.exec(text))
    .find(Boolean);
  if (!match) return null;
  const found = match.groups;
  const whole = found.date || found.weekday || found.day;
  if (found.hour && !whole) return null;
  const year = +found.year;
  const result = { fields: [], zone: found.zone ? offsetOf(found.zone, SHORT_OFFSET) : null, iso: true };
  if (found.week) result.week = { GG: year, W: +found.week, E: found.weekday && +found.weekday };
  else result.fields[0] = year;
  if (found.day) result.dayOfYear = +found.day;
  if (found.month || found.only) result.fields[1] = (found.month || found.only) - 1;
  if (found.date) result.fields[2] = +found.date;
  if (found.hour) {
    result.fields[3] = +found.hour;
    result.fields[4] = toInt(found.minute);
    result.fields[5] = toInt(found.second);
    result.fields[6] = milliseconds(found.part);
  }
  return result;
}

const ZONES = {
  UT: 0,
  GMT: 0,
  EDT: -240,
  EST: -300,
  CDT: -300,
  CST: -360,
  MDT: -360,
  MST: -420,
  PDT: -420,
  PST: -480,
};

function fullYear(text) {
  const year = parseInt(text, 10);
  if (year <= 49) return 2000 + year;
  return year <= 999 ? 1900 + year : year;
}

function readRfc(text) {
  const plain = text
    .replace(/\([^()]*\)|[\n\t]/g, ' ')
    .replace(/\s\s+/g, ' ')
    .trim();
  const match = new RegExp(
    `^(?:(${WEEKDAYS_SHORT.join('|')}),?\\s)?(\\d{1,2})\\s(${MONTHS_SHORT.join('|')})\\s` +
      '(\\d{2,4})\\s(\\d\\d):(\\d\\d)(?::(\\d\\d))?\\s(?:(UT|GMT|[ECMP][SD]T)|[Zz]|([+-]\\d{4}))$',
  ).exec(plain);
  if (!match) return null;
  const [, weekday, date, month, year, hour, minute, second, name, offset] = match;
  const fields = [fullYear(year), MONTHS_SHORT.indexOf(month), +date, +hour, +minute, toInt(second), 0];
  const clock = parseInt(offset, 10);
  const zone = name ? ZONES[name] : offset ? ((clock - (clock % 100)) / 100) * 60 + (clock % 100) : 0;
  const real = WEEKDAYS_SHORT[new Date(utcTime(...fields.slice(0, 3))).getUTCDay()];
  return { fields, zone, rfc2822: true, weekdayMismatch: !!weekday && weekday !== real };
}

module.exports = { readIso, readRfc, offsetOf, milliseconds, SHORT_OFFSET, FULL_OFFSET };
