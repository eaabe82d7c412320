// Converts bytes between scripts and the engine, for the other files in this folder: scripts use buffers and
// views, the engine binary strings with one character per byte.

const { latin1OfCodes } = require('vayu:node/encoding');

const PLAIN = new Set(['[object ArrayBuffer]', '[object SharedArrayBuffer]']);

const isBuffer = (value) => PLAIN.has(Object.prototype.toString.call(value));
const isBytes = (value) => ArrayBuffer.isView(value) || isBuffer(value);

// Returns the bytes of a buffer or view as a Uint8Array over the same memory.
const viewOf = (value) =>
  ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);

const textOf = (value) => latin1OfCodes(Array.from(viewOf(value)));

const bytesOf = (text) => {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
};

const bufferOf = (text) => bytesOf(text).buffer;

module.exports = { bufferOf, bytesOf, isBytes, textOf, viewOf };
