// The keys of `crypto.subtle`: HMAC and RSASSA-PKCS1-v1_5, imported from and exported to bytes, PKCS #8, SPKI
// and JSON Web Keys (RFC 7517). The contents of a key are not in its object: `materialOf` has them, for the
// files in this folder.

const { bufferOf, bytesOf, isBytes, textOf } = require('vayu:web/bytes');
const { encode, decode } = require('vayu:node/encoding');

const HASHES = { 'SHA-1': ['sha1', 512, '1'], 'SHA-256': ['sha256', 512, '256'], 'SHA-384': ['sha384', 1024, '384'],
  'SHA-512': ['sha512', 1024, '512'] };
const HMAC = 'HMAC';
const RSA = 'RSASSA-PKCS1-v1_5';
const SUPPORTED = `${HMAC} and ${RSA}`;
const PUBLIC_NAMES = ['n', 'e'];
const PRIVATE_NAMES = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'];

const fail = (name, message) => {
  throw new DOMException(message, name);
};

const nameOf = (algorithm) => {
  const name = typeof algorithm === 'string' ? algorithm : algorithm?.name;
  if (typeof name !== 'string') throw new TypeError('an algorithm is a name, or an object with a name');
  return name;
};

const hashOf = (hash) => {
  const name = nameOf(hash).toUpperCase();
  if (!Object.hasOwn(HASHES, name)) {
    fail('NotSupportedError', `the hash "${nameOf(hash)}" is not supported: use ${Object.keys(HASHES).join(', ')}`);
  }
  return { name };
};

// Returns the algorithm by its name, in the spelling of the standard.
const keyAlgorithm = (algorithm) => {
  const name = nameOf(algorithm);
  const known = [HMAC, RSA].find((each) => each.toLowerCase() === name.toLowerCase());
  return known ?? fail('NotSupportedError', `the algorithm "${name}" is not supported: this engine supports ${SUPPORTED}`);
};

const engineHash = (key) => HASHES[key.algorithm.hash.name][0];

class CryptoKey {
  #material;

  constructor(fields, material) {
    this.#material = material;
    for (const [name, value] of Object.entries(fields)) {
      Object.defineProperty(this, name, { value, writable: false, enumerable: true, configurable: false });
    }
  }

  static materialOf(key) {
    if (!(key instanceof CryptoKey)) throw new TypeError('the key is not a CryptoKey: create one with crypto.subtle.importKey');
    return key.#material;
  }

  get [Symbol.toStringTag]() {
    return 'CryptoKey';
  }
}

const { materialOf } = CryptoKey;
delete CryptoKey.materialOf;

const checkUsages = (usages, allowed, what) => {
  const list = Array.from(usages);
  for (const usage of list) {
    if (!allowed.includes(usage)) fail('SyntaxError', `the usage "${String(usage)}" is not allowed for ${what}: use ${allowed.join(', ') || 'none'}`);
  }
  return allowed.filter((usage) => list.includes(usage));
};

const ofBase64Url = (text, member) => {
  if (typeof text !== 'string' || !/^[\w-]*$/.test(text)) fail('DataError', `the member "${member}" of the JWK is not base64url`);
  return encode(text, 'base64url');
};
const toBase64Url = (bytes) => decode(bytes, 'base64url');

const checkJwk = (jwk, type, algorithm, usages, extractable) => {
  if (jwk === null || typeof jwk !== 'object' || isBytes(jwk)) throw new TypeError('a JWK must be an object');
  if (jwk.kty !== type) fail('DataError', `the member "kty" of the JWK is ${JSON.stringify(jwk.kty)}: it must be "${type}"`);
  if (jwk.alg !== undefined && jwk.alg !== algorithm) {
    fail('DataError', `the member "alg" of the JWK is ${JSON.stringify(jwk.alg)}: the hash requires "${algorithm}"`);
  }
  if (jwk.key_ops !== undefined && !Array.from(usages).every((usage) => jwk.key_ops.includes(usage))) {
    fail('DataError', 'the member "key_ops" of the JWK does not have all usages');
  }
  if (jwk.ext === false && extractable) fail('DataError', 'the JWK is not extractable');
};

const hmacKey = (bytes, hash, extractable, usages) => {
  if (bytes === '') fail('DataError', 'an HMAC key must have at least one byte');
  const list = checkUsages(usages, ['sign', 'verify'], 'an HMAC key');
  if (list.length === 0) fail('SyntaxError', 'a secret key needs at least one usage: sign, verify');
  const algorithm = { name: HMAC, hash, length: bytes.length * 8 };
  return new CryptoKey({ type: 'secret', extractable, algorithm, usages: list }, bytes);
};

const importHmac = (format, data, algorithm, extractable, usages) => {
  const hash = hashOf(algorithm.hash);
  if (format === 'raw') return hmacKey(textOf(data), hash, extractable, usages);
  if (format !== 'jwk') fail('NotSupportedError', `the format of an HMAC key must be raw or jwk, got "${format}"`);
  checkJwk(data, 'oct', `HS${HASHES[hash.name][2]}`, usages, extractable);
  return hmacKey(ofBase64Url(data.k, 'k'), hash, extractable, usages);
};

const bitsOf = (number) => number.length * 8 - Math.clz32(number.charCodeAt(0)) + 24;
const bare = (number) => number.replace(/^\0+/, '');

const rsaKey = (given, hash, extractable, usages) => {
  const numbers = given.map(bare);
  const isPrivate = numbers.length > PUBLIC_NAMES.length;
  const what = isPrivate ? 'an RSA private key' : 'an RSA public key';
  const list = checkUsages(usages, isPrivate ? ['sign'] : ['verify'], what);
  if (isPrivate) {
    if (list.length === 0) fail('SyntaxError', 'a private key needs the usage sign');
    dataOf(() => host.rsaCheck(numbers));
  }
  const [modulus, exponent] = numbers;
  const algorithm = { name: RSA, modulusLength: bitsOf(modulus), publicExponent: bytesOf(exponent), hash };
  const type = isPrivate ? 'private' : 'public';
  return new CryptoKey({ type, extractable, algorithm, usages: list }, numbers);
};

// Data that the engine rejects is a data error.
const dataOf = (read) => {
  try {
    return read();
  } catch (error) {
    return fail('DataError', error.message);
  }
};

const numbersOfJwk = (jwk) => {
  const names = jwk.d === undefined ? PUBLIC_NAMES : PRIVATE_NAMES;
  return names.map((name) => {
    if (jwk[name] === undefined) fail('DataError', `the member "${name}" of the JWK is missing: private keys need ${PRIVATE_NAMES.join(', ')}`);
    return ofBase64Url(jwk[name], name);
  });
};

const importRsa = (format, data, algorithm, extractable, usages) => {
  const hash = hashOf(algorithm.hash);
  if (format === 'jwk') {
    checkJwk(data, 'RSA', `RS${HASHES[hash.name][2]}`, usages, extractable);
    return rsaKey(numbersOfJwk(data), hash, extractable, usages);
  }
  if (format !== 'spki' && format !== 'pkcs8') fail('NotSupportedError', `the format of an RSA key must be jwk, spki or pkcs8, got "${format}"`);
  return rsaKey(dataOf(() => host.rsaRead(format, textOf(data))), hash, extractable, usages);
};

const importKey = (format, data, algorithm, extractable, usages) => {
  const name = keyAlgorithm(algorithm);
  if (format !== 'jwk' && !isBytes(data)) throw new TypeError('the key data is not an ArrayBuffer, a typed array or a DataView');
  const importNamed = name === HMAC ? importHmac : importRsa;
  return importNamed(format, data, algorithm, Boolean(extractable), usages);
};

const exportJwk = (key) => {
  const common = { key_ops: [...key.usages], ext: key.extractable };
  const size = HASHES[key.algorithm.hash.name][2];
  const material = materialOf(key);
  if (key.algorithm.name === HMAC) return { ...common, kty: 'oct', k: toBase64Url(material), alg: `HS${size}` };
  const names = key.type === 'private' ? PRIVATE_NAMES : PUBLIC_NAMES;
  const numbers = Object.fromEntries(names.map((name, at) => [name, toBase64Url(material[at])]));
  return { ...common, kty: 'RSA', ...numbers, alg: `RS${size}` };
};

const FORMATS = { secret: 'raw', private: 'pkcs8', public: 'spki' };

const exportKey = (format, key) => {
  const material = materialOf(key);
  if (!key.extractable) fail('InvalidAccessError', 'the key is not extractable');
  if (format === 'jwk') return exportJwk(key);
  const known = FORMATS[key.type];
  if (format !== known) fail('NotSupportedError', `a ${key.type} key has the format jwk or ${known}, not "${format}"`);
  return bufferOf(key.type === 'secret' ? material : host.rsaWrite(material));
};

// Creates an HMAC key of random bytes, as long as a block of its hash unless `length` sets the number of
// bits.
const generateKey = (algorithm, extractable, usages) => {
  const name = keyAlgorithm(algorithm);
  if (name !== HMAC) fail('NotSupportedError', `generating ${name} keys is not supported: import one with crypto.subtle.importKey`);
  const hash = hashOf(algorithm.hash);
  const bits = algorithm.length ?? HASHES[hash.name][1];
  if (!(bits > 0) || bits % 8 !== 0) fail('OperationError', `the length of an HMAC key must be a multiple of 8 bits, got ${bits}`);
  return hmacKey(host.random(bits / 8), hash, Boolean(extractable), usages);
};

module.exports = {
  CryptoKey, HMAC, engineHash, exportKey, fail, generateKey, hashOf, importKey, keyAlgorithm, materialOf,
};
