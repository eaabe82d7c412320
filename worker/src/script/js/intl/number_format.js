// `Intl.NumberFormat` for en-US. `digits.js` handles digits and rounding; this file handles signs, groups,
// currencies, units and powers of ten.
// Not supported: ranges (`formatRange`).

const { LOCALE, bound, checkSame, locale, objectOf, supportedLocalesOf, textOf } = require('vayu:intl/options');
const { digitOptions, rounded } = require('vayu:intl/digits');
const decimal = require('vayu:intl/decimal');
const currencies = require('vayu:intl/currencies');
const { checkUnit, unitPattern } = require('vayu:intl/units');

const SHORT = { 3: 'K', 6: 'M', 9: 'B', 12: 'T' };
const LONG = { 3: 'thousand', 6: 'million', 9: 'billion', 12: 'trillion' };
const HARD_BLANK = '\u00a0';
const LETTER = /\p{L}/u;

const readStyle = (options) => {
  const style = textOf(options, 'style', ['decimal', 'percent', 'currency', 'unit'], 'decimal');
  const set = { style };
  const currency = textOf(options, 'currency');
  if (currency !== undefined && !/^[a-z]{3}$/i.test(currency)) throw new RangeError(`Invalid currency code : ${currency}`);
  const currencyDisplay = textOf(options, 'currencyDisplay', ['code', 'symbol', 'narrowSymbol', 'name'], 'symbol');
  const currencySign = textOf(options, 'currencySign', ['standard', 'accounting'], 'standard');
  const unit = textOf(options, 'unit');
  if (unit !== undefined) checkUnit(unit);
  const unitDisplay = textOf(options, 'unitDisplay', ['short', 'narrow', 'long'], 'short');
  if (style === 'currency') {
    if (currency === undefined) throw new TypeError('Currency code is required with currency style.');
    Object.assign(set, { currency: currency.toUpperCase(), currencyDisplay, currencySign });
  }
  if (style === 'unit') {
    if (unit === undefined) throw new TypeError('Unit is required with unit style.');
    Object.assign(set, { unit, unitDisplay });
  }
  return set;
};

const readGrouping = (options, notation) => {
  const value = options.useGrouping;
  const usual = notation === 'compact' ? 'min2' : 'auto';
  if (value === undefined) return usual;
  if (value === true) return 'always';
  if (!value) return false;
  const text = String(value);
  if (text === 'true' || text === 'false') return usual;
  return textOf(options, 'useGrouping', ['min2', 'auto', 'always'], usual);
};

const fractionDefaults = (set, notation) => {
  if (set.style === 'currency' && notation === 'standard') {
    const digits = currencies.digits(set.currency);
    return [digits, digits];
  }
  return set.style === 'percent' ? [0, 0] : [0, 3];
};

const read = (locales, given) => {
  const keys = locale(locales);
  const options = objectOf(given);
  checkSame({ numberingSystem: keys.nu }, 'numberingSystem', 'latn');
  checkSame(options, 'numberingSystem', 'latn');
  textOf(options, 'localeMatcher', ['lookup', 'best fit']);
  const set = readStyle(options);
  const notation = textOf(options, 'notation', ['standard', 'scientific', 'engineering', 'compact'], 'standard');
  const rules = digitOptions(options, fractionDefaults(set, notation), notation === 'compact');
  const compactDisplay = textOf(options, 'compactDisplay', ['short', 'long'], 'short');
  const signs = ['auto', 'never', 'always', 'exceptZero', 'negative'];
  set.useGrouping = readGrouping(options, notation);
  set.notation = notation;
  if (notation === 'compact') set.compactDisplay = compactDisplay;
  set.signDisplay = textOf(options, 'signDisplay', signs, 'auto');
  return { set, rules };
};

const powerOf = (notation, magnitude) => {
  switch (notation) {
    case 'scientific': return magnitude;
    case 'engineering': return Math.floor(magnitude / 3) * 3;
    case 'compact': return magnitude < 3 ? 0 : Math.min(Math.floor(magnitude / 3) * 3, 12);
    default: return 0;
  }
};

// Returns the power of ten that is split off, and the rest: rounding may carry into the next power.
const scaledDown = (value, { set, rules }) => {
  if (set.notation === 'standard' || value.digits === '') return { power: 0, shown: rounded(value, rules) };
  const magnitude = value.point - 1;
  const power = powerOf(set.notation, magnitude);
  const shown = rounded(decimal.scaled(value, -power), rules);
  const isCarried = shown.value.digits !== '' && shown.value.point - 1 !== magnitude - power;
  const next = powerOf(set.notation, magnitude + 1);
  if (!isCarried || next === power) return { power, shown };
  return { power: next, shown: rounded(decimal.scaled(value, -next), rules) };
};

const grouped = (whole, grouping) => {
  if (grouping === false || whole.length < (grouping === 'min2' ? 5 : 4)) return [whole];
  const head = whole.length % 3;
  return [...(head > 0 ? [whole.slice(0, head)] : []), ...whole.slice(head).match(/.{3}/g)];
};

const digitParts = ({ whole, fraction }, grouping) => {
  const parts = [];
  for (const group of grouped(whole, grouping)) {
    if (parts.length > 0) parts.push({ type: 'group', value: ',' });
    parts.push({ type: 'integer', value: group });
  }
  if (fraction !== '') parts.push({ type: 'decimal', value: '.' }, { type: 'fraction', value: fraction });
  return parts;
};

const powerParts = (power, { notation, compactDisplay }) => {
  if (notation === 'standard') return [];
  if (notation === 'compact') {
    if (power === 0) return [];
    if (compactDisplay === 'short') return [{ type: 'compact', value: SHORT[power] }];
    return [{ type: 'literal', value: ' ' }, { type: 'compact', value: LONG[power] }];
  }
  const minus = power < 0 ? [{ type: 'exponentMinusSign', value: '-' }] : [];
  const separator = { type: 'exponentSeparator', value: 'E' };
  return [separator, ...minus, { type: 'exponentInteger', value: String(Math.abs(power)) }];
};

// Returns the number alone, and what determines its sign and the plural of what follows.
const numberParts = (value, state) => {
  const { set } = state;
  if (value.kind === 'nan') return { parts: [{ type: 'nan', value: 'NaN' }], isZero: false, isOne: false };
  if (value.kind === 'infinity') return { parts: [{ type: 'infinity', value: '∞' }], isZero: false, isOne: false };
  const exact = set.style === 'percent' ? decimal.scaled(value, 2) : value;
  const { power, shown } = scaledDown(exact, state);
  const parts = [...digitParts(shown, set.useGrouping), ...powerParts(power, set)];
  const isOne = power === 0 && shown.fraction === '' && Number(shown.whole) === 1;
  return { parts, isZero: shown.value.digits === '', isOne };
};

const signOf = (display, isNegative, isZero) => {
  const shows = { auto: isNegative, never: false, always: true, exceptZero: !isZero, negative: isNegative && !isZero };
  return shows[display] ? (isNegative ? '-' : '+') : '';
};

const signPart = (sign) => ({ type: sign === '-' ? 'minusSign' : 'plusSign', value: sign });

const withCurrency = (parts, sign, isOne, set) => {
  const { currency, currencyDisplay, currencySign } = set;
  const signs = sign === '' ? [] : [signPart(sign)];
  if (currencyDisplay === 'name') {
    const name = { type: 'currency', value: currencies.name(currency, isOne) };
    return [...signs, ...parts, { type: 'literal', value: ' ' }, name];
  }
  const symbols = { code: currency, narrowSymbol: currencies.narrow(currency), symbol: currencies.symbol(currency) };
  const symbol = symbols[currencyDisplay];
  const money = [{ type: 'currency', value: symbol }];
  // Between letters and digits, but not between letters and `∞` or `NaN`.
  if (LETTER.test(symbol.at(-1)) && parts[0].type === 'integer') money.push({ type: 'literal', value: HARD_BLANK });
  if (currencySign === 'accounting' && sign === '-') {
    return [{ type: 'literal', value: '(' }, ...money, ...parts, { type: 'literal', value: ')' }];
  }
  return [...signs, ...money, ...parts];
};

const withUnit = (parts, signs, isOne, { unit, unitDisplay }) => {
  // The number replaces the first `#`. The unit pound has a `#` of its own.
  const behind = unitPattern(unit, unitDisplay, isOne).slice(1);
  const name = behind.trimStart();
  const blank = name.length < behind.length ? [{ type: 'literal', value: ' ' }] : [];
  return [...signs, ...parts, ...blank, { type: 'unit', value: name }];
};

const partsOf = (given, state) => {
  const { set } = state;
  const value = decimal.parse(given);
  const { parts, isZero, isOne } = numberParts(value, state);
  const isNothing = isZero || value.kind === 'nan';
  const sign = signOf(set.signDisplay, value.negative, isNothing);
  if (set.style === 'currency') return withCurrency(parts, sign, isOne, set);
  const signs = sign === '' ? [] : [signPart(sign)];
  if (set.style === 'unit') return withUnit(parts, signs, isOne, set);
  const percent = set.style === 'percent' ? [{ type: 'percentSign', value: '%' }] : [];
  return [...signs, ...parts, ...percent];
};

const RESOLVED = ['minimumIntegerDigits', 'minimumFractionDigits', 'maximumFractionDigits', 'minimumSignificantDigits',
  'maximumSignificantDigits'];
const ROUNDING = ['roundingMode', 'roundingIncrement', 'trailingZeroDisplay', 'roundingPriority'];

class NumberFormat {
  #state;

  constructor(locales, options) {
    this.#state = read(locales, options);
  }

  static supportedLocalesOf(locales) {
    return supportedLocalesOf(locales);
  }

  get format() {
    const { set } = this.#state;
    return set && bound(this, 'format', (value) => this.#text(value));
  }

  #text(value) {
    let text = '';
    for (const part of partsOf(value, this.#state)) text += part.value;
    return text;
  }

  formatToParts(value) {
    return partsOf(value, this.#state);
  }

  resolvedOptions() {
    const { set, rules } = this.#state;
    const { useGrouping, notation, compactDisplay, signDisplay, ...style } = set;
    const resolved = { locale: LOCALE, numberingSystem: 'latn', ...style };
    for (const name of RESOLVED) if (rules[name] !== undefined) resolved[name] = rules[name];
    Object.assign(resolved, { useGrouping, notation });
    if (compactDisplay !== undefined) resolved.compactDisplay = compactDisplay;
    resolved.signDisplay = signDisplay;
    for (const name of ROUNDING) resolved[name] = rules[name];
    return resolved;
  }

  get [Symbol.toStringTag]() {
    return 'Intl.NumberFormat';
  }
}

module.exports = NumberFormat;
