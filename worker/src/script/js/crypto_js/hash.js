// Hashes, HMACs and key derivation of crypto-js on top of the host's native ones: CryptoJS.algo.*, the short
// forms (CryptoJS.SHA256(text), CryptoJS.HmacSHA256(text, key)), PBKDF2 and EvpKDF. A progressive hasher
// stores its input and computes in finalize(). SHA3 of crypto-js is Keccak, the version before the standard.
// Not supported: custom hashers (Hasher.extend).

const { Base, fromBytes, bytesOfInput, constructible } = require('vayu:crypto_js/words');

const BLOCK_WORDS = { sha384: 32, sha512: 32 };

const Accumulator = constructible(
  Object.assign(Object.create(Base), {
    init(cfg) {
      this.cfg = Object.assign({}, this.cfg, cfg);
      this.reset();
    },
    reset() {
      this._bytes = '';
    },
    update(message) {
      this._bytes += bytesOfInput(message, 'message');
      return this;
    },
    finalize(message) {
      if (message) this.update(message);
      return fromBytes(this._digest());
    },
  }),
);

const Hasher = Accumulator.extend({
  blockSize: 16,
  _digest() {
    return host.hash(this._hostName(), this._bytes);
  },
});

const hasherNamed = (name) => Hasher.extend({ blockSize: BLOCK_WORDS[name] || 16, _hostName: () => name });

const algo = {
  MD5: hasherNamed('md5'),
  SHA1: hasherNamed('sha1'),
  SHA224: hasherNamed('sha224'),
  SHA256: hasherNamed('sha256'),
  SHA384: hasherNamed('sha384'),
  SHA512: hasherNamed('sha512'),
  RIPEMD160: hasherNamed('ripemd160'),
  SHA3: Hasher.extend({
    cfg: { outputLength: 512 },
    blockSize: 18,
    _hostName() {
      return `keccak-${this.cfg.outputLength}`;
    },
  }),
};

function hostNameOf(hasher) {
  if (hasher && typeof hasher._hostName === 'function') return hasher._hostName();
  throw new TypeError('CryptoJS: the hasher must be one of CryptoJS.algo, such as CryptoJS.algo.SHA256');
}

algo.HMAC = Accumulator.extend({
  init(hasher, key) {
    this._name = hostNameOf(hasher);
    this._key = bytesOfInput(key, 'key');
    this.reset();
  },
  _digest() {
    return host.hmac(this._name, this._key, this._bytes);
  },
});

const KeyDerivation = constructible(
  Object.assign(Object.create(Base), {
    init(cfg) {
      this.cfg = Object.assign({}, this.cfg, cfg);
    },
    compute(password, salt) {
      return fromBytes(this._derive(bytesOfInput(password, 'password'), bytesOfInput(salt, 'salt')));
    },
  }),
);

algo.PBKDF2 = KeyDerivation.extend({
  cfg: { keySize: 4, hasher: algo.SHA1, iterations: 1 },
  _derive(password, salt) {
    const { hasher, iterations, keySize } = this.cfg;
    return host.pbkdf2(hostNameOf(hasher), password, salt, iterations, keySize * 4);
  },
});

algo.EvpKDF = KeyDerivation.extend({
  cfg: { keySize: 4, hasher: algo.MD5, iterations: 1 },
  _derive(password, salt) {
    const { hasher, iterations, keySize } = this.cfg;
    const name = hostNameOf(hasher);
    let block = '';
    let derived = '';
    while (derived.length < keySize * 4) {
      block = host.hash(name, block + password + salt);
      for (let round = 1; round < iterations; round++) block = host.hash(name, block);
      derived += block;
    }
    return derived.slice(0, keySize * 4);
  },
});

const helpers = {
  PBKDF2: (password, salt, cfg) => algo.PBKDF2.create(cfg).compute(password, salt),
  EvpKDF: (password, salt, cfg) => algo.EvpKDF.create(cfg).compute(password, salt),
};
for (const name of ['MD5', 'SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512', 'SHA3', 'RIPEMD160']) {
  helpers[name] = (message, cfg) => algo[name].create(cfg).finalize(message);
  helpers[`Hmac${name}`] = (message, key) => algo.HMAC.create(algo[name], key).finalize(message);
}

module.exports = { Hasher, BufferedBlockAlgorithm: Accumulator, algo, helpers };
