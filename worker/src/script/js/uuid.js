// require('uuid'): v1, v3, v4, v5, v7, parse, stringify, validate, version, NIL and MAX, and callable itself
// (uuid() is v4, as before uuid 7). Random bytes come from the host.
// Not supported: v2, v6 and v8.

const { perIteration } = require('vayu:settings');

const PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const NIL = '00000000-0000-0000-0000-000000000000';
const MAX = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const TICKS_BEFORE_1970 = 122192928000000000n;

const codesOf = (latin1) => Array.from(latin1, (char) => char.charCodeAt(0));
const latin1Of = (bytes) => String.fromCharCode(...bytes);

function validate(text) {
  return typeof text === 'string' && (PATTERN.test(text) || text === NIL || text.toLowerCase() === MAX);
}

function version(text) {
  if (!validate(text)) throw new TypeError('Invalid UUID');
  return parseInt(text[14], 16);
}

function parse(text) {
  if (!validate(text)) throw new TypeError('Invalid UUID');
  return Uint8Array.from(text.replace(/-/g, '').match(/../g), (pair) => parseInt(pair, 16));
}

function format(bytes, offset = 0) {
  let hex = '';
  for (let index = 0; index < 16; index++)
    hex += (bytes[offset + index] & 0xff).toString(16).padStart(2, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function stringify(bytes, offset = 0) {
  const text = format(bytes, offset);
  if (bytes[offset + 15] === undefined || !validate(text)) throw new TypeError('Stringified UUID is invalid');
  return text;
}

function marked(bytes, number) {
  bytes[6] = (bytes[6] & 0x0f) | (number << 4);
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes;
}

function deliver(bytes, target, offset = 0) {
  if (!target) return format(bytes);
  for (let index = 0; index < 16; index++) target[offset + index] = bytes[index];
  return target;
}

function randomBytes(options) {
  const given = options && (options.random || (options.rng && options.rng()));
  return given ? Array.from(given) : codesOf(host.random(16));
}

function v4(options, target, offset) {
  return deliver(marked(randomBytes(options), 4), target, offset);
}

function v7(options, target, offset) {
  const bytes = marked(randomBytes(options), 7);
  const milliseconds = options && options.msecs !== undefined ? options.msecs : Date.now();
  for (let index = 0; index < 6; index++)
    bytes[index] = Math.floor(milliseconds / 2 ** (40 - index * 8)) & 0xff;
  return deliver(bytes, target, offset);
}

const clockState = perIteration(() => {
  const seed = codesOf(host.random(8));
  const node = [seed[0] | 1, ...seed.slice(1, 6)];
  return { node, sequence: ((seed[6] << 8) | seed[7]) & 0x3fff, milliseconds: 0, ticks: -1 };
});

// A count of 100 ns ticks distinguishes identifiers of one millisecond.
function nextTicks(state, milliseconds) {
  if (milliseconds < state.milliseconds) state.sequence = (state.sequence + 1) & 0x3fff;
  state.ticks = milliseconds === state.milliseconds ? state.ticks + 1 : 0;
  if (state.ticks >= 10000) throw new Error("uuid.v1(): Can't create more than 10M uuids/sec");
  state.milliseconds = milliseconds;
  return state.ticks;
}

function v1(options = {}, target, offset) {
  const settings = options || {};
  const state = clockState();
  const milliseconds = settings.msecs === undefined ? Date.now() : settings.msecs;
  const ticks = settings.nsecs === undefined ? nextTicks(state, milliseconds) : settings.nsecs;
  const time = BigInt(milliseconds) * 10000n + BigInt(ticks) + TICKS_BEFORE_1970;
  const sequence = settings.clockseq === undefined ? state.sequence : settings.clockseq;
  const at = (shift) => Number((time >> BigInt(shift)) & 0xffn);
  const bytes = [
    at(24),
    at(16),
    at(8),
    at(0),
    at(40),
    at(32),
    at(56),
    at(48),
    (sequence >>> 8) & 0x3f,
    sequence & 0xff,
    ...(settings.node || state.node),
  ];
  return deliver(marked(bytes, 1), target, offset);
}

function bytesOfName(name) {
  return typeof name === 'string' ? host.utf8Encode(name) : latin1Of(name);
}

function bytesOfNamespace(namespace) {
  const bytes = typeof namespace === 'string' ? parse(namespace) : namespace;
  if (!bytes || bytes.length !== 16) {
    throw new TypeError('Namespace must be array-like (16 iterable integer values, 0-255)');
  }
  return latin1Of(bytes);
}

function named(number, hashName) {
  const generate = (name, namespace, target, offset) => {
    const digest = host.hash(hashName, bytesOfNamespace(namespace) + bytesOfName(name));
    return deliver(marked(codesOf(digest.slice(0, 16)), number), target, offset);
  };
  generate.DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  generate.URL = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';
  return generate;
}

const v3 = named(3, 'md5');
const v5 = named(5, 'sha1');

function uuid(options, target, offset) {
  return v4(options, target, offset);
}

module.exports = Object.assign(uuid, { v1, v3, v4, v5, v7, parse, stringify, validate, version, NIL, MAX });
