// The ciphers of crypto-js: AES (keys of 16, 24 or 32 bytes, or a passphrase as in OpenSSL), progressive
// encryptors and decryptors, CipherParams and the formats. The block cipher itself runs in the host.
// Not supported: DES, TripleDES, RC4, Rabbit, Blowfish; AES with keys of other lengths, which crypto-js
// accepts.

const {
  Base,
  WordArray,
  bytesOf,
  fromBytes,
  bytesOfInput,
  constructible,
  enc,
} = require('vayu:crypto_js/words');
const { mode, pad, BLOCK } = require('vayu:crypto_js/modes');
const { algo } = require('vayu:crypto_js/hash');

const KEY_SIZES = [16, 24, 32];
const SALTED = 'Salted__';

const CipherParams = constructible(
  Object.assign(Object.create(Base), {
    init(properties) {
      this.mixIn(properties);
    },
    toString(formatter) {
      return (formatter || this.formatter).stringify(this);
    },
  }),
);

const OpenSSL = {
  stringify({ ciphertext, salt }) {
    const bytes = salt ? SALTED + bytesOf(salt) + bytesOf(ciphertext) : bytesOf(ciphertext);
    return enc.Base64.stringify(fromBytes(bytes));
  },
  parse(text) {
    const bytes = bytesOf(enc.Base64.parse(text));
    if (!bytes.startsWith(SALTED))
      return CipherParams.create({ ciphertext: fromBytes(bytes), salt: undefined });
    return CipherParams.create({
      ciphertext: fromBytes(bytes.slice(16)),
      salt: fromBytes(bytes.slice(8, 16)),
    });
  },
};

const format = {
  OpenSSL,
  Hex: {
    stringify: ({ ciphertext }) => enc.Hex.stringify(ciphertext),
    parse: (text) => CipherParams.create({ ciphertext: enc.Hex.parse(text) }),
  },
};

const Cipher = constructible(
  Object.assign(Object.create(Base), {
    cfg: { mode: mode.CBC, padding: pad.Pkcs7 },
    keySize: 8,
    ivSize: 4,
    blockSize: 4,
    createEncryptor(key, cfg) {
      return this.create('encrypt', key, cfg);
    },
    createDecryptor(key, cfg) {
      return this.create('decrypt', key, cfg);
    },
    init(direction, key, cfg) {
      this.cfg = Object.assign({}, this.cfg, cfg);
      this._direction = direction;
      this._key = bytesOfInput(key, 'key');
      if (!KEY_SIZES.includes(this._key.length)) {
        throw new Error(`CryptoJS.AES: the key has ${this._key.length} bytes; 16, 24 or 32 are supported`);
      }
      if (this.cfg.mode._run === undefined)
        throw new Error('CryptoJS.AES: the mode must be one of CryptoJS.mode');
      this.reset();
    },
    reset() {
      this._pending = '';
      this._iv = this.cfg.mode._needsIv ? initialVector(this.cfg.iv) : '';
    },
    process(message) {
      this._pending += bytesOfInput(message, 'message');
      // When decrypting, the last block is retained because it may contain the padding.
      const ready = Math.floor(this._pending.length / BLOCK) - (this._direction === 'decrypt' ? 1 : 0);
      const data = this._pending.slice(0, Math.max(0, ready) * BLOCK);
      this._pending = this._pending.slice(data.length);
      return fromBytes(this._run(data));
    },
    finalize(message) {
      if (message) this._pending += bytesOfInput(message, 'message');
      return this._direction === 'encrypt' ? this._lastEncrypted() : this._lastDecrypted();
    },
    _lastEncrypted() {
      const data = fromBytes(this._pending);
      this.cfg.padding.pad(data, this.blockSize);
      return fromBytes(this._run(bytesOf(data)));
    },
    _lastDecrypted() {
      const data = fromBytes(this._run(this._pending));
      this.cfg.padding.unpad(data);
      return data;
    },
    // Data that do not fill the last block are padded with zeros and the result is truncated, as in
    // crypto-js.
    _run(data) {
      if (data === '') return '';
      const { _run, _wholeBlocks } = this.cfg.mode;
      const missing = _wholeBlocks ? (BLOCK - (data.length % BLOCK)) % BLOCK : 0;
      const { output, iv } = _run(this._direction, this._key, this._iv, data + '\0'.repeat(missing));
      this._iv = iv;
      return output.slice(0, data.length);
    },
  }),
);

function initialVector(iv) {
  if (!iv || !Array.isArray(iv.words)) {
    throw new Error(
      'CryptoJS.AES: this mode needs an initialization vector; give a WordArray as the option iv',
    );
  }
  return bytesOf(iv).slice(0, BLOCK).padEnd(BLOCK, '\0');
}

const SerializableCipher = constructible(
  Object.assign(Object.create(Base), {
    cfg: { format: OpenSSL },
    encrypt(cipher, message, key, cfg) {
      const settings = Object.assign({}, this.cfg, cfg);
      const encryptor = cipher.createEncryptor(key, settings);
      const ciphertext = encryptor.finalize(message);
      return CipherParams.create({
        ciphertext,
        key,
        iv: encryptor.cfg.iv,
        algorithm: cipher,
        mode: encryptor.cfg.mode,
        padding: encryptor.cfg.padding,
        blockSize: cipher.blockSize,
        formatter: settings.format,
      });
    },
    decrypt(cipher, ciphertext, key, cfg) {
      const settings = Object.assign({}, this.cfg, cfg);
      const parameters = this._parse(ciphertext, settings.format);
      return cipher.createDecryptor(key, settings).finalize(parameters.ciphertext);
    },
    _parse(ciphertext, formatter) {
      if (typeof ciphertext === 'string') return formatter.parse(ciphertext, this);
      if (ciphertext && ciphertext.ciphertext) return ciphertext;
      throw new TypeError('CryptoJS: decrypt needs a string or an object with the member ciphertext');
    },
  }),
);

const kdf = {
  OpenSSL: {
    execute(password, keySize, ivSize, salt, hasher) {
      const chosen = salt === undefined || salt === null ? WordArray.random(8) : saltOf(salt);
      const settings = { keySize: keySize + ivSize };
      if (hasher) settings.hasher = hasher;
      const derived = bytesOf(algo.EvpKDF.create(settings).compute(password, chosen));
      const key = fromBytes(derived.slice(0, keySize * 4));
      return CipherParams.create({ key, iv: fromBytes(derived.slice(keySize * 4)), salt: chosen });
    },
  },
};

const saltOf = (salt) => (typeof salt === 'string' ? enc.Hex.parse(salt) : salt);

const PasswordBasedCipher = SerializableCipher.extend({
  cfg: { format: OpenSSL, kdf: kdf.OpenSSL },
  encrypt(cipher, message, password, cfg) {
    const settings = Object.assign({}, this.cfg, cfg);
    const derived = settings.kdf.execute(
      password,
      cipher.keySize,
      cipher.ivSize,
      settings.salt,
      settings.hasher,
    );
    settings.iv = derived.iv;
    const encrypted = SerializableCipher.encrypt(cipher, message, derived.key, settings);
    encrypted.mixIn(derived);
    return encrypted;
  },
  decrypt(cipher, ciphertext, password, cfg) {
    const settings = Object.assign({}, this.cfg, cfg);
    const parameters = this._parse(ciphertext, settings.format);
    // If the text has no salt, a random one is used, as in crypto-js: the result is meaningless.
    const derived = settings.kdf.execute(
      password,
      cipher.keySize,
      cipher.ivSize,
      parameters.salt,
      settings.hasher,
    );
    settings.iv = derived.iv;
    return SerializableCipher.decrypt(cipher, parameters, derived.key, settings);
  },
});

const AES = Cipher.extend({});

const strategy = (key) => (typeof key === 'string' ? PasswordBasedCipher : SerializableCipher);

const helper = {
  encrypt: (message, key, cfg) => strategy(key).encrypt(AES, message, key, cfg),
  decrypt: (ciphertext, key, cfg) => strategy(key).decrypt(AES, ciphertext, key, cfg),
};

function unsupported(name) {
  const fail = () => {
    throw new Error(`CryptoJS.${name} is not supported by this engine; see docs/scripting.md`);
  };
  return { encrypt: fail, decrypt: fail, createEncryptor: fail, createDecryptor: fail };
}

const missing = {};
for (const name of ['DES', 'TripleDES', 'RC4', 'RC4Drop', 'Rabbit', 'RabbitLegacy', 'Blowfish']) {
  missing[name] = unsupported(name);
}

module.exports = {
  AES: helper,
  missing,
  format,
  kdf,
  algo: { AES, ...missing },
  lib: { Cipher, BlockCipher: Cipher, CipherParams, SerializableCipher, PasswordBasedCipher },
};
