// The global `crypto`: random values of the operating system, and `crypto.subtle`, which is loaded when it is
// first read.
// Not supported: node's module with this name.

const { v4 } = require('vayu:uuid');
const { bytesOf, viewOf } = require('vayu:web/bytes');

const MOST_RANDOM = 65536;
const INTEGERS = ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array',
  'Uint32Array', 'BigInt64Array', 'BigUint64Array'];
const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;

const isInteger = (value) => ArrayBuffer.isView(value) && INTEGERS.includes(tagOf.call(value));

class Crypto {
  get subtle() {
    return require('vayu:web/subtle');
  }

  getRandomValues(array) {
    if (!isInteger(array)) {
      throw new DOMException('The data argument must be an integer-type TypedArray, as Uint8Array', 'TypeMismatchError');
    }
    if (array.byteLength > MOST_RANDOM) {
      throw new DOMException(`The requested length exceeds ${MOST_RANDOM} bytes: ${array.byteLength}`, 'QuotaExceededError');
    }
    viewOf(array).set(bytesOf(host.random(array.byteLength)));
    return array;
  }

  randomUUID() {
    return v4();
  }

  get [Symbol.toStringTag]() {
    return 'Crypto';
  }
}

module.exports = new Crypto();
