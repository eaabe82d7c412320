// Character references: decodes HTML (the names of HTML 4 and the ASCII punctuation names of HTML 5, also
// those that do not need a semicolon, and numbers) and XML (the five names and numbers), and encodes output.
// Rarer names of HTML 5 are kept as written. The table is built on first use.

const LATIN_1 = `nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr
deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest
Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml
ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig
agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml
eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml`;
const GREEK = `Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi
Rho - Sigma Tau Upsilon Phi Chi Psi Omega - - - - - - - alpha beta gamma delta epsilon zeta eta
theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega`;
const OTHERS = `amp 26 AMP 26 lt 3c LT 3c gt 3e GT 3e quot 22 QUOT 22 apos 27 COPY a9 REG ae Tab 9
NewLine a excl 21 num 23 dollar 24 percnt 25 lpar 28 rpar 29 ast 2a plus 2b comma 2c period 2e sol
2f colon 3a semi 3b equals 3d quest 3f commat 40 lsqb 5b lbrack 5b bsol 5c rsqb 5d rbrack 5d Hat 5e
lowbar 5f grave 60 lcub 7b lbrace 7b verbar 7c vert 7c rcub 7d rbrace 7d OElig 152 oelig 153 Scaron
160 scaron 161 Yuml 178 fnof 192 circ 2c6 tilde 2dc thetasym 3d1 upsih 3d2 piv 3d6 ensp 2002 emsp
2003 thinsp 2009 zwnj 200c zwj 200d lrm 200e rlm 200f hyphen 2010 dash 2010 ndash 2013 mdash 2014
lsquo 2018 rsquo 2019 sbquo 201a ldquo 201c rdquo 201d bdquo 201e dagger 2020 Dagger 2021 bull 2022
hellip 2026 permil 2030 prime 2032 Prime 2033 lsaquo 2039 rsaquo 203a oline 203e frasl 2044 euro
20ac image 2111 numero 2116 weierp 2118 real 211c trade 2122 alefsym 2135 larr 2190 uarr 2191 rarr
2192 darr 2193 harr 2194 crarr 21b5 lArr 21d0 uArr 21d1 rArr 21d2 dArr 21d3 hArr 21d4 forall 2200
part 2202 exist 2203 empty 2205 nabla 2207 isin 2208 notin 2209 ni 220b prod 220f sum 2211 minus
2212 lowast 2217 radic 221a prop 221d infin 221e ang 2220 and 2227 or 2228 cap 2229 cup 222a int
222b there4 2234 sim 223c cong 2245 asymp 2248 ne 2260 equiv 2261 le 2264 ge 2265 sub 2282 sup 2283
nsub 2284 sube 2286 supe 2287 oplus 2295 otimes 2297 perp 22a5 sdot 22c5 lceil 2308 rceil 2309
lfloor 230a rfloor 230b lang 27e8 rang 27e9 starf 2605 star 2606 phone 260e loz 25ca spades 2660
clubs 2663 hearts 2665 diams 2666 check 2713 cross 2717`;
// Windows-1252 characters 128 to 159; HTML decodes numbers in that range with it.
const WINDOWS_1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';
const XML_NAMES = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }));
const LONGEST_LEGACY = 6;

let names;
let legacy;

function buildTables() {
  names = new Map();
  legacy = new Set('amp AMP lt LT gt GT quot QUOT COPY REG'.split(' '));
  LATIN_1.split(/\s/).forEach((name, i) => {
    names.set(name, String.fromCharCode(160 + i));
    legacy.add(name);
  });
  GREEK.split(/\s/).forEach((name, i) => names.set(name, String.fromCharCode(913 + i)));
  for (const [, name, code] of OTHERS.matchAll(/(\w+)\s(\w+)/g)) {
    names.set(name, String.fromCharCode(parseInt(code, 16)));
  }
}

function fromCode(code) {
  if (code >= 128 && code <= 159) return WINDOWS_1252[code - 128];
  const invalid = !(code > 0 && code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff);
  return invalid ? '\ufffd' : String.fromCodePoint(code);
}

// A name without a semicolon matches as far as possible, but in attributes not before a letter, digit or "=".
function legacyName(name, inAttribute, nextCharacter) {
  for (let length = Math.min(name.length, LONGEST_LEGACY); length >= 2; length--) {
    const start = name.slice(0, length);
    if (!legacy.has(start)) continue;
    const rest = name.slice(length);
    if (inAttribute && (rest !== '' || nextCharacter === '=')) return undefined;
    return names.get(start) + rest;
  }
  return undefined;
}

function decodeHtml(text, inAttribute) {
  if (!text.includes('&')) return text;
  if (!names) buildTables();
  const pattern = /&(?:#x([0-9a-f]+)|#([0-9]+)|([a-z][a-z0-9]*))(;?)/gi;
  return text.replace(pattern, (match, hexadecimal, decimal, name, semicolon, offset) => {
    if (!name) return fromCode(hexadecimal ? parseInt(hexadecimal, 16) : Number(decimal));
    if (semicolon && names.has(name)) return names.get(name);
    const decoded = legacyName(name, inAttribute, semicolon || text[offset + match.length]);
    return decoded === undefined ? match : decoded + semicolon;
  });
}

function decodeXml(text) {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-f]+)|#([0-9]+)|(\w+));/gi, (match, hexadecimal, decimal, name) => {
    if (!name) return fromCode(hexadecimal ? parseInt(hexadecimal, 16) : Number(decimal));
    return XML_NAMES.get(name) ?? match;
  });
}

const ENCODED = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

function encode(text) {
  return text.replace(/[&<>"']|[^\x00-\x7f]/gu, (character) => {
    return ENCODED[character] ?? `&#x${character.codePointAt(0).toString(16).toUpperCase()};`;
  });
}

module.exports = { decodeHtml, decodeXml, encode };
