// require('atob') and the global atob, as the npm package that Postman has: base64 text to a string of one
// character a byte, read as node's Buffer does. Both alphabets, missing padding and other characters between are
// taken; browsers refuse them. What is no text is read as Buffer.from reads it.

const { encode } = require('vayu:node/encoding');

module.exports = function atob(text) {
  if (typeof text === 'string') return encode(text, 'base64');
  return require('vayu:node/buffer').Buffer.from(text, 'base64').toString('latin1');
};
module.exports.atob = module.exports;
