// `Intl.PluralRules` for English: `one` and `other`; for ordinal numbers `one`, `two`, `few` and `other`.

const { LOCALE, locale, objectOf, supportedLocalesOf, textOf } = require('vayu:intl/options');
const { digitOptions, rounded } = require('vayu:intl/digits');
const decimal = require('vayu:intl/decimal');

const ORDINALS = { 1: 'one', 2: 'two', 3: 'few' };
const RESOLVED = ['minimumIntegerDigits', 'minimumFractionDigits', 'maximumFractionDigits', 'minimumSignificantDigits',
  'maximumSignificantDigits'];

const ordinal = (whole) => {
  const isTeen = whole.padStart(2, '0').at(-2) === '1';
  return isTeen ? 'other' : ORDINALS[whole.at(-1)] ?? 'other';
};

class PluralRules {
  #type;
  #rules;

  constructor(locales, given) {
    locale(locales);
    const options = objectOf(given);
    this.#type = textOf(options, 'type', ['cardinal', 'ordinal'], 'cardinal');
    this.#rules = digitOptions(options, [0, 3], false);
  }

  static supportedLocalesOf(locales) {
    return supportedLocalesOf(locales);
  }

  select(value) {
    const exact = decimal.parse(Number(value));
    if (exact.kind !== 'finite') return 'other';
    const { whole, fraction } = rounded(exact, this.#rules);
    if (this.#type === 'ordinal') return Number(fraction) === 0 ? ordinal(whole) : 'other';
    return fraction === '' && Number(whole) === 1 ? 'one' : 'other';
  }

  resolvedOptions() {
    const resolved = { locale: LOCALE, type: this.#type };
    for (const name of RESOLVED) if (this.#rules[name] !== undefined) resolved[name] = this.#rules[name];
    resolved.pluralCategories = this.#type === 'ordinal' ? ['few', 'one', 'two', 'other'] : ['one', 'other'];
    return resolved;
  }

  get [Symbol.toStringTag]() {
    return 'Intl.PluralRules';
  }
}

module.exports = PluralRules;
