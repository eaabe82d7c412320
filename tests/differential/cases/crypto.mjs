// Hashes, ciphers, encodings and identifiers: crypto-js, uuid, atob and btoa. Random identifiers are checked by
// their shape.

import * as make from '../random.mjs';

const TEXTS = [
  '',
  'a',
  'abc',
  'message',
  'The quick brown fox',
  'd\u00e9j\u00e0 vu',
  '\u{1f600}',
  '0123456789abcdef',
  'x'.repeat(65),
  '{"a":1}',
  ' ',
];
const KEYS = [
  'key',
  'secret',
  '',
  'a much longer key than any block of sixty-four bytes would be, so that it is hashed first',
];
const HASHES = ['MD5', 'SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512', 'RIPEMD160', 'SHA3'];
const ENCODERS = ['Hex', 'Base64', 'Utf8', 'Latin1', 'Utf16', 'Utf16LE', 'Utf16BE'];
const MODES = ['CBC', 'CFB', 'CTR', 'OFB', 'ECB'];
const PADS = ['Pkcs7', 'NoPadding', 'ZeroPadding', 'AnsiX923', 'Iso97971'];
const HEX = [
  '00112233445566778899aabbccddeeff',
  '000102030405060708090a0b0c0d0e0f1011121314151617',
  '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
  'ff',
];

const text = (random) => JSON.stringify(random.chance(0.8) ? random.pick(TEXTS) : TEXTS[2] + random.below(1000));
const key = (random) => JSON.stringify(random.pick(KEYS));
const hex = (random, short = false) => `CryptoJS.enc.Hex.parse('${short ? HEX[0] : random.pick(HEX.slice(0, 3))}')`;
const encoded = (random) =>
  random.pick([
    '',
    '.toString()',
    '.toString(CryptoJS.enc.Base64)',
    '.toString(CryptoJS.enc.Hex)',
    '.words',
    '.sigBytes',
    '.toString(CryptoJS.enc.Latin1)',
    '.clone().toString()',
    '.concat(CryptoJS.enc.Utf8.parse("x")).toString()',
  ]);
const shown = (random) => encoded(random) || " + ''";

function cipher(random) {
  const mode = random.pick(MODES);
  const pad = random.chance(0.6) ? 'Pkcs7' : random.pick(PADS);
  const options = `{ ${mode === 'ECB' ? '' : `iv: ${hex(random, true)}, `}mode: CryptoJS.mode.${mode}, padding: CryptoJS.pad.${pad} }`;
  const sealed = `const k = ${hex(random)}; const options = ${options}; const sealed = CryptoJS.AES.encrypt(${text(random)}, k, options); `;
  return random.pick([
    `${sealed}return sealed.toString();`,
    `${sealed}return sealed.ciphertext.toString(CryptoJS.enc.Base64);`,
    `${sealed}return CryptoJS.AES.decrypt(sealed, k, options).toString(CryptoJS.enc.Utf8);`,
    `${sealed}return CryptoJS.AES.decrypt(sealed.toString(), k, options).toString(CryptoJS.enc.Hex);`,
    `${sealed}return CryptoJS.AES.decrypt({ ciphertext: sealed.ciphertext }, k, options).toString(CryptoJS.enc.Latin1);`,
    `${sealed}return CryptoJS.format.Hex ? sealed.toString(CryptoJS.format.Hex) : 0;`,
    `const sealed = CryptoJS.AES.encrypt(${text(random)}, ${key(random)}); return CryptoJS.AES.decrypt(sealed.toString(), ${key(random)}).sigBytes >= -64 && sealed.toString().slice(0, 10);`,
    `return CryptoJS.AES.decrypt('U2FsdGVkX18AAAAAAAAAAFh4QmFkQ2lwaGVyVGV4dA==', ${key(random)}).sigBytes;`,
    `const other = CryptoJS.${random.pick(['DES', 'TripleDES', 'RC4', 'Rabbit', 'RC4Drop', 'RabbitLegacy'])}.encrypt(${text(random)}, ${hex(random)}, { iv: ${hex(random, true)} }); return other.toString();`,
  ]);
}

function hash(random) {
  const name = random.pick(HASHES);
  return random.pick([
    `return CryptoJS.${name}(${text(random)})${shown(random)};`,
    `return CryptoJS.Hmac${name}(${text(random)}, ${key(random)})${shown(random)};`,
    `return CryptoJS.${name}(${hex(random)})${shown(random)};`,
    `const h = CryptoJS.algo.${name}.create(); h.update(${text(random)}); h.update(${text(random)}); return h.finalize()${shown(random)};`,
    `const h = CryptoJS.algo.HMAC.create(CryptoJS.algo.${name}, ${key(random)}); h.update(${text(random)}); return h.finalize(${text(random)})${shown(random)};`,
    `return CryptoJS.SHA3(${text(random)}, { outputLength: ${random.pick([224, 256, 384, 512])} })${shown(random)};`,
    `return CryptoJS.PBKDF2(${text(random)}, ${key(random)}, { keySize: ${random.pick([4, 8])}, iterations: ${random.between(1, 5)}${random.chance(0.3) ? `, hasher: CryptoJS.algo.${name}` : ''} })${shown(random)};`,
    `return CryptoJS.EvpKDF(${text(random)}, ${key(random)}, { keySize: 8 })${shown(random)};`,
  ]);
}

function words(random) {
  const [one, other] = [random.pick(ENCODERS), random.pick(ENCODERS)];
  return random.pick([
    `return CryptoJS.enc.${one}.stringify(CryptoJS.enc.Utf8.parse(${text(random)}));`,
    `return CryptoJS.enc.${one}.parse(CryptoJS.enc.${one}.stringify(CryptoJS.enc.${other}.parse(${text(random)}))).toString();`,
    `return CryptoJS.enc.${one}.parse(${text(random)})${shown(random)};`,
    `return CryptoJS.lib.WordArray.create([${random.between(-9, 9)}, ${random.below(1e9)}]${random.chance(0.5) ? `, ${random.between(1, 8)}` : ''})${shown(random)};`,
    `return CryptoJS.lib.WordArray.random(${random.between(0, 9)}).sigBytes;`,
    `return CryptoJS.enc.Hex.parse(${JSON.stringify(random.pick(HEX))})${shown(random)};`,
    `return CryptoJS.lib.WordArray.create(new Uint8Array([1, 2, 3, 4, 5]))${shown(random)};`,
    `return JSON.stringify(CryptoJS.enc.Utf8.parse(${text(random)}));`,
  ]);
}

export function cryptoJs(random) {
  const head = random.chance(0.6) ? "const CryptoJS = require('crypto-js'); " : '';
  return head + random.pick([hash, hash, words, cipher])(random);
}

const NAMESPACES = ['uuid.v5.DNS', 'uuid.v5.URL', "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'", "'nonsense'", 'uuid.NIL'];
const IDS = [
  "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'",
  "'6BA7B810-9DAD-41D1-80B4-00C04FD430C8'",
  "'00000000-0000-0000-0000-000000000000'",
  "'nonsense'",
  "''",
  'null',
  "'6ba7b810-9dad-11d1-00b4-00c04fd430c8'",
  '5',
];
const BYTES = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]';

export function uuid(random) {
  const head = "const uuid = require('uuid'); ";
  return (
    head +
    random.pick([
      `return uuid.v5(${text(random)}, ${random.pick(NAMESPACES)});`,
      `return uuid.v3(${text(random)}, ${random.pick(NAMESPACES)});`,
      `return uuid.validate(${random.pick(IDS)});`,
      `return uuid.version(${random.pick(IDS)});`,
      `return uuid.parse(${random.pick(IDS)});`,
      `return uuid.stringify(${random.pick([BYTES, '[]', 'uuid.parse(uuid.v4())'])}).length;`,
      `return uuid.stringify(${BYTES}${random.chance(0.4) ? `.concat(${BYTES}), ${random.between(0, 16)}` : ''});`,
      `return uuid.v4({ random: ${BYTES} });`,
      `return /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid.v4());`,
      `return uuid.v1({ node: [1, 2, 3, 4, 5, 6], clockseq: ${random.below(0x3fff)}, msecs: 1700000000000, nsecs: ${random.below(9999)} });`,
      `return uuid.version(uuid.v1());`,
      `return uuid.v5(${text(random)}, uuid.v5.URL, new Array(16), 0);`,
      `return uuid.v4({ random: ${BYTES} }, new Array(18), 2);`,
      `return uuid.v5([1, 2, 3], uuid.v5.DNS);`,
    ])
  );
}

const CODED = [
  '',
  'YQ',
  'YQ==',
  'YWI',
  'YWJj',
  '_-_-',
  '//+/',
  'YW Jj',
  'YWJj\n',
  'YWJjZ',
  '====',
  'YQ=YQ',
  '\u00e9YWJj',
  'a',
  'eyJhIjoxfQ',
  'YWJj!ZGVm',
  'YQ==YQ==',
  'Y=Q=',
];

export function base64(random) {
  const head = random.chance(0.5) ? "const atob = require('atob'); const btoa = require('btoa'); " : '';
  const coded = JSON.stringify(random.pick(CODED) + random.pick(CODED));
  return (
    head +
    random.pick([
      `return atob(${coded});`,
      `return atob(${coded});`,
      `return btoa(${text(random)});`,
      `return btoa(${make.value(random, 1)});`,
      `return atob(btoa(${text(random)}));`,
      `return atob(${make.value(random, 0)});`,
      `return btoa(Buffer.from(${text(random)}));`,
    ])
  );
}
