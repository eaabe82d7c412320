// String functions of lodash except words and cases (words.js) and templates (template.js): trimming,
// padding, searching, escaping and shortening. Every argument is converted to a string first.

const { isIterateeCall, isRegExp, toInteger, toString, toText, tagOf } = require('vayu:lodash/types');

const symbolsOf = (text) =>
  text.match(/\p{Extended_Pictographic}(?:\ufe0f|\u200d\p{Extended_Pictographic})*|./gsu) || [];

function repeat(value, count, guard) {
  const single = guard ? isIterateeCall(value, count, guard) : count === undefined;
  const times = single ? 1 : toInteger(count);
  const text = toString(value);
  return text && times > 0 && times <= Number.MAX_SAFE_INTEGER ? text.repeat(times) : '';
}

function padding(length, chars) {
  const unit = chars === undefined ? ' ' : toString(chars);
  if (!unit || length <= 0) return '';
  const symbols = symbolsOf(unit);
  return Array.from({ length }, (_, index) => symbols[index % symbols.length]).join('');
}

const padder = (share) => (value, length, chars) => {
  const text = toString(value);
  const missing = toInteger(length) - (toInteger(length) ? symbolsOf(text).length : 0);
  if (!toInteger(length) || missing <= 0) return text;
  const left = share(missing);
  return padding(left, chars) + text + padding(missing - left, chars);
};

const trimmer = (atStart, atEnd) => (value, chars, guard) => {
  const text = toString(value);
  if (guard || chars === undefined) {
    if (atStart && atEnd) return text.trim();
    return atStart ? text.trimStart() : text.trimEnd();
  }
  const unwanted = new Set(symbolsOf(toText(chars)));
  const symbols = symbolsOf(text);
  let [start, end] = [0, symbols.length];
  while (atStart && start < end && unwanted.has(symbols[start])) start++;
  while (atEnd && end > start && unwanted.has(symbols[end - 1])) end--;
  return symbols.slice(start, end).join('');
};

function split(value, separator, limit) {
  const guarded = limit && typeof limit !== 'number' && isIterateeCall(value, separator, limit);
  const most = guarded || limit === undefined ? 4294967295 : limit >>> 0;
  const by = guarded ? undefined : separator;
  const text = toString(value);
  if (!most) return [];
  if (by != null && !isRegExp(by) && toString(by) === '') return symbolsOf(text).slice(0, most);
  return text.split(by, most);
}

const within = (position, length) => Math.min(Math.max(toInteger(position), 0), length);

function endsWith(value, target, position) {
  const text = toString(value);
  const wanted = typeof target === 'string' ? target : `${target}`;
  return text.endsWith(wanted, position === undefined ? text.length : within(position, text.length));
}

function startsWith(value, target, position) {
  const text = toString(value);
  const wanted = typeof target === 'string' ? target : `${target}`;
  return text.startsWith(wanted, position == null ? 0 : within(position, text.length));
}

const caseFirst = (change) => (value) => {
  const [first, ...rest] = symbolsOf(toString(value));
  return first === undefined ? '' : change(first) + rest.join('');
};
const upperFirst = caseFirst((text) => text.toUpperCase());
const lowerFirst = caseFirst((text) => text.toLowerCase());

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const PLAIN = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const escape = (value) => toString(value).replace(/[&<>"']/g, (char) => ENTITIES[char]);
const unescape = (value) => toString(value).replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => PLAIN[entity]);

// Cuts the kept part back to the last separator in it.
function cutAtSeparator(kept, rest, separator) {
  if (!isRegExp(separator)) {
    const text = toString(separator);
    if ((kept + rest).indexOf(text, kept.length) === kept.length) return kept;
    const index = kept.lastIndexOf(text);
    return index > -1 ? kept.slice(0, index) : kept;
  }
  if ((kept + rest).slice(kept.length).search(separator) === 0) return kept;
  const flags = separator.flags.includes('g') ? separator.flags : `${separator.flags}g`;
  const found = [...kept.matchAll(new RegExp(separator.source, flags))].pop();
  return found ? kept.slice(0, found.index) : kept;
}

function truncate(value, options) {
  const given = tagOf(options) === 'Object' ? options : {};
  const length = 'length' in given ? toInteger(given.length) : 30;
  const omission = 'omission' in given ? toString(given.omission) : '...';
  const symbols = symbolsOf(toString(value));
  if (length >= symbols.length) return symbols.join('');
  const end = length - symbolsOf(omission).length;
  if (end < 1) return omission;
  const kept = symbols.slice(0, end).join('');
  if (given.separator === undefined) return kept + omission;
  return cutAtSeparator(kept, symbols.slice(end).join(''), given.separator) + omission;
}

function parseInteger(value, radix, guard) {
  const base = guard || radix == null ? 0 : +radix;
  return parseInt(toString(value).trimStart(), base || 0);
}

module.exports = {
  published: {
    repeat,
    split,
    startsWith,
    endsWith,
    upperFirst,
    lowerFirst,
    escape,
    unescape,
    truncate,
    pad: padder((missing) => Math.floor(missing / 2)),
    padStart: padder((missing) => missing),
    padEnd: padder(() => 0),
    trim: trimmer(true, true),
    trimStart: trimmer(true, false),
    trimEnd: trimmer(false, true),
    replace: (value, ...rest) =>
      rest.length < 2 ? toString(value) : toString(value).replace(rest[0], rest[1]),
    toLower: (value) => toString(value).toLowerCase(),
    toUpper: (value) => toString(value).toUpperCase(),
    capitalize: (value) => upperFirst(toString(value).toLowerCase()),
    escapeRegExp: (value) => toString(value).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
    parseInt: parseInteger,
  },
  upperFirst,
  escape,
};
