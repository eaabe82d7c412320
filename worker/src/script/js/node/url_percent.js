// The percent-encoding of WHATWG URLs: the characters that each part of a URL encodes.

const SETS = {
  control: /[^\x20-\x7e]/gu,
  fragment: /[^\x21\x23-\x3b\x3d\x3f-\x5f\x61-\x7e]/gu,
  query: /[^\x21\x24-\x3b\x3d\x3f-\x7e]/gu,
  specialQuery: /[^\x21\x24-\x26\x28-\x3b\x3d\x3f-\x7e]/gu,
  path: /[^\x21\x24-\x3b\x3d\x40-\x5f\x61-\x7a\x7c\x7e]/gu,
  userinfo: /[^\x21\x24-\x2e\x30-\x39\x41-\x5a\x5f\x61-\x7a\x7e]/gu,
  form: /[^*\-.\w]/gu,
};

function percentBytes(text) {
  let encoded = '';
  for (const byte of host.utf8Encode(text)) {
    encoded += `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

const wellFormed = (text) => text.replace(/\p{Surrogate}/gu, '\ufffd');

function percentEncode(text, set) {
  return text.replace(SETS[set], (char) => percentBytes(wellFormed(char)));
}

function percentDecode(text) {
  if (!text.includes('%')) return text;
  const bytes = host
    .utf8Encode(text)
    .replace(/%([0-9a-f]{2})/gi, (all, hex) => String.fromCharCode(parseInt(hex, 16)));
  return host.utf8Decode(bytes);
}

module.exports = { percentEncode, percentDecode, wellFormed };
