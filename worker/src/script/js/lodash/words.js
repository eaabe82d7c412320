// Splits text into words, and the case functions of lodash based on it (camelCase, kebabCase, startCase ...).
// Word boundaries are the same as in the original: case changes, digits, punctuation. Accents of Latin
// letters are removed before a case is formed.

const { toString } = require('vayu:lodash/types');
const { upperFirst } = require('vayu:lodash/string');

const SPECIAL = {
  Æ: 'Ae',
  æ: 'ae',
  Ð: 'D',
  ð: 'd',
  Ø: 'O',
  ø: 'o',
  Þ: 'Th',
  þ: 'th',
  ß: 'ss',
  Đ: 'D',
  đ: 'd',
  Ħ: 'H',
  ħ: 'h',
  ı: 'i',
  Ĳ: 'IJ',
  ĳ: 'ij',
  ĸ: 'k',
  Ŀ: 'L',
  ŀ: 'l',
  Ł: 'L',
  ł: 'l',
  Ŋ: 'N',
  ŋ: 'n',
  ŉ: "'n",
  Œ: 'Oe',
  œ: 'oe',
  Ŧ: 'T',
  ŧ: 't',
  ſ: 's',
};

function deburr(value) {
  return toString(value)
    .replace(/[\xc0-\xd6\xd8-\xf6\xf8-\u017f]/g, (letter) => SPECIAL[letter] || letter.normalize('NFD')[0])
    .replace(/[\u0300-\u036f\ufe20-\ufe2f\u20d0-\u20ff]/g, '');
}

let wordPattern;

// One alternative per kind of word, tried in this order at every position.
function wordRegExp() {
  if (wordPattern) return wordPattern;
  const upper = 'A-Z\\xc0-\\xd6\\xd8-\\xde';
  const lower = 'a-z\\xdf-\\xf6\\xf8-\\xff';
  const gap = '\\x00-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\xbf\\xd7\\xf7\\u2000-\\u206f\\s';
  const mark = '\\u2700-\\u27bf\\ud800-\\udfff';
  const small = `[^${gap}${mark}\\d${upper}]`;
  const big = `[^${gap}${mark}\\d${lower}]`;
  const after = (next) => `(?=[${gap}]|${next}|$)`;
  const ending = (forms) => `(?:['\\u2019](?:${forms}))?`;
  const quiet = ending('d|ll|m|re|s|t|ve');
  const loud = ending('D|LL|M|RE|S|T|VE');
  wordPattern = new RegExp(
    [
      `[${upper}]?[${lower}]+${quiet}${after(`[${upper}]`)}`,
      `${big}+${loud}${after(`[${upper}]${small}`)}`,
      `[${upper}]?${small}+${quiet}`,
      `[${upper}]+${loud}`,
      '\\d*(?:1ST|2ND|3RD|(?![123])\\dTH)(?=\\b|[a-z_])',
      '\\d*(?:1st|2nd|3rd|(?![123])\\dth)(?=\\b|[A-Z_])',
      '\\d+',
      '(?:[\\u2700-\\u27bf]|[\\ud800-\\udbff][\\udc00-\\udfff])[\\ufe0e\\ufe0f]?' +
        '(?:\\u200d(?:[\\u2700-\\u27bf]|[\\ud800-\\udbff][\\udc00-\\udfff])[\\ufe0e\\ufe0f]?)*',
    ].join('|'),
    'g',
  );
  return wordPattern;
}

const isMixed = (text) => /[a-z][A-Z]|[A-Z]{2}[a-z]|[0-9][a-zA-Z]|[a-zA-Z][0-9]|[^a-zA-Z0-9 ]/.test(text);

function words(value, pattern, guard) {
  const text = toString(value);
  if (!guard && pattern !== undefined) return text.match(pattern) || [];
  return text.match(isMixed(text) ? wordRegExp() : /[a-zA-Z0-9]+/g) || [];
}

const joiner = (separator, change) => (value) =>
  words(deburr(value).replace(/['\u2019]/g, ''))
    .map(change)
    .join(separator);
const lower = (word) => word.toLowerCase();

module.exports = {
  published: {
    deburr,
    words,
    camelCase: joiner('', (word, index) => (index ? upperFirst(lower(word)) : lower(word))),
    kebabCase: joiner('-', lower),
    snakeCase: joiner('_', lower),
    lowerCase: joiner(' ', lower),
    upperCase: joiner(' ', (word) => word.toUpperCase()),
    startCase: joiner(' ', (word) => upperFirst(word)),
  },
};
