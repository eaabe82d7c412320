// The string formats that ajv 6 knows, in its two modes: `fast` checks the syntax only, `full` also checks
// what the parts mean (for example that a day exists in its month). A format is a pattern or a function.

const DATE = '\\d{4}-[01]\\d-[0-3]\\d';
const CLOCK = '(?:[0-2]\\d:[0-5]\\d:[0-5]\\d|23:59:60)(?:\\.\\d+)?';
const ZONE = '(?:z|[+-]\\d\\d(?::?\\d\\d)?)';
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const ATOM = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+";
const OCTET = '(?:25[0-5]|2[0-4]\\d|[01]?\\d\\d?)';
const HEX = '[0-9a-f]';
const POINTER = '(?:/(?:[^~/]|~[01])*)*';

// Returns a pattern that is created on first use.
function pattern(source, flags) {
  let made;
  return () => (made ??= new RegExp(source, flags));
}

const whole = (...parts) => pattern(`^(?:${parts.join('')})$`, 'i');
const check = (test) => () => test;

// RFC 3986, part by part.
const UNRESERVED = "a-z0-9\\-._~!$&'()*+,;=";
const ENCODED = `%${HEX}{2}`;
const signs = (more) => `(?:[${UNRESERVED}${more}]|${ENCODED})`;
const USER = `(?:${signs(':')}*@)?`;
const PATH = `(?:/${signs(':@')}*)*`;
const ROOTED = `/(?:${signs(':@')}+${PATH})?`;
const ENDS = `(?:\\?${signs(':@/?')}*)?(?:#${signs(':@/?')}*)?`;
const AUTHORITY = `/?/${USER}(?:\\[[0-9a-f:.v]+\\]|${signs('')}*)(?::\\d*)?${PATH}`;
const HIERARCHY = `(?:${AUTHORITY}|${ROOTED}|${signs(':@')}+${PATH})`;
const SCHEME = '[a-z][a-z0-9+\\-.]*:';
const STRICT_URI = whole(SCHEME, HIERARCHY, ENDS);

const dotted = (last) => `(?:${last}\\.){3}${last}`;
const EMBEDDED = whole(dotted('(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'));

// Returns the number of 16-bit groups in a part of an address; NaN if the part is invalid.
function groupsIn(part, mayEmbed) {
  if (part === '') return 0;
  return part.split(':').reduce((count, group, i, all) => {
    if (mayEmbed && i === all.length - 1 && EMBEDDED().test(group)) return count + 2;
    return /^[0-9a-f]{1,4}$/i.test(group) ? count + 1 : NaN;
  }, 0);
}

function isIpv6(text) {
  const address = text.trim().replace(/%.+$/, '');
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.reduce((sum, half, i) => sum + groupsIn(half, i === halves.length - 1), 0);
  return halves.length === 1 ? groups === 8 : groups <= 7;
}

function isRegex(text) {
  if (/[^\\]\\Z/.test(text)) return false;
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}

function isDate(text) {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (found === null) return false;
  const [year, month, day] = found.slice(1).map(Number);
  // The day before the first day of the next month.
  const last = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= last;
}

function isTime(text, needsZone) {
  const found = /^(\d\d):(\d\d):(\d\d)(\.\d+)?(z|[+-]\d\d(?::?\d\d)?)?$/i.exec(text);
  if (found === null) return false;
  const [hour, minute, second] = found.slice(1, 4).map(Number);
  const isLeap = hour === 23 && minute === 59 && second === 60;
  return (isLeap || (hour <= 23 && minute <= 59 && second <= 59)) && (needsZone !== true || found[5] !== undefined);
}

function isDateTime(text) {
  const parts = text.split(/t|\s/i);
  return parts.length === 2 && isDate(parts[0]) && isTime(parts[1], true);
}

const TEMPLATE_NAME = '(?:[a-z0-9_]|%[0-9a-f]{2})+(?::[1-9]\\d{0,3}|\\*)?';
const HOST = `(?=.{1,253}\\.?$)${LABEL}(?:\\.${LABEL})*\\.?`;
const PUBLIC =
  '(?!10(?:\\.\\d{1,3}){3})(?!127(?:\\.\\d{1,3}){3})(?!169\\.254(?:\\.\\d{1,3}){2})(?!192\\.168(?:\\.\\d{1,3}){2})' +
  '(?!172\\.(?:1[6-9]|2\\d|3[01])(?:\\.\\d{1,3}){2})';
const PLACE = `${PUBLIC}(?:[1-9]\\d{0,2}(?:\\.\\d{1,3}){3}|[^\\s/:?#.]+(?:\\.[^\\s/:?#.]+)*\\.[^\\s/:?#.\\d]{2,})`;

const SHARED = {
  'uri-template': whole(
    `(?:[^\\x00-\\x20"'<>%\\\\^\`{|}]|${ENCODED}|\\{[+#./;?&=,!@|]?${TEMPLATE_NAME}(?:,${TEMPLATE_NAME})*\\})*`,
  ),
  url: whole(`(?:https?|ftp)://(?:[^\\s:@/]+(?::[^\\s@/]*)?@)?${PLACE}(?::\\d{2,5})?(?:/\\S*)?`),
  hostname: whole(HOST),
  ipv4: whole(dotted(OCTET)),
  ipv6: check(isIpv6),
  regex: check(isRegex),
  uuid: whole(`(?:urn:uuid:)?${HEX}{8}-(?:${HEX}{4}-){3}${HEX}{12}`),
  'json-pointer': pattern(`^${POINTER}$`),
  'json-pointer-uri-fragment': whole(`#(?:/(?:[a-z0-9_\\-.!$&'()*+,;:=@]|${ENCODED}|~[01])*)*`),
  'relative-json-pointer': pattern(`^(?:0|[1-9]\\d*)(?:#|${POINTER})$`),
};

const FORMATS = {
  fast: {
    date: pattern(`^${DATE}$`),
    time: whole(CLOCK, ZONE, '?'),
    'date-time': whole(DATE, '[t\\s]', CLOCK, ZONE),
    uri: whole(SCHEME, '\\S*'),
    'uri-reference': whole(`(?:(?:${SCHEME})?/?/)?(?:[^\\\\\\s#][^\\s#]*)?(?:#[^\\\\\\s]*)?`),
    email: whole(`[a-z0-9.!#$%&'*+/=?^_\`{|}~-]+@${LABEL}(?:\\.${LABEL})*`),
    ...SHARED,
  },
  full: {
    date: check(isDate),
    time: check((text) => isTime(text, false)),
    'date-time': check(isDateTime),
    uri: check((text) => /[/:]/.test(text) && STRICT_URI().test(text)),
    'uri-reference': whole(`(?:${SCHEME})?${HIERARCHY}?`, ENDS),
    email: whole(`${ATOM}(?:\\.${ATOM})*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?`),
    ...SHARED,
  },
};

// Returns the format with this name, or undefined.
module.exports = (mode, name) => {
  const formats = FORMATS[mode === 'full' ? 'full' : 'fast'];
  return Object.hasOwn(formats, name) ? formats[name]() : undefined;
};
