// How util.inspect prints each kind of object: the braces, the text before them, the entries that are not
// properties, and the short name for when the depth is used up. A kind is { text } if that is everything, or
// { keys, open, close, base, short, whenEmpty, entries, list }.

const { quote } = require('vayu:node/inspect_text');
const types = require('vayu:node/types');
const { dataOf } = require('vayu:override');

function constructorName(value) {
  for (let object = value; object !== null; object = Object.getPrototypeOf(object)) {
    const descriptor = Object.getOwnPropertyDescriptor(object, 'constructor');
    const made = descriptor && dataOf(descriptor);
    if (typeof made === 'function' && made.name !== '') return made.name;
  }
  return null;
}

function tagOf(value, name) {
  const tag = value[Symbol.toStringTag];
  return typeof tag === 'string' && tag !== '' && tag !== name ? tag : '';
}

// 'Foo ', 'Foo [tag] ' or '[Object: null prototype] ', with the size of a list or map
function prefix(name, tag, fallback, size = '') {
  const known = name === null ? `[${fallback}${size}: null prototype]` : `${name}${size}`;
  return `${known} ${tag ? `[${tag}] ` : ''}`;
}

function visibleKeys(value) {
  const symbols = Object.getOwnPropertySymbols(value).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(value, key),
  );
  return Object.keys(value).concat(symbols);
}

const isIndex = (key) => typeof key === 'string' && /^(?:0|[1-9]\d{0,9})$/.test(key);

function moreItems(count) {
  return count > 0 ? [`... ${count} more item${count > 1 ? 's' : ''}`] : [];
}

// One entry per element; a run of holes is one entry.
function arrayEntries(array, inspector, level) {
  const limit = Math.min(inspector.options.maxArrayLength, array.length);
  const entries = [];
  let index = 0;
  while (index < array.length && entries.length < limit) {
    const start = index;
    while (index < array.length && !Object.hasOwn(array, index)) index += 1;
    const holes = index - start;
    if (holes > 0) entries.push(`<${holes} empty item${holes > 1 ? 's' : ''}>`);
    else entries.push(inspector.nested(array[index++], level));
  }
  return entries.concat(moreItems(array.length - index));
}

const isNumeric = (value) => typeof value === 'number' || typeof value === 'bigint';

function listKind(value, name, tag, fallback, inspector) {
  const plain = fallback === 'Array' && name === 'Array' && tag === '';
  const open = `${plain ? '' : prefix(name, tag, fallback, `(${value.length})`)}[`;
  return {
    keys: visibleKeys(value).filter((key) => !isIndex(key)),
    open,
    close: ']',
    short: shortName(name, tag, fallback),
    whenEmpty: value.length === 0 ? `${open}]` : undefined,
    entries: (each, level) => arrayEntries(value, each, level),
    list: {
      more: value.length > inspector.options.maxArrayLength,
      numeric: Array.prototype.every.call(value, isNumeric),
    },
  };
}

const shortName = (name, tag, fallback) => prefix(name, tag, fallback).trimEnd();

function limited(items, inspector, render) {
  const shown = items.slice(0, inspector.options.maxArrayLength);
  inspector.indentation += 2;
  const entries = shown.map(render);
  inspector.indentation -= 2;
  return entries.concat(moreItems(items.length - shown.length));
}

function collectionKind(value, name, tag, fallback) {
  const open = `${prefix(name, tag, fallback, `(${value.size})`)}{`;
  const entries = (inspector, level) =>
    fallback === 'Map'
      ? limited(
          [...value],
          inspector,
          ([key, item]) => `${inspector.value(key, level)} => ${inspector.value(item, level)}`,
        )
      : limited([...value], inspector, (item) => inspector.value(item, level));
  const whenEmpty = value.size === 0 ? `${open}}` : undefined;
  return {
    keys: visibleKeys(value),
    open,
    close: '}',
    short: shortName(name, tag, fallback),
    whenEmpty,
    entries,
  };
}

function withBase(value, base, short, keys = visibleKeys(value)) {
  return { keys, open: '{', close: '}', base, short, whenEmpty: base };
}

function functionBase(value, name) {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const source = Function.prototype.toString.call(value);
  if (source.startsWith('class') && source.endsWith('}')) {
    const parent = Object.getPrototypeOf(value).name;
    return `[class ${value.name || '(anonymous)'}${parent ? ` extends ${parent}` : ''}]`;
  }
  const type = /^(?:Async|Generator|AsyncGenerator)Function$/.test(tag) ? tag : 'Function';
  const lineage = name === null ? ' (null prototype)' : '';
  return `[${type}${lineage}${value.name ? `: ${value.name}` : ' (anonymous)'}]`;
}

function errorBase(value, inspector) {
  const header = errorHeader(value);
  const stack = typeof value.stack === 'string' ? value.stack.trimEnd() : '';
  // Some engines put the message at the head of the stack, others omit it.
  const lines =
    stack === '' || /^\s*at /.test(stack) ? [header, ...stack.split('\n').filter(Boolean)] : [stack];
  const text = lines.join('\n');
  if (!/\n\s*at /.test(text)) return `[${text}]`;
  return text.replaceAll('\n', `\n${' '.repeat(inspector.indentation)}`);
}

function errorHeader(value) {
  try {
    return Error.prototype.toString.call(value);
  } catch {
    return 'Error';
  }
}

function errorKind(value, name, inspector) {
  const keys = visibleKeys(value).filter(
    (key) =>
      !['stack', 'message', 'name'].includes(key) ||
      (key === 'name' && !String(value.stack).includes(value.name)),
  );
  for (const hidden of ['cause', 'errors']) {
    if (Object.hasOwn(value, hidden) && !keys.includes(hidden)) keys.push(hidden);
  }
  return withBase(value, errorBase(value, inspector), name || 'Error', keys);
}

function boxedBase(value, name, inspector) {
  const primitive = value.valueOf();
  const type = Object.prototype.toString.call(value).slice(8, -1);
  const text = typeof primitive === 'string' ? quote(primitive) : inspector.primitive(primitive);
  return `[${type}${name !== type && name !== null ? ` (${name})` : ''}: ${text}]`;
}

function bufferKind(value, name, tag) {
  const open = `${prefix(name, tag, 'ArrayBuffer')}{`;
  const bytes = new Uint8Array(value);
  const hex = Array.from(bytes.slice(0, 50), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const rest = bytes.length > 50 ? ` ... ${bytes.length - 50} more byte${bytes.length > 51 ? 's' : ''}` : '';
  const entries = () => [`[Uint8Contents]: <${hex}${rest}>`, `byteLength: ${bytes.length}`];
  return { keys: visibleKeys(value), open, close: '}', short: name || 'ArrayBuffer', entries };
}

const UNSEEN = { WeakMap: '<items unknown>', WeakSet: '<items unknown>' };

function plainKind(value, name, tag) {
  const isArguments = Object.prototype.toString.call(value) === '[object Arguments]';
  const bare = name === 'Object' && tag === '' && !isArguments;
  const open = isArguments ? '[Arguments] {' : `${bare ? '' : prefix(name, tag, 'Object')}{`;
  const unseen = UNSEEN[name];
  const kind = { keys: visibleKeys(value), open, close: '}', short: shortName(name, tag, 'Object') };
  if (unseen) kind.entries = () => [unseen];
  else kind.whenEmpty = `${open}}`;
  return kind;
}

function classify(value, inspector) {
  const name = constructorName(value);
  const tag = tagOf(value, name);
  if (Array.isArray(value)) return listKind(value, name, tag, 'Array', inspector);
  if (types.isTypedArray(value)) return listKind(value, name, tag, 'Uint8Array', inspector);
  if (types.isMap(value)) return collectionKind(value, name, tag, 'Map');
  if (types.isSet(value)) return collectionKind(value, name, tag, 'Set');
  if (typeof value === 'function') return withBase(value, functionBase(value, name), 'Function');
  if (types.isRegExp(value)) return withBase(value, RegExp.prototype.toString.call(value), name || 'RegExp');
  if (types.isDate(value)) {
    const valid = !Number.isNaN(Date.prototype.getTime.call(value));
    return withBase(value, valid ? Date.prototype.toISOString.call(value) : 'Invalid Date', name || 'Date');
  }
  if (types.isNativeError(value) || value instanceof Error) return errorKind(value, name, inspector);
  if (types.isBoxedPrimitive(value)) {
    const keys = visibleKeys(value).filter((key) => !(types.isStringObject(value) && isIndex(key)));
    return withBase(value, boxedBase(value, name, inspector), name, keys);
  }
  if (types.isAnyArrayBuffer(value)) return bufferKind(value, name, tag);
  return plainKind(value, name, tag);
}

module.exports = { classify };
