// require('btoa') and the global btoa, as the npm package in Postman: converts a Buffer, or the lower bytes
// of a string's characters, to base64. Browsers reject characters above U+00FF.

const { encode, base64Encode } = require('vayu:node/encoding');

module.exports = function btoa(value) {
  if (typeof value === 'string') return base64Encode(encode(value, 'latin1'));
  const { Buffer } = require('vayu:node/buffer');
  return (value instanceof Buffer ? value : Buffer.from(value.toString(), 'latin1')).toString('base64');
};
