// `toLocaleString` and related functions: the locale-dependent methods of numbers, dates, arrays and strings.
// Formats without options are cached, because they are used repeatedly.

const NumberFormat = require('vayu:intl/number_format');
const DateTimeFormat = require('vayu:intl/date_format');
const Collator = require('vayu:intl/collator');
// It completes these classes, which are frozen once they are loaded.
require('vayu:intl/index');

const kept = new Map();

const plain = (name, make) => {
  let format = kept.get(name);
  if (format === undefined) kept.set(name, (format = make()));
  return format;
};

const isPlain = (locales, options) => (locales === undefined || locales === 'en-US') && options === undefined;

const numberText = (value, locales, options) => {
  const format = isPlain(locales, options) ? plain('number', () => new NumberFormat()) : new NumberFormat(locales, options);
  return format.format(value);
};

const dateText = (kind, time, locales, options) => {
  if (Number.isNaN(time)) return 'Invalid Date';
  const format = isPlain(locales, options)
    ? plain(kind, () => new DateTimeFormat(undefined, undefined, kind))
    : new DateTimeFormat(locales, options, kind);
  return format.format(time);
};

const compareTexts = (a, b, locales, options) => {
  const collator = isPlain(locales, options) ? plain('texts', () => new Collator()) : new Collator(locales, options);
  return collator.compare(a, b);
};

const arrayText = (array, locales, options) => {
  const texts = [];
  for (let i = 0; i < array.length; i++) {
    const item = array[i];
    texts.push(item === undefined || item === null ? '' : String(item.toLocaleString(locales, options)));
  }
  return texts.join(',');
};

module.exports = { arrayText, compareTexts, dateText, numberText };
