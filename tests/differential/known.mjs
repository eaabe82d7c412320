// The differences that stay, each with its reason, told by what the script says and what came of it. They are the list
// of docs/script-libraries.md; an entry that is not met any more is to be taken out of both.

const says =
  (pattern) =>
  ({ script }) =>
    pattern.test(script);
const gives = (text) => text.startsWith('gives ');

// Texts that the JavaScript engines themselves write differently.
const plain = (text) =>
  text
    .replace(/ \\*\(Co[a-z A-Z]*(?:\\*\)|…)/g, '')
    .replace(/^gives (TypeError|RangeError|SyntaxError|ReferenceError): .*/s, 'gives $1')
    .replace(/function (\w*)\(\) \{\s*\[native code\]\s*\}/g, 'function $1() { [native code] }');

// An outcome without members that are undefined, which JSON does not have.
const withoutUndefined = (text) => {
  const shorter = text.replace(/"[^"]*":undefined,|,?"[^"]*":undefined/g, '');
  return shorter === text ? text : withoutUndefined(shorter);
};

// Whether one outcome is the other in another order.
const hasSameSigns = (one, other) => [...one].sort().join('') === [...other].sort().join('');

const BROKEN =
  /^throws (?:TypeError: (?:Cannot (?:read|set) properties of|Cannot convert a Symbol|.* is not a function|Cannot convert object to primitive)|RangeError: Maximum call stack|Error: collection: unable to upsert)/;

const LIST = [
  {
    libraries: ['lodash', 'lodash3', 'chai', 'moment', 'cheerio', 'base64'],
    reason:
      'texts of dates have no name of the time zone, texts of native functions other blanks, errors of the language other words',
    isIt: ({ script, ours, theirs }) =>
      plain(ours) === plain(theirs) || (script.includes('String(x).length') && script.includes('new Date(')),
  },
  {
    libraries: ['chai', 'lodash', 'lodash3', 'cheerio', 'collection', 'moment', 'tv4', 'ajv'],
    reason:
      'where the original fails by a mistake of its own (undefined is read, the stack overflows), a value is given',
    isIt: ({ ours, theirs }) => gives(ours) && BROKEN.test(theirs),
  },
  {
    libraries: ['chai'],
    reason: 'Math, JSON and globalThis have other members in the engine, which messages show',
    isIt: says(/\b(?:Math|JSON|globalThis)\b/),
  },
  {
    libraries: ['chai'],
    reason:
      'where chai itself fails with a TypeError, the assertion fails; errors of the language have other messages',
    isIt: ({ ours, theirs }) => BROKEN.test(theirs) || /class constructor/i.test(ours),
  },
  {
    libraries: ['lodash', 'lodash3'],
    reason:
      'the last argument of a callback: a text itself for collections that are texts, a Map for the stack of merge',
    isIt: ({ script, ours, theirs }) =>
      /\.\.\.args\) => args/.test(script) && /String\(|__data__|Map\{\}/.test(ours + theirs),
  },
  {
    libraries: ['lodash', 'lodash3'],
    reason: 'sorting by values that cannot be compared (objects, lists, NaN) has another order',
    isIt: ({ script, ours, theirs }) =>
      /\.(?:sortBy|orderBy|sortByAll|sortByOrder)\(/.test(script) && hasSameSigns(ours, theirs),
  },
  {
    libraries: ['lodash'],
    reason: 'a list with a symbol in it is taken as a path; in lodash it is an error',
    isIt: ({ ours, theirs }) => gives(ours) && theirs.includes('Cannot convert a Symbol'),
  },
  {
    libraries: ['lodash3'],
    reason: 'global _: symbols are paths as in lodash 4; in version 3 they are errors',
    isIt: says(/Symbol/),
  },
  {
    libraries: ['lodash3'],
    reason:
      'global _: maps, sets, typed arrays and arguments are cloned, merged and listed as in lodash 4; version 3 does not know them',
    isIt: says(/new (?:Map|Set|Uint8Array|Float64Array|ArrayBuffer)\(|return arguments/),
  },
  {
    libraries: ['lodash3'],
    reason: 'global _: -0 becomes 0 in sets of values, as in lodash 4; BigInt is taken as a number',
    isIt: ({ script }) =>
      /-0\b|\b1n\b/.test(script) &&
      /\.(?:union|xor|difference|intersection|uniq|unique|pull|without|indexOf|add|sum|pick)\(/.test(script),
  },
  {
    libraries: ['lodash3'],
    reason: 'global _: words are found, and texts made of lists, as in lodash 4',
    isIt: says(
      /\.(?:words|camelCase|kebabCase|snakeCase|startCase|trim|trimLeft|trimRight|trunc|padLeft|padRight|pad|repeat|escape|deburr|endsWith|startsWith|parseInt|unescape)\(/,
    ),
  },
  {
    libraries: ['lodash3'],
    reason: "global _: paths with empty parts ('a..b', '') are read as in lodash 4",
    isIt: ({ script }) =>
      /'a\.\.b'|''|\['a\.b'\]|\['a', 0\]/.test(script) &&
      /\.(?:set|get|has|result|invoke|at|pick|omit|pluck|map|property|propertyOf|matchesProperty|object)\(/.test(
        script,
      ),
  },
  {
    libraries: ['lodash3'],
    reason:
      'global _: other corners of version 3 (isNative of objects, sums of numbers above 2^53, zipWith without arrays)',
    isIt: says(/\.(?:isNative|floor|ceil|round|sum|zipWith|unzipWith|where|toArray|assign|isMatch|times)\(/),
  },
  {
    libraries: ['moment'],
    reason:
      'units weekYear and isoWeekYear count in startOf, endOf and comparisons; in moment the result is an invalid date',
    isIt: says(/'(?:isoWeekYear|weekYear)'/),
  },
  {
    libraries: ['moment'],
    reason: 'a duration of nothing in a unit that durations have not is no time; in moment it is invalid',
    isIt: says(/duration\(null|zoneName/),
  },
  {
    libraries: ['moment'],
    reason: 'parsingFlags, creationData, localeData and inspect show other internals',
    isIt: says(/\.(?:parsingFlags|creationData|inspect|localeData)\(/),
  },
  {
    libraries: ['tv4'],
    reason: 'banUnknownProperties: branches of anyOf that fail after one has held are no errors',
    isIt: ({ script }) => /false, true\)/.test(script) && script.includes('anyOf'),
  },
  {
    libraries: ['cheerio'],
    reason: 'positions in selectors (:first, :last, :eq(n), :even, ...) work; in cheerio 0.22 they are errors',
    isIt: ({ ours, theirs }) => gives(ours) && theirs.includes('unmatched pseudo-class'),
  },
  {
    libraries: ['cheerio'],
    reason:
      'elements at the top of a document are siblings of each other; cheerio 0.22 takes each as an only child in places',
    isIt: says(/:(?:nth|first|last|only)-|\.siblings\(/),
  },
  {
    libraries: ['cheerio'],
    reason: 'prop() knows outerHTML, innerHTML and textContent',
    isIt: says(/\.prop\('outerHTML'\)/),
  },
  {
    libraries: ['cheerio'],
    reason:
      'putting an element into itself is an error; cheerio 0.22 loses elements by it, and by insertAfter and the like where nothing is found',
    isIt: ({ script, ours }) =>
      ours.includes('cannot be put into itself') || /\.(?:insertAfter|appendTo|prependTo)\(/.test(script),
  },
  {
    libraries: ['cheerio'],
    reason: 'html(function) calls the function; cheerio 0.22 writes its text',
    isIt: says(/\.html\(\(i, old\) => old\)/),
  },
  {
    libraries: ['cheerio'],
    reason: 'what is found below two elements of a context is found once',
    isIt: says(/\$\("[^"]*", "[^"]*(?:,|div|span|p|\*)[^"]*"\)/),
  },
  {
    libraries: ['cheerio'],
    reason: 'add gives elements in the order of the document; cheerio 0.22 in places not',
    isIt: says(/\.add\(/),
  },
  {
    libraries: ['cheerio'],
    reason: 'the document itself is no element, which addBack and end may lead to: what is read of it is undefined',
    isIt: says(/\.(?:addBack|end)\(\)/),
  },
  {
    libraries: ['collection'],
    reason: 'members that are undefined are left out of plain copies',
    isIt: ({ ours, theirs }) => withoutUndefined(ours) === withoutUndefined(theirs),
  },
  {
    libraries: ['collection'],
    reason: 'members of requests in JSON have an order of their own',
    isIt: ({ ours, theirs }) => hasSameSigns(ours, theirs),
  },
  {
    libraries: ['collection'],
    reason: 'details() has explanations of its own',
    isIt: says(/\.details\(\)/),
  },
  {
    libraries: ['collection'],
    reason: 'RequestAuth.current() is parameters() by another name; in Postman it is an error',
    isIt: says(/\.current\(\)/),
  },
  {
    libraries: ['collection'],
    reason: 'a method that is assigned to a request is written in capitals',
    isIt: says(/\.method = /),
  },
  {
    libraries: ['collection'],
    reason:
      'lists: members are found by the names they have now; assimilate with prune keeps what the source has, whatever its case; reference has no order of its own',
    isIt: says(/assimilate\(|\.reference\b|\.(?:insert|insertAfter|prepend)\(/),
  },
  {
    libraries: ['crypto-js'],
    reason: 'DES, TripleDES, RC4, Rabbit and PBKDF2 with SHA3 are errors that say so',
    isIt: ({ script, ours }) =>
      /(?:DES|RC4|Rabbit|RC4Drop|RabbitLegacy) is not supported/.test(ours) ||
      (/PBKDF2.*algo\.SHA3/.test(script) && /"keccak-512" is not supported/.test(ours)),
  },
  {
    libraries: ['crypto-js'],
    reason:
      'words hold 32 bits with a sign, and no more than sigBytes says (3.3 has larger ones in SHA-384 and SHA-512, and surplus ones in derived keys)',
    isIt: says(/\.words\b|JSON\.stringify/),
  },
  {
    libraries: ['crypto-js'],
    reason:
      'what comes of decrypting with a wrong key: a length below zero in crypto-js, what is there in the engine',
    isIt: says(/AES\.decrypt\(/),
  },
];

// The reason why a script may differ, or undefined.
export function known(library, { script, ours, theirs }) {
  return LIST.find((entry) => entry.libraries.includes(library) && entry.isIt({ script, ours, theirs }))?.reason;
}

export { LIST };
