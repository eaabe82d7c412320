// What the classes of `Intl` share: the supported locales, and how options are read. US English is the only
// language; every other one is rejected rather than shown in English.

const KNOWN = /^en(-us)?(-u(-[0-9a-z]{2,8})+)?$/i;
const TAG = /^[a-z]{2,8}(-[0-9a-z]{1,8})*$/i;
const LOCALE = 'en-US';

const first = (locales) => {
  if (locales === undefined || typeof locales === 'string') return locales;
  if (locales === null || typeof locales !== 'object') {
    throw new TypeError(`Incorrect locale information provided: ${String(locales)}`);
  }
  return Array.isArray(locales) ? locales[0] : String(locales);
};

const checkTag = (tag) => {
  if (typeof tag !== 'string' || !TAG.test(tag)) {
    throw new RangeError(`Incorrect locale information provided: ${String(tag)}`);
  }
};

// Returns the keywords of a locale's extension, as in `en-US-u-hc-h23`: an object with `hc`, `nu`, `ca` and
// so on.
const keywords = (tag) => {
  const found = {};
  let key;
  for (const part of tag.toLowerCase().split('-u-')[1]?.split('-') ?? []) {
    if (part.length === 2) found[(key = part)] = '';
    else if (key !== undefined) found[key] += (found[key] && '-') + part;
  }
  return found;
};

// Returns the keywords of the requested locale; throws for any locale except en-US.
const locale = (locales) => {
  const tag = first(locales);
  if (tag === undefined) return {};
  checkTag(tag);
  if (!KNOWN.test(tag)) {
    throw new RangeError(`the locale "${tag}" is not supported: only en-US is supported`);
  }
  return keywords(tag);
};

const supportedLocalesOf = (locales) => {
  const list = locales === undefined ? [] : Array.isArray(locales) ? locales : [first(locales)];
  return list.filter((tag) => {
    checkTag(tag);
    return KNOWN.test(tag);
  });
};

// Returns the options as an object; `null` is an error as in every engine.
const objectOf = (options) => {
  if (options === undefined) return {};
  if (options === null) throw new TypeError('Cannot convert undefined or null to object');
  return Object(options);
};

// Returns a string option, which must be one of the list, if there is a list.
const textOf = (options, name, values, fallback) => {
  const value = options[name];
  if (value === undefined) return fallback;
  const text = String(value);
  if (values !== undefined && !values.includes(text)) {
    throw new RangeError(`Value ${text} out of range for Intl options property ${name}: use ${values.join(', ')}`);
  }
  return text;
};

const checkedNumber = (value, name, least, most) => {
  const number = Number(value);
  if (!(number >= least && number <= most)) {
    throw new RangeError(`${name} value is out of range: ${String(value)} is not within ${least} to ${most}`);
  }
  return Math.floor(number);
};

const numberOf = (options, name, least, most, fallback) =>
  options[name] === undefined ? fallback : checkedNumber(options[name], name, least, most);

// Accepts only the supported values: Western digits, the Gregorian calendar.
const checkSame = (options, name, known) => {
  const value = options[name];
  if (value !== undefined && String(value).toLowerCase() !== known) {
    throw new RangeError(`${name} "${String(value)}" is not supported: this engine knows "${known}" only`);
  }
};

// Methods that work without their object, as in `array.map(format.format)`, are created once per object.
const bound = (self, name, method) => {
  const call = method.bind(self);
  Object.defineProperty(call, 'name', { value: '' });
  Object.defineProperty(self, name, { value: call, enumerable: false, configurable: true });
  return call;
};

module.exports = { LOCALE, bound, checkSame, checkedNumber, locale, numberOf, objectOf, supportedLocalesOf, textOf };
