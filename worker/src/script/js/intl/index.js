// The global `Intl`: numbers, dates, plurals and string comparison in US English.
// Not supported: `DisplayNames`, `DurationFormat`, `ListFormat`, `Locale`, `RelativeTimeFormat` and
// `Segmenter`.

const { supportedLocalesOf } = require('vayu:intl/options');

const callable = (Type) => {
  // Without `new` these create an object as well.
  const make = function (locales, options) {
    return Reflect.construct(Type, [locales, options], new.target ?? make);
  };
  Object.defineProperty(make, 'name', { value: Type.name, configurable: true });
  Object.defineProperty(make, 'length', { value: 0, configurable: true });
  Object.defineProperty(make, 'prototype', { value: Type.prototype, writable: false });
  Object.defineProperty(Type.prototype, 'constructor', { value: make, writable: true, configurable: true });
  make.supportedLocalesOf = Type.supportedLocalesOf;
  return make;
};

const VALUES = {
  calendar: () => ['gregory'],
  collation: () => ['default'],
  currency: () => require('vayu:intl/currencies').codes(),
  numberingSystem: () => ['latn'],
  timeZone: () => host.zoneNames(),
  unit: () => require('vayu:intl/units').names(),
};

const Intl = {
  Collator: callable(require('vayu:intl/collator')),
  DateTimeFormat: callable(require('vayu:intl/date_format')),
  NumberFormat: callable(require('vayu:intl/number_format')),
  PluralRules: require('vayu:intl/plural_rules'),
  getCanonicalLocales: (locales) => supportedLocalesOf(locales).map(() => 'en-US'),
  supportedValuesOf(key) {
    const values = Object.hasOwn(VALUES, key) ? VALUES[key] : undefined;
    if (values === undefined) throw new RangeError(`Invalid key : ${key}: use one of ${Object.keys(VALUES).join(', ')}`);
    return values();
  },
};
for (const name of Object.keys(Intl)) Object.defineProperty(Intl, name, { enumerable: false });
Object.defineProperty(Intl, Symbol.toStringTag, { value: 'Intl', configurable: true });

module.exports = Intl;
