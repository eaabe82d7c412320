// The strict base64 of atob and btoa, with the browsers' errors.

const { encode: encodeAs, base64Encode } = require('vayu:node/encoding');

function invalid(message) {
  const error = new Error(message);
  error.name = 'InvalidCharacterError';
  error.code = 5;
  return error;
}

function decode(text) {
  const compact = text.replace(/[\t\n\f\r ]/g, '');
  const digits = compact.length % 4 === 0 ? compact.replace(/={1,2}$/, '') : compact;
  if (/[^A-Za-z0-9+/]/.test(digits)) throw invalid('Invalid character');
  if (digits.length % 4 === 1) throw invalid('The string to be decoded is not correctly encoded.');
  return encodeAs(digits, 'base64');
}

function encode(text) {
  if (/[^\0-\xff]/.test(text)) throw invalid('Invalid character');
  return base64Encode(text);
}

module.exports = { decode, encode };
