// require('btoa') and the global btoa: a string of one character a byte to base64. A character above U+00FF
// is an error, as in browsers.

const { encode } = require('vayu:node/base64_strict');

module.exports = function btoa(text) {
  return encode(String(text));
};
