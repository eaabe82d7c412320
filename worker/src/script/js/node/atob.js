// require('atob') and the global atob: base64 text to a string of one character a byte. Strict as browsers
// are; white space is allowed and the padding may be missing.

const { decode } = require('vayu:node/base64_strict');

module.exports = function atob(text) {
  return decode(String(text));
};
