// Text encodings of node's Buffer, for the other files in this folder: `encode` converts text to bytes and
// `decode` bytes to text, where bytes are a latin1 string (one character per byte). Base64 is as lenient as
// in node: both alphabets are accepted, other characters are skipped and the text ends at the first `=`.

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = STANDARD.replace('+/', '-_');
const PADDING = '='.charCodeAt(0);
const CHUNK = 8192;

const ALIASES = {
  utf8: 'utf8',
  'utf-8': 'utf8',
  hex: 'hex',
  base64: 'base64',
  base64url: 'base64url',
  latin1: 'latin1',
  binary: 'latin1',
  ascii: 'ascii',
  ucs2: 'utf16le',
  'ucs-2': 'utf16le',
  utf16le: 'utf16le',
  'utf-16le': 'utf16le',
};

// Returns the canonical name, or undefined for an encoding that node does not know either.
function canonical(name) {
  if (name === undefined || name === null || name === '') return 'utf8';
  const key = String(name).toLowerCase();
  return Object.hasOwn(ALIASES, key) ? ALIASES[key] : undefined;
}

let digitValues;

function digitTable() {
  if (digitValues) return digitValues;
  digitValues = [];
  for (let value = 0; value < 64; value++) {
    digitValues[STANDARD.charCodeAt(value)] = value;
    digitValues[URL_SAFE.charCodeAt(value)] = value;
  }
  return digitValues;
}

function base64Encode(bytes, urlSafe = false) {
  const alphabet = urlSafe ? URL_SAFE : STANDARD;
  const code = (index) => (index < bytes.length ? bytes.charCodeAt(index) & 0xff : 0);
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const triple = (code(index) << 16) | (code(index + 1) << 8) | code(index + 2);
    text += alphabet[triple >>> 18] + alphabet[(triple >>> 12) & 63];
    text += alphabet[(triple >>> 6) & 63] + alphabet[triple & 63];
  }
  const surplus = (3 - (bytes.length % 3)) % 3;
  if (surplus === 0) return text;
  return text.slice(0, -surplus) + (urlSafe ? '' : '='.repeat(surplus));
}

function base64Decode(text) {
  const table = digitTable();
  let bytes = '';
  let bits = 0;
  let held = 0;
  for (let index = 0; index < text.length; index++) {
    // For characters above U+00FF the lower byte is used, as in node.
    const code = text.charCodeAt(index) & 0xff;
    if (code === PADDING) break;
    const value = table[code];
    if (value === undefined) continue;
    bits = ((bits << 6) | value) & 0xfff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += String.fromCharCode((bits >>> held) & 0xff);
  }
  return bytes;
}

function hexDecode(text) {
  let bytes = '';
  for (let index = 0; index + 1 < text.length; index += 2) {
    const pair = text.slice(index, index + 2);
    if (!/^[0-9a-f]{2}$/i.test(pair)) break;
    bytes += String.fromCharCode(parseInt(pair, 16));
  }
  return bytes;
}

function hexEncode(bytes) {
  let text = '';
  for (let index = 0; index < bytes.length; index++) {
    text += bytes.charCodeAt(index).toString(16).padStart(2, '0');
  }
  return text;
}

function mapCodes(text, change) {
  const codes = new Array(text.length);
  for (let index = 0; index < text.length; index++) codes[index] = change(text.charCodeAt(index));
  return latin1OfCodes(codes);
}

function utf16Encode(text) {
  let bytes = '';
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    bytes += String.fromCharCode(code & 0xff, code >>> 8);
  }
  return bytes;
}

function utf16Decode(bytes) {
  let text = '';
  for (let index = 0; index + 1 < bytes.length; index += 2) {
    text += String.fromCharCode(bytes.charCodeAt(index) | (bytes.charCodeAt(index + 1) << 8));
  }
  return text;
}

const CODERS = {
  utf8: [(text) => host.utf8Encode(text), (bytes) => host.utf8Decode(bytes)],
  hex: [hexDecode, hexEncode],
  base64: [base64Decode, (bytes) => base64Encode(bytes)],
  base64url: [base64Decode, (bytes) => base64Encode(bytes, true)],
  latin1: [(text) => mapCodes(text, (code) => code & 0xff), (bytes) => bytes],
  ascii: [(text) => mapCodes(text, (code) => code & 0xff), (bytes) => mapCodes(bytes, (code) => code & 0x7f)],
  utf16le: [utf16Encode, utf16Decode],
};

function latin1OfCodes(codes) {
  if (codes.length <= CHUNK) return String.fromCharCode.apply(null, codes);
  let text = '';
  for (let start = 0; start < codes.length; start += CHUNK) {
    text += String.fromCharCode.apply(null, codes.slice(start, start + CHUNK));
  }
  return text;
}

module.exports = {
  canonical,
  encode: (text, encoding) => CODERS[encoding][0](text),
  decode: (bytes, encoding) => CODERS[encoding][1](bytes),
  latin1OfCodes,
  base64Encode,
};
