// `Intl.DateTimeFormat` for en-US in the Gregorian calendar.
// Not supported: ranges (`formatRange`), and names of time zones that ignore daylight saving time
// (`shortGeneric`, `longGeneric`).

const { LOCALE, bound, supportedLocalesOf } = require('vayu:intl/options');
const { FIELDS, read } = require('vayu:intl/date_options');
const { pattern } = require('vayu:intl/date_pattern');
const { partsOf } = require('vayu:intl/date_fields');

const MOST_TIME = 8.64e15;

const timeOf = (value) => {
  const time = value === undefined ? Date.now() : Number(value);
  if (!(Math.abs(time) <= MOST_TIME)) throw new RangeError('Invalid time value');
  return Math.trunc(time);
};

const shownStyles = (parts) => {
  const shown = {};
  for (const part of parts) if (typeof part !== 'string' && part.name !== 'half') shown[part.name] = part.style;
  return shown;
};

class DateTimeFormat {
  #read;
  #pattern;
  #settings;

  // `kind` is for `toLocaleString` and related methods: which fields are shown without options.
  constructor(locales, options, kind = 'format') {
    this.#read = read(locales, options, kind);
    this.#pattern = pattern(this.#read);
    const { zone, cycle } = this.#read;
    this.#settings = { zone, cycle, shown: new Set(Object.keys(shownStyles(this.#pattern))) };
  }

  static supportedLocalesOf(locales) {
    return supportedLocalesOf(locales);
  }

  get format() {
    const parts = this.#pattern;
    return parts && bound(this, 'format', (value) => this.#text(timeOf(value)));
  }

  #text(time) {
    let text = '';
    for (const part of partsOf(time, this.#pattern, this.#settings)) text += part.value;
    return text;
  }

  formatToParts(value) {
    return partsOf(timeOf(value), this.#pattern, this.#settings);
  }

  resolvedOptions() {
    const { styles, cycle, zone } = this.#read;
    const resolved = { locale: LOCALE, calendar: 'gregory', numberingSystem: 'latn', timeZone: zone };
    const shown = shownStyles(this.#pattern);
    if (shown.hour !== undefined) Object.assign(resolved, { hourCycle: cycle, hour12: cycle === 'h11' || cycle === 'h12' });
    if (styles !== undefined) {
      for (const [name, style] of Object.entries(styles)) if (style !== undefined) resolved[name] = style;
      return resolved;
    }
    for (const name of [...Object.keys(FIELDS), 'fractionalSecondDigits', 'timeZoneName']) {
      if (shown[name] !== undefined) resolved[name] = shown[name];
    }
    return resolved;
  }

  get [Symbol.toStringTag]() {
    return 'Intl.DateTimeFormat';
  }
}

module.exports = DateTimeFormat;
