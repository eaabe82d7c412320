// require('punycode'): encode, decode, toASCII, toUnicode and ucs2, as in RFC 3492.

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789';

function adapt(delta, count, first) {
  let rest = first ? Math.floor(delta / 700) : delta >> 1;
  rest += Math.floor(rest / count);
  let bias = 0;
  while (rest > ((BASE - T_MIN) * T_MAX) >> 1) {
    rest = Math.floor(rest / (BASE - T_MIN));
    bias += BASE;
  }
  return bias + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + 38));
}

const threshold = (position, bias) => Math.min(T_MAX, Math.max(T_MIN, position - bias));

const ucs2 = {
  decode: (text) => Array.from(text, (char) => char.codePointAt(0)),
  encode: (codes) => String.fromCodePoint(...codes),
};

function variableLength(value, bias) {
  let text = '';
  let rest = value;
  for (let position = BASE; ; position += BASE) {
    const limit = threshold(position, bias);
    if (rest < limit) return text + DIGITS[rest];
    text += DIGITS[limit + ((rest - limit) % (BASE - limit))];
    rest = Math.floor((rest - limit) / (BASE - limit));
  }
}

function encode(text) {
  const codes = ucs2.decode(text);
  const basic = codes.filter((code) => code < 0x80);
  let output = String.fromCharCode(...basic) + (basic.length > 0 ? '-' : '');
  let handled = basic.length;
  let current = 0x80;
  let delta = 0;
  let bias = 72;
  while (handled < codes.length) {
    const next = Math.min(...codes.filter((code) => code >= current));
    delta += (next - current) * (handled + 1);
    current = next;
    for (const code of codes) {
      if (code < current) delta += 1;
      if (code !== current) continue;
      output += variableLength(delta, bias);
      bias = adapt(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled += 1;
    }
    delta += 1;
    current += 1;
  }
  return output;
}

function decode(text) {
  const mark = text.lastIndexOf('-');
  const output = mark > 0 ? ucs2.decode(text.slice(0, mark)) : [];
  if (output.some((code) => code >= 0x80))
    throw new RangeError('Illegal input >= 0x80 (not a basic code point)');
  let current = 0x80;
  let place = 0;
  let bias = 72;
  let index = mark > 0 ? mark + 1 : 0;
  while (index < text.length) {
    const before = place;
    let weight = 1;
    for (let position = BASE; ; position += BASE) {
      const digit = index < text.length ? DIGITS.indexOf(text[index++].toLowerCase()) : -1;
      if (digit < 0) throw new RangeError('Invalid input');
      place += digit * weight;
      const limit = threshold(position, bias);
      if (digit < limit) break;
      weight *= BASE - limit;
    }
    bias = adapt(place - before, output.length + 1, before === 0);
    current += Math.floor(place / (output.length + 1));
    place %= output.length + 1;
    output.splice(place++, 0, current);
  }
  return ucs2.encode(output);
}

function mapLabels(domain, change) {
  const at = domain.lastIndexOf('@');
  const labels = domain.slice(at + 1).split(/[.\u3002\uff0e\uff61]/);
  return domain.slice(0, at + 1) + labels.map(change).join('.');
}

module.exports = {
  version: '2.1.0',
  ucs2,
  encode,
  decode,
  toASCII: (domain) =>
    mapLabels(domain, (label) => (/[^\0-\x7f]/.test(label) ? `xn--${encode(label)}` : label)),
  toUnicode: (domain) =>
    mapLabels(domain, (label) => (label.startsWith('xn--') ? decode(label.slice(4).toLowerCase()) : label)),
};
