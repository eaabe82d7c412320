// The number of digits shown: the options of `Intl.NumberFormat` (and `PluralRules`) for digits and rounding,
// and numbers formatted with them. Signs, groups and symbols are not handled here.

const { checkedNumber, numberOf, textOf } = require('vayu:intl/options');
const decimal = require('vayu:intl/decimal');

const MODES = ['ceil', 'floor', 'expand', 'trunc', 'halfCeil', 'halfFloor', 'halfExpand', 'halfTrunc', 'halfEven'];
const STEPS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000];
const MOST_FRACTION = 100;
const MOST_SIGNIFICANT = 21;

const within = (value, name, least, most, fallback) =>
  value === undefined ? fallback : checkedNumber(value, name, least, most);

const significant = (rules, least, most) => {
  rules.minimumSignificantDigits = within(least, 'minimumSignificantDigits', 1, MOST_SIGNIFICANT, 1);
  const from = rules.minimumSignificantDigits;
  rules.maximumSignificantDigits = within(most, 'maximumSignificantDigits', from, MOST_SIGNIFICANT, MOST_SIGNIFICANT);
};

const fraction = (rules, least, most, leastDefault, mostDefault) => {
  let from = within(least, 'minimumFractionDigits', 0, MOST_FRACTION, undefined);
  let to = within(most, 'maximumFractionDigits', 0, MOST_FRACTION, undefined);
  from ??= Math.min(leastDefault, to ?? mostDefault);
  to ??= Math.max(mostDefault, from);
  if (from > to) throw new RangeError(`maximumFractionDigits value is out of range: ${to} is less than minimumFractionDigits ${from}`);
  rules.minimumFractionDigits = from;
  rules.maximumFractionDigits = to;
};

const checkStep = (rules) => {
  if (rules.roundingIncrement === 1) return;
  if (!STEPS.includes(rules.roundingIncrement)) {
    throw new RangeError(`roundingIncrement value is out of range: use one of ${STEPS.join(', ')}`);
  }
  if (rules.type !== 'fraction') throw new TypeError('roundingIncrement requires fraction digits');
  if (rules.minimumFractionDigits !== rules.maximumFractionDigits) {
    throw new RangeError('roundingIncrement needs minimumFractionDigits and maximumFractionDigits to be equal');
  }
};

// Reads the options; `defaults` are the minimum and maximum fraction digits.
const digitOptions = (options, defaults, isCompact) => {
  const least = options.minimumSignificantDigits;
  const most = options.maximumSignificantDigits;
  const rules = { minimumIntegerDigits: numberOf(options, 'minimumIntegerDigits', 1, 21, 1) };
  const { minimumFractionDigits, maximumFractionDigits } = options;
  rules.roundingIncrement = numberOf(options, 'roundingIncrement', 1, 5000, 1);
  rules.roundingMode = textOf(options, 'roundingMode', MODES, 'halfExpand');
  rules.roundingPriority = textOf(options, 'roundingPriority', ['auto', 'morePrecision', 'lessPrecision'], 'auto');
  rules.trailingZeroDisplay = textOf(options, 'trailingZeroDisplay', ['auto', 'stripIfInteger'], 'auto');
  const isSignificant = least !== undefined || most !== undefined;
  const isFraction = minimumFractionDigits !== undefined || maximumFractionDigits !== undefined;
  const isAuto = rules.roundingPriority === 'auto';
  const [from, to] = rules.roundingIncrement === 1 ? defaults : [defaults[0], defaults[0]];
  const needsFraction = !isAuto || !(isSignificant || (isCompact && !isFraction));
  if (!isAuto || isSignificant) significant(rules, least, most);
  if (needsFraction) fraction(rules, minimumFractionDigits, maximumFractionDigits, from, to);
  rules.type = isAuto ? (isSignificant ? 'significant' : 'fraction') : rules.roundingPriority;
  if (isAuto && !isSignificant && !needsFraction) {
    Object.assign(rules, { minimumFractionDigits: 0, maximumFractionDigits: 0 });
    Object.assign(rules, { minimumSignificantDigits: 1, maximumSignificantDigits: 2, roundingPriority: 'morePrecision' });
    rules.type = 'morePrecision';
  }
  checkStep(rules);
  return rules;
};

const bySignificant = (value, rules) => {
  const places = rules.maximumSignificantDigits - value.point;
  const rounded = decimal.round(value, places, rules.roundingMode);
  const point = rounded.digits === '' ? 1 : rounded.point;
  return { rounded, least: Math.max(rules.minimumSignificantDigits - point, 0), places };
};

const byFraction = (value, rules) => {
  const places = rules.maximumFractionDigits;
  const step = rules.roundingIncrement;
  const rounded = step === 1
    ? decimal.round(value, places, rules.roundingMode)
    : decimal.roundToStep(value, places, rules.roundingMode, step);
  return { rounded, least: rules.minimumFractionDigits, places };
};

const byRules = (value, rules) => {
  if (rules.type === 'significant') return bySignificant(value, rules);
  if (rules.type === 'fraction') return byFraction(value, rules);
  const a = bySignificant(value, rules);
  const b = byFraction(value, rules);
  return a.places >= b.places === (rules.type === 'morePrecision') ? a : b;
};

// Returns the digits of a finite value before and after the point, and the value as it is shown.
const rounded = (value, rules) => {
  const { rounded: shown, least } = byRules(value, rules);
  const { whole, fraction: behind } = decimal.split(shown);
  const isStripped = rules.trailingZeroDisplay === 'stripIfInteger' && behind === '';
  return {
    value: shown,
    whole: whole.padStart(rules.minimumIntegerDigits, '0'),
    fraction: isStripped ? '' : behind.padEnd(least, '0'),
  };
};

module.exports = { digitOptions, rounded };
