// The block modes and paddings of crypto-js. A padding works on word arrays, as in the original, so that
// scripts may provide their own. A mode is a function from the available whole blocks and the chaining value
// to the result and the next chaining value; CBC, ECB and CTR run in the host, CFB and OFB are built from
// single blocks.
// Not supported: CTRGladman, and custom modes.

const { WordArray } = require('vayu:crypto_js/words');

const BLOCK = 16;

function xor(left, right) {
  let out = '';
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    out += String.fromCharCode(left.charCodeAt(index) ^ right.charCodeAt(index));
  }
  return out;
}

const blocksOf = (data) => data.match(/[^]{1,16}/g) || [];

const lowWord = (iv) => [12, 13, 14, 15].reduce((sum, at) => sum * 256 + iv.charCodeAt(at), 0);

function withLowWord(iv, value) {
  const bytes = [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
  return iv.slice(0, 12) + String.fromCharCode(...bytes);
}

// crypto-js counts in the last 32 bits only, the host in all 128: the data is split where the two would
// differ.
function ctr(direction, key, iv, data) {
  const counter = lowWord(iv);
  const blocks = Math.ceil(data.length / BLOCK);
  const untilWrap = 2 ** 32 - counter;
  const next = withLowWord(iv, (counter + blocks) % 2 ** 32);
  if (blocks <= untilWrap) return { output: host.aes(direction, 'ctr', key, iv, data), iv: next };
  const cut = untilWrap * BLOCK;
  const head = host.aes(direction, 'ctr', key, iv, data.slice(0, cut));
  const tail = host.aes(direction, 'ctr', key, withLowWord(iv, 0), data.slice(cut));
  return { output: head + tail, iv: next };
}

function cbc(direction, key, iv, data) {
  const output = host.aes(direction, 'cbc', key, iv, data);
  const chained = direction === 'encrypt' ? output : data;
  return { output, iv: chained.slice(-BLOCK) || iv };
}

const ecb = (direction, key, iv, data) => ({ output: host.aes(direction, 'ecb', key, '', data), iv });

function cfb(direction, key, iv, data) {
  let output = '';
  let chain = iv;
  for (const block of blocksOf(data)) {
    const result = xor(block, host.aes('encrypt', 'ecb', key, '', chain));
    output += result;
    chain = direction === 'encrypt' ? result : block;
  }
  return { output, iv: chain };
}

function ofb(direction, key, iv, data) {
  let output = '';
  let chain = iv;
  for (const block of blocksOf(data)) {
    chain = host.aes('encrypt', 'ecb', key, '', chain);
    output += xor(block, chain);
  }
  return { output, iv: chain };
}

const mode = {
  CBC: { _run: cbc, _needsIv: true, _wholeBlocks: true },
  CFB: { _run: cfb, _needsIv: true },
  CTR: { _run: ctr, _needsIv: true },
  CTRGladman: {
    _run() {
      throw new Error('CryptoJS.mode.CTRGladman is not supported by this engine; see docs/scripting.md');
    },
    _needsIv: true,
  },
  OFB: { _run: ofb, _needsIv: true },
  ECB: { _run: ecb, _needsIv: false, _wholeBlocks: true },
};

const bytesMissing = (data, blockSize) => blockSize * 4 - (data.sigBytes % (blockSize * 4));

const byteArray = (bytes) => {
  const words = [];
  bytes.forEach((byte, index) => (words[index >>> 2] |= byte << (24 - (index % 4) * 8)));
  return new WordArray.init(words, bytes.length);
};

// A count that is not valid padding is used as it is: decrypting with a wrong key returns garbage, not an
// error.
function dropCounted(data) {
  data.sigBytes -= data.words[(data.sigBytes - 1) >>> 2] & 0xff;
}

function addZeros(data, blockSize) {
  data.clamp();
  data.sigBytes += bytesMissing(data, blockSize) % (blockSize * 4);
}

function dropZeros(data) {
  for (let index = data.sigBytes - 1; index >= 0; index--) {
    if ((data.words[index >>> 2] >>> (24 - (index % 4) * 8)) & 0xff) {
      data.sigBytes = index + 1;
      return;
    }
  }
}

const pad = {
  Pkcs7: {
    pad(data, blockSize) {
      const count = bytesMissing(data, blockSize);
      data.concat(byteArray(new Array(count).fill(count)));
    },
    unpad: dropCounted,
  },
  AnsiX923: {
    pad(data, blockSize) {
      const count = bytesMissing(data, blockSize);
      data.concat(byteArray(new Array(count - 1).fill(0).concat(count)));
    },
    unpad: dropCounted,
  },
  Iso10126: {
    pad(data, blockSize) {
      const count = bytesMissing(data, blockSize);
      data.concat(WordArray.random(count - 1)).concat(byteArray([count]));
    },
    unpad: dropCounted,
  },
  Iso97971: {
    pad(data, blockSize) {
      data.concat(byteArray([0x80]));
      addZeros(data, blockSize);
    },
    unpad(data) {
      dropZeros(data);
      data.sigBytes -= 1;
    },
  },
  ZeroPadding: { pad: addZeros, unpad: dropZeros },
  NoPadding: { pad() {}, unpad() {} },
};

module.exports = { mode, pad, BLOCK };
