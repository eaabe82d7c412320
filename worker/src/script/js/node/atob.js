// require('atob') and the global atob, as the npm package in Postman: converts base64 text to a string with
// one character per byte, decoded like node's Buffer. Both alphabets, missing padding and other characters in
// between are accepted; browsers reject them. A value that is not a string is read as Buffer.from reads it.

const { encode } = require('vayu:node/encoding');

module.exports = function atob(text) {
  if (typeof text === 'string') return encode(text, 'base64');
  return require('vayu:node/buffer').Buffer.from(text, 'base64').toString('latin1');
};
module.exports.atob = module.exports;
