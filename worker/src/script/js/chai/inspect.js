// Formats a value for an assertion message, truncated to a number of characters with '…' as chai 4 prints it:
// 'text', +0, [ 1, 2 ], { a: 1 }, Map{ 'a' => 1 }, [Function name], Foo{ a: 1 }, …(3).
// `state.room` is the space left for one value. Each piece subtracts its share when it is created, which
// decides where later pieces are cut. Nothing here runs for an assertion that holds. HTML elements have no
// special format, and node's inspectors (Symbol.for('nodejs.util.inspect.custom')) are not called.

const { tagOf, functionName } = require('vayu:chai/type');
const config = require('vayu:chai/config');

const MORE = '…';
const CONTROLS = /['\u0000-\u001f\u007f-\u009f\u00ad\u0600-\u0604\u070f\u17b4\u17b5]/g;
const INVISIBLES = /[\u200c-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff0-\uffff]/g;
const SHORT_ESCAPES = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', "'": "\\'" };
const ERROR_KEYS = ['stack', 'line', 'column', 'name', 'message', 'fileName', 'lineNumber', 'columnNumber',
  'number', 'description'];

function cut(value, room) {
  const text = String(value);
  if (text.length <= room || text.length <= 1) return text;
  return room < 1 ? MORE : text.slice(0, room - 1) + MORE;
}

const escapeCharacter = (character) =>
  SHORT_ESCAPES[character] || '\\u' + character.charCodeAt(0).toString(16).padStart(4, '0');

function textOfString(value, state) {
  const escaped = String(value).replace(CONTROLS, escapeCharacter).replace(INVISIBLES, escapeCharacter);
  return `'${cut(escaped, state.room - 2)}'`;
}

function textOfNumber(number, state) {
  if (number === 0) return 1 / number === Infinity ? '+0' : '-0';
  return Number.isFinite(Number(number)) ? cut(number, state.room) : String(number);
}

function textOfBigInt(number, state) {
  const digits = cut(number.toString(), state.room - 1);
  return digits === MORE ? digits : digits + 'n';
}

function textOfFunction(value, state) {
  const name = functionName(value);
  return name ? `[Function ${cut(name, state.room - 11)}]` : '[Function]';
}

function textOfDate(date, state) {
  const iso = date.toJSON();
  if (iso === null) return 'Invalid Date';
  const [day, time] = iso.split('T');
  return `${day}T${cut(time, state.room - day.length - 1)}`;
}

function textOfRegExp(expression, state) {
  const flags = expression.toString().split('/')[2];
  return `/${cut(expression.source, state.room - 2 - flags.length)}/${flags}`;
}

// Items joined by ', ' as long as they fit, then '…(number of items left)'. The text of the next item is
// created in advance, with the room that the current one left.
function list(items, state, textOfItem) {
  const whole = state.room;
  const count = items.length;
  let output = '';
  let ahead = '';
  for (let i = 0; i < count; i++) {
    const left = count - 1 - i;
    const tail = left ? ', ' : '';
    const rest = `${MORE}(${count - i})`;
    state.room = whole - output.length - tail.length;
    const text = ahead || textOfItem(items[i], state) + tail;
    const length = output.length + text.length;
    const overflows = length + rest.length > whole;
    if (left === 0) return output + (length > whole && output.length + rest.length <= whole ? rest : text);
    if (left > 1 && overflows) return output + rest;
    ahead = textOfItem(items[i + 1], state) + (left > 1 ? ', ' : '');
    const lengthAhead = length + ahead.length;
    if (left === 1 && overflows && lengthAhead > whole) return output + rest;
    output += text;
    if (left > 1 && lengthAhead >= whole) return `${output}${MORE}(${left})`;
  }
  return output;
}

function keyText(key) {
  if (/^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key)) return key;
  return "'" + JSON.stringify(key).slice(1, -1).replace(/'/g, "\\'").replace(/\\"/g, '"') + "'";
}

function textOfProperty([key, value], state) {
  state.room -= 2;
  const label = typeof key === 'string' ? keyText(key) : `[${textOf(key, state)}]`;
  state.room -= label.length;
  return `${label}: ${textOf(value, state)}`;
}

function properties(object, keys, state) {
  return list(keys.map((key) => [key, object[key]]), state, textOfProperty);
}

// Runs `make` unless the value is nested in itself.
function guarded(value, state, make) {
  if (state.open.includes(value)) return '[Circular]';
  state.open.push(value);
  const text = make();
  state.open.pop();
  return text;
}

const withProperties = (listed, named) => (named ? `${listed}, ${named}` : listed);

function textOfArray(array, state) {
  const named = Object.keys(array).slice(array.length);
  if (!array.length && !named.length) return '[]';
  state.room -= 4;
  return guarded(array, state, () => {
    const listed = list(array, state, textOf);
    state.room -= listed.length;
    return `[ ${withProperties(listed, named.length ? properties(array, named, state) : '')} ]`;
  });
}

function textOfTypedArray(array, state) {
  const name = array[Symbol.toStringTag] || array.constructor.name;
  const named = Object.keys(array).slice(array.length);
  state.room -= name.length + 4;
  if (!array.length && !named.length) return `${name}[]`;
  let output = '';
  for (let i = 0; i < array.length; i++) {
    const text = cut(array[i], state.room) + (i === array.length - 1 ? '' : ', ');
    state.room -= text.length;
    // The printed count follows from the value, not from the index, as in chai's printer.
    if (array[i] !== array.length && state.room <= 3) {
      output += `${MORE}(${array.length - Number(array[i]) + 1})`;
      break;
    }
    output += text;
  }
  return `${name}[ ${withProperties(output, named.length ? properties(array, named, state) : '')} ]`;
}

function textOfArguments(values, state) {
  if (!values.length) return 'Arguments[]';
  state.room -= 13;
  return `Arguments[ ${list(values, state, textOf)} ]`;
}

function textOfMapEntry([key, value], state) {
  state.room -= 4;
  const label = textOf(key, state);
  state.room -= label.length;
  return `${label} => ${textOf(value, state)}`;
}

function textOfMap(map, state) {
  // chai's printer also prints a map of one entry as an empty one.
  if (map.size < 2) return 'Map{}';
  state.room -= 7;
  return guarded(map, state, () => `Map{ ${list([...map], state, textOfMapEntry)} }`);
}

function textOfSet(set, state) {
  if (!set.size) return 'Set{}';
  state.room -= 7;
  return guarded(set, state, () => `Set{ ${list([...set], state, textOf)} }`);
}

function textOfError(error, state) {
  const keys = Object.getOwnPropertyNames(error).filter((key) => !ERROR_KEYS.includes(key));
  const name = String(error.name);
  state.room -= name.length;
  let message = '';
  if (typeof error.message === 'string') message = cut(error.message, state.room);
  else keys.unshift('message');
  if (message) message = `: ${message}`;
  state.room -= message.length + 5;
  const contents = guarded(error, state, () => properties(error, keys, state));
  return name + message + (contents ? ` { ${contents} }` : '');
}

function textOfObject(object, state) {
  const names = Object.getOwnPropertyNames(object);
  const symbols = Object.getOwnPropertySymbols(object);
  if (!names.length && !symbols.length) return '{}';
  state.room -= 4;
  return guarded(object, state, () => {
    const named = properties(object, names, state);
    const keyed = properties(object, symbols, state);
    return `{ ${named}${named && keyed ? ', ' : ''}${keyed} }`;
  });
}

function textOfInstance(object, state) {
  const tagged = Symbol.toStringTag in object ? object[Symbol.toStringTag] : '';
  const name = tagged || functionName(object.constructor) || '<Anonymous Class>';
  state.room -= name.length;
  return name + textOfObject(object, state);
}

function textOfOther(value, state) {
  if ('inspect' in value && typeof value.inspect === 'function') {
    const own = value.inspect(2, { truncate: state.room });
    if (typeof own === 'string' || !own) return own || textOfPlain(value, state);
    return textOf(own, state);
  }
  return textOfPlain(value, state);
}

function textOfPlain(value, state) {
  const proto = Object.getPrototypeOf(value);
  const plain = proto === Object.prototype || proto === null || !('constructor' in value);
  return plain || value.constructor === Object ? textOfObject(value, state) : textOfInstance(value, state);
}

function textOf(value, { room, open }) {
  const state = { room, open };
  if (value === null) return 'null';
  const kind = typeof value === 'object' ? tagOf(value) : typeof value;
  switch (kind) {
    case 'undefined': return 'undefined';
    case 'boolean': case 'Boolean': return String(value);
    case 'number': case 'Number': return textOfNumber(value, state);
    case 'bigint': case 'BigInt': return textOfBigInt(value, state);
    case 'string': case 'String': return textOfString(value, state);
    case 'function': case 'Function': return textOfFunction(value, state);
    case 'symbol': case 'Symbol': return Symbol.prototype.toString.call(value);
    case 'Array': return textOfArray(value, state);
    case 'Date': return textOfDate(value, state);
    case 'RegExp': return textOfRegExp(value, state);
    case 'Map': return textOfMap(value, state);
    case 'Set': return textOfSet(value, state);
    case 'Error': return textOfError(value, state);
    case 'Arguments': return textOfArguments(value, state);
    case 'Promise': case 'WeakMap': case 'WeakSet': return `${kind}{${MORE}}`;
    case 'Generator': case 'DataView': case 'ArrayBuffer': return '';
    default: return ArrayBuffer.isView(value) ? textOfTypedArray(value, state) : textOfOther(value, state);
  }
}

const inspect = (value) => textOf(value, { room: config.truncateThreshold || Infinity, open: [] });

// The text for a message: values that would be truncated are named by their kind instead.
function display(value) {
  const text = inspect(value);
  const limit = config.truncateThreshold;
  if (!limit || text.length < limit) return text;
  const tag = tagOf(value);
  if (tag === 'Function') return value.name ? `[Function: ${value.name}]` : '[Function]';
  if (tag === 'Array') return `[ Array(${value.length}) ]`;
  if (tag !== 'Object') return text;
  const keys = Object.keys(value);
  return `{ Object (${keys.length > 2 ? keys.slice(0, 2).join(', ') + ', ...' : keys.join(', ')}) }`;
}

module.exports = { inspect, display };
