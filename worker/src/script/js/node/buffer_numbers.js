// The number readers and writers of node's Buffer (readUInt32BE, writeDoubleLE, readIntBE, readBigInt64LE and
// the rest), over DataView. module.exports adds them to a prototype.

const { received, invalidArgument, outOfRange } = require('vayu:node/errors');

const FIXED = [
  ['UInt8', 'Uint8', 1],
  ['Int8', 'Int8', 1],
  ['UInt16', 'Uint16', 2],
  ['Int16', 'Int16', 2],
  ['UInt32', 'Uint32', 4],
  ['Int32', 'Int32', 4],
  ['Float', 'Float32', 4],
  ['Double', 'Float64', 8],
  ['BigUInt64', 'BigUint64', 8],
  ['BigInt64', 'BigInt64', 8],
];

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function checkOffset(bytes, offset, width) {
  if (typeof offset !== 'number') {
    throw invalidArgument(`The "offset" argument must be of type number. ${received(offset)}`);
  }
  if (!Number.isInteger(offset)) throw outOfRange('offset', 'an integer', offset);
  if (offset < 0 || offset + width > bytes.length) {
    throw outOfRange('offset', `>= 0 and <= ${bytes.length - width}`, offset);
  }
}

function checkInteger(value, width, signed) {
  const bits = width * 8;
  const least = signed ? -(2 ** (bits - 1)) : 0;
  const most = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  if (value < least || value > most) throw outOfRange('value', `>= ${least} and <= ${most}`, value);
}

function define(prototype, name, value) {
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  if (name.includes('UInt')) define(prototype, name.replace('UInt', 'Uint'), value);
}

function addFixed(prototype, suffix, type, width, little) {
  const integer = suffix.includes('Int') && !suffix.startsWith('Big');
  define(prototype, `read${suffix}`, function (offset = 0) {
    checkOffset(this, offset, width);
    return viewOf(this)[`get${type}`](offset, little);
  });
  define(prototype, `write${suffix}`, function (value, offset = 0) {
    if (integer) checkInteger(value, width, !suffix.startsWith('U'));
    checkOffset(this, offset, width);
    viewOf(this)[`set${type}`](offset, value, little);
    return offset + width;
  });
}

function addSized(prototype, suffix, signed, little) {
  const place = (index, width) => 2 ** (8 * (little ? index : width - 1 - index));
  define(prototype, `read${suffix}`, function (offset, width) {
    checkOffset(this, offset, width);
    let value = 0;
    for (let index = 0; index < width; index++) value += this[offset + index] * place(index, width);
    return signed && value >= 2 ** (width * 8 - 1) ? value - 2 ** (width * 8) : value;
  });
  define(prototype, `write${suffix}`, function (value, offset, width) {
    checkInteger(value, width, signed);
    checkOffset(this, offset, width);
    for (let index = 0; index < width; index++) {
      this[offset + index] = Math.floor(value / place(index, width)) & 0xff;
    }
    return offset + width;
  });
}

module.exports = (prototype) => {
  for (const [suffix, type, width] of FIXED) {
    if (width === 1) {
      addFixed(prototype, suffix, type, width, false);
      continue;
    }
    addFixed(prototype, `${suffix}LE`, type, width, true);
    addFixed(prototype, `${suffix}BE`, type, width, false);
  }
  for (const [order, little] of [
    ['LE', true],
    ['BE', false],
  ]) {
    addSized(prototype, `UInt${order}`, false, little);
    addSized(prototype, `Int${order}`, true, little);
  }
};
