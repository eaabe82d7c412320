// Hosts of WHATWG URLs: IPv4 in all its notations, IPv6 in brackets, domains (lower case, international
// labels as punycode) and the opaque hosts of other schemes. `parseHost` returns undefined for an invalid
// host. International names are only converted to NFC and lower case, without the rest of UTS 46.

const { percentDecode, percentEncode } = require('vayu:node/url_percent');
const punycode = require('vayu:node/punycode');

const FORBIDDEN = /[\0\t\n\r #/:<>?@[\\\]^|]/;
const FORBIDDEN_DOMAIN = /[\0-\x20"#%/:<>?@[\\\]^`{|}\x7f]/;

function ipv4Number(text) {
  if (text === '') return NaN;
  if (/^0x[0-9a-f]*$/i.test(text)) return text.length === 2 ? 0 : parseInt(text, 16);
  if (/^0[0-7]+$/.test(text)) return parseInt(text, 8);
  return /^(?:0|[1-9]\d*)$/.test(text) ? Number(text) : NaN;
}

const endsInNumber = (name) => /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i.test(name);

function parseIpv4(name) {
  const numbers = name.replace(/\.$/, '').split('.').map(ipv4Number);
  if (numbers.length > 4 || numbers.some(Number.isNaN)) return undefined;
  const last = numbers.pop();
  if (numbers.some((number) => number > 255) || last >= 256 ** (4 - numbers.length)) return undefined;
  let address = last;
  numbers.forEach((number, index) => (address += number * 256 ** (3 - index)));
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

function pieces(text) {
  if (text === '') return [];
  const list = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const quad = index === parts.length - 1 && /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(part);
    if (quad) {
      const bytes = quad.slice(1).map(Number);
      if (bytes.some((byte) => byte > 255) || quad.slice(1).some((byte) => /^0\d/.test(byte)))
        return undefined;
      list.push(bytes[0] * 256 + bytes[1], bytes[2] * 256 + bytes[3]);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      list.push(parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return list;
}

function parseIpv6(text) {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail = []] = halves.map(pieces);
  if (!head || !tail || (halves.length === 2 && halves[0].includes('.'))) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return ipv6Text([...head, ...new Array(missing).fill(0), ...tail]);
}

// The first of the longest runs of two or more zeros becomes `::`.
function ipv6Text(address) {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && address[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  const hex = address.map((piece) => piece.toString(16));
  if (best.start < 0) return `[${hex.join(':')}]`;
  return `[${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}]`;
}

function asciiDomain(text) {
  const folded = text
    .normalize('NFKC')
    .replace(/\u00ad|\u200b|\u2060|\ufeff/g, '')
    .toLowerCase()
    .normalize('NFC');
  return punycode.toASCII(folded);
}

function parseHost(text, special) {
  if (text.startsWith('[')) return text.endsWith(']') ? parseIpv6(text.slice(1, -1)) : undefined;
  if (!special) return FORBIDDEN.test(text) ? undefined : percentEncode(text, 'control');
  const domain = asciiDomain(percentDecode(text));
  if (domain === '' || FORBIDDEN_DOMAIN.test(domain)) return undefined;
  return endsInNumber(domain) ? parseIpv4(domain) : domain;
}

module.exports = { parseHost };
