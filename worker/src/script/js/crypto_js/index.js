// require('crypto-js') and the global CryptoJS, as in crypto-js 3.3 with the additions of 4.2. Hashes, HMACs,
// PBKDF2 and AES run in the host, which is some hundred times faster than JavaScript. PBKDF2 defaults to SHA1
// and one iteration, as in 3.3. SHA3 is Keccak.
// Not supported: DES, TripleDES, RC4, Rabbit and Blowfish throw; CryptoJS.x64 and custom classes are missing.

const { Base, WordArray, enc } = require('vayu:crypto_js/words');
const { Hasher, BufferedBlockAlgorithm, algo, helpers } = require('vayu:crypto_js/hash');
const { mode, pad } = require('vayu:crypto_js/modes');
const cipher = require('vayu:crypto_js/cipher');

module.exports = {
  lib: { Base, WordArray, BufferedBlockAlgorithm, Hasher, ...cipher.lib },
  enc,
  algo: { ...algo, ...cipher.algo },
  ...helpers,
  mode,
  pad,
  format: cipher.format,
  kdf: cipher.kdf,
  AES: cipher.AES,
  ...cipher.missing,
};
