// `Intl.Collator` and `localeCompare` for English: compares letters first, then accents, then case, with
// lower case first. Punctuation and symbols sort before digits, digits before letters, as in the Unicode
// collation. Simplified: letters beyond Latin are ordered by code point, and letters such as `ø` that are not
// a base letter with an accent follow the Latin ones.

const { LOCALE, bound, locale, objectOf, supportedLocalesOf, textOf } = require('vayu:intl/options');

const MARKS = '\t\n\v\f\r _-,;:!?.\'"()[]{}@*/\\&#%';
const BEFORE_DIGITS = `${MARKS}\`^+<=>|~$`;
const ORDER = `${BEFORE_DIGITS}0123456789`;
const FIRST_LETTER = ORDER.length + 1;
const AFTER_LATIN = FIRST_LETTER + 26;
const ACCENT = /\p{M}/u;
// Acute, grave, breve, circumflex, caron, ring, diaeresis, double acute, tilde, dot, cedilla, ogonek, macron.
const ACCENTS = '\u0301\u0300\u0306\u0302\u030c\u030a\u0308\u030b\u0303\u0307\u0327\u0328\u0304';
const PLAIN = /^[\x00-\x7f]*$/;
const IGNORED = /[\0-\x08\x0e-\x1f\x7f]/g;
const DIGITS = /\d+/y;
const LIGATURES = { ß: 'ss', æ: 'ae', Æ: 'AE', œ: 'oe', Œ: 'OE', ﬁ: 'fi', ﬂ: 'fl' };

const weightOf = (small) => {
  const place = ORDER.indexOf(small);
  if (place >= 0) return place + 1;
  const code = small.codePointAt(0);
  return code >= 97 && code <= 122 ? FIRST_LETTER + code - 97 : AFTER_LATIN + code;
};

const expanded = (text) => (PLAIN.test(text) ? text : text.normalize('NFD').replace(/[ßæÆœŒﬁﬂ]/g, (letter) => LIGATURES[letter]));

// The accents listed sort by their index, the others by code point.
const accentKey = (accent) => {
  const place = ACCENTS.indexOf(accent);
  return place < 0 ? accent : String.fromCharCode(place + 1);
};

// A string as three lists of the same length: letters, accents and cases.
const keysOf = (text, { numeric, ignorePunctuation }) => {
  const keys = { letters: [], accents: [], cases: [] };
  const bare = expanded(text).replace(IGNORED, '');
  for (let at = 0; at < bare.length;) {
    DIGITS.lastIndex = at;
    const digits = numeric ? DIGITS.exec(bare)?.[0] : undefined;
    const letter = digits ?? String.fromCodePoint(bare.codePointAt(at));
    at += letter.length;
    const small = letter.toLowerCase();
    if (ACCENT.test(letter)) {
      if (keys.accents.length > 0) keys.accents[keys.accents.length - 1] += accentKey(letter);
    } else if (!(ignorePunctuation && MARKS.includes(letter))) {
      keys.letters.push(digits === undefined ? weightOf(small) : numberKey(digits));
      keys.accents.push('');
      keys.cases.push(letter === small ? 0 : 1);
    }
  }
  return keys;
};

// Numbers sort between punctuation and letters; longer ones are greater.
const numberKey = (digits) => {
  const bare = digits.replace(/^0+(?=\d)/, '');
  return { length: bare.length, digits: bare };
};

const orderOf = (a, b) => {
  if (a === b) return 0;
  const isNumber = [typeof a === 'object', typeof b === 'object'];
  if (isNumber[0] && isNumber[1]) {
    return a.length - b.length || (a.digits < b.digits ? -1 : Number(a.digits > b.digits));
  }
  const first = isNumber[0] ? BEFORE_DIGITS.length + 1 : a;
  const second = isNumber[1] ? BEFORE_DIGITS.length + 1 : b;
  return first < second ? -1 : Number(first > second);
};

const compareLists = (a, b) => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = orderOf(a[i], b[i]);
    if (order !== 0) return order < 0 ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
};

const LEVELS = { base: ['letters'], accent: ['letters', 'accents'], case: ['letters', 'cases'], variant: ['letters', 'accents', 'cases'] };

// Weights of ASCII characters; 0 for those without a weight.
const WEIGHTS = Uint8Array.from({ length: 128 }, (_, code) => {
  const letter = String.fromCharCode(code).toLowerCase();
  return letter < ' ' && !ORDER.includes(letter) || code === 127 ? 0 : weightOf(letter);
});

// Compares ASCII strings with default options without creating lists; returns undefined if lists are needed.
const comparePlain = (a, b) => {
  const length = Math.min(a.length, b.length);
  let cases = 0;
  for (let at = 0; at < length; at++) {
    const first = a.charCodeAt(at);
    const second = b.charCodeAt(at);
    const one = WEIGHTS[first] || 0;
    const other = WEIGHTS[second] || 0;
    if (one === 0 || other === 0) return undefined;
    if (one !== other) return one < other ? -1 : 1;
    // Lower case letters have greater codes.
    if (cases === 0 && first !== second) cases = first > second ? -1 : 1;
  }
  if (a.length === b.length) return cases;
  const [longer, order] = a.length > b.length ? [a, 1] : [b, -1];
  return WEIGHTS[longer.charCodeAt(length)] > 0 ? order : undefined;
};

const compare = (a, b, settings) => {
  if (a === b) return 0;
  const plain = settings.isPlain ? comparePlain(a, b) : undefined;
  return plain ?? compareKeys(a, b, settings);
};

const compareKeys = (a, b, settings) => {
  const [first, second] = [keysOf(a, settings), keysOf(b, settings)];
  for (const level of LEVELS[settings.sensitivity]) {
    const order = compareLists(first[level], second[level]);
    if (order !== 0) return level === 'cases' && settings.caseFirst === 'upper' ? -order : order;
  }
  return 0;
};

const read = (locales, given) => {
  const keys = locale(locales);
  const options = objectOf(given);
  const usage = textOf(options, 'usage', ['sort', 'search'], 'sort');
  textOf(options, 'localeMatcher', ['lookup', 'best fit']);
  const isNumeric = keys.kn !== undefined && keys.kn !== 'false';
  const settings = {
    usage,
    sensitivity: textOf(options, 'sensitivity', Object.keys(LEVELS), 'variant'),
    ignorePunctuation: Boolean(options.ignorePunctuation),
    numeric: options.numeric === undefined ? isNumeric : Boolean(options.numeric),
    caseFirst: textOf(options, 'caseFirst', ['upper', 'lower', 'false'], 'false'),
  };
  const { sensitivity, ignorePunctuation, numeric, caseFirst } = settings;
  settings.isPlain = sensitivity === 'variant' && !ignorePunctuation && !numeric && caseFirst !== 'upper';
  return settings;
};

class Collator {
  #settings;

  constructor(locales, options) {
    this.#settings = read(locales, options);
  }

  static supportedLocalesOf(locales) {
    return supportedLocalesOf(locales);
  }

  get compare() {
    const settings = this.#settings;
    return bound(this, 'compare', (a, b) => compare(String(a), String(b), settings));
  }

  resolvedOptions() {
    const { usage, sensitivity, ignorePunctuation, numeric, caseFirst } = this.#settings;
    return { locale: LOCALE, usage, sensitivity, ignorePunctuation, collation: 'default', numeric, caseFirst };
  }

  get [Symbol.toStringTag]() {
    return 'Intl.Collator';
  }
}

module.exports = Collator;
