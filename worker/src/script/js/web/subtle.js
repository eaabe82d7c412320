// `crypto.subtle`: digests, HMAC and RSASSA-PKCS1-v1_5. The work is done synchronously in the call, and the
// promise it returns is already settled. Other algorithms are rejected by name.

const { bufferOf, isBytes, textOf } = require('vayu:web/bytes');
const keys = require('vayu:web/crypto_keys');

const { HMAC, engineHash, fail, hashOf, keyAlgorithm, materialOf } = keys;

const dataOf = (data) => {
  if (!isBytes(data)) {
    throw new TypeError('the data is not an ArrayBuffer, a typed array or a DataView: use TextEncoder for a string');
  }
  return textOf(data);
};

const checkUse = (algorithm, key, usage) => {
  materialOf(key);
  const name = keyAlgorithm(algorithm);
  if (name !== key.algorithm.name) fail('InvalidAccessError', `the key is for ${key.algorithm.name}, not for ${name}`);
  if (!key.usages.includes(usage)) fail('InvalidAccessError', `the key does not have the usage ${usage}: add it in importKey`);
};

// Takes the same time wherever the values differ.
const isSame = (a, b) => {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at++) difference |= a.charCodeAt(at) ^ b.charCodeAt(at % (b.length || 1));
  return difference === 0;
};

// What the engine cannot do is an operation error.
const operated = (work) => {
  try {
    return work();
  } catch (error) {
    return fail('OperationError', error.message);
  }
};

const signature = (key, data) => {
  if (key.algorithm.name === HMAC) return host.hmac(engineHash(key), materialOf(key), data);
  return operated(() => host.rsaSign(engineHash(key), materialOf(key), data));
};

const isValid = (key, given, data) => {
  if (key.algorithm.name === HMAC) return isSame(host.hmac(engineHash(key), materialOf(key), data), given);
  return host.rsaVerify(engineHash(key), materialOf(key), given, data);
};

const refuse = (name) => (algorithm) =>
  fail('NotSupportedError', `crypto.subtle.${name} is not supported${algorithm?.name ? ` (${algorithm.name})` : ''}: this engine supports digest, sign and verify; see docs/scripting.md`);

class SubtleCrypto {
  async digest(algorithm, data) {
    const name = hashOf(algorithm).name.replace('-', '').toLowerCase();
    return bufferOf(host.hash(name, dataOf(data)));
  }

  async sign(algorithm, key, data) {
    checkUse(algorithm, key, 'sign');
    return bufferOf(signature(key, dataOf(data)));
  }

  async verify(algorithm, key, given, data) {
    checkUse(algorithm, key, 'verify');
    return isValid(key, dataOf(given), dataOf(data));
  }

  async importKey(format, data, algorithm, extractable, usages) {
    return keys.importKey(format, data, algorithm, extractable, usages);
  }

  async exportKey(format, key) {
    return keys.exportKey(format, key);
  }

  async generateKey(algorithm, extractable, usages) {
    return keys.generateKey(algorithm, extractable, usages);
  }

  get [Symbol.toStringTag]() {
    return 'SubtleCrypto';
  }
}

for (const name of ['encrypt', 'decrypt', 'deriveBits', 'deriveKey', 'wrapKey', 'unwrapKey']) {
  const call = refuse(name);
  const value = async (algorithm) => call(algorithm);
  Object.defineProperty(SubtleCrypto.prototype, name, { value, writable: true, configurable: true });
}

module.exports = new SubtleCrypto();
