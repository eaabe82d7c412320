// Decimal numbers of any length, for `Intl.NumberFormat`: a value is 0.DIGITS times ten to the power of
// `point`, without leading or trailing zeros; zero has no digits. A number is read from its shortest decimal
// representation, as `String` writes it, so 1.005 rounds to 1.01.

const NUMERAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

const finite = (negative, digits, point) => {
  const bare = digits.replace(/^0+/, '');
  const kept = bare.replace(/0+$/, '');
  return { kind: 'finite', negative, digits: kept, point: kept === '' ? 0 : point - (digits.length - bare.length) };
};

const parseNumeral = (text) => {
  const [mantissa, exponent = '0'] = text.toLowerCase().split('e');
  const [whole, fraction = ''] = mantissa.replace(/^[+-]/, '').split('.');
  return finite(text.startsWith('-'), whole + fraction, whole.length + Number(exponent));
};

const ofNumber = (value) => {
  if (Number.isNaN(value)) return { kind: 'nan', negative: false, digits: '', point: 0 };
  const negative = value < 0 || Object.is(value, -0);
  if (!Number.isFinite(value)) return { kind: 'infinity', negative, digits: '', point: 0 };
  return { ...parseNumeral(String(Math.abs(value))), negative };
};

const ofText = (text) => {
  const bare = text.trim();
  return NUMERAL.test(bare) ? parseNumeral(bare) : ofNumber(Number(bare));
};

const parse = (value) => {
  const plain = value !== null && typeof value === 'object' ? value[Symbol.toPrimitive]?.('number') ?? value.valueOf() : value;
  if (typeof plain === 'bigint') return parseNumeral(String(plain));
  if (typeof plain === 'string') return ofText(plain);
  return ofNumber(Number(plain));
};

const scaled = (value, power) => (value.digits === '' ? value : { ...value, point: value.point + power });

// Compares the digits that are cut off with half of the last place kept: -1, 0 or 1.
const toHalf = (cut, isFar) => {
  if (isFar || cut[0] < '5') return -1;
  return cut[0] > '5' || cut.length > 1 ? 1 : 0;
};

const goesUp = (mode, negative, half, isOdd) => {
  switch (mode) {
    case 'ceil': return !negative;
    case 'floor': return negative;
    case 'expand': return true;
    case 'trunc': return false;
    default: break;
  }
  if (half !== 0) return half > 0;
  switch (mode) {
    case 'halfCeil': return !negative;
    case 'halfFloor': return negative;
    case 'halfTrunc': return false;
    case 'halfEven': return isOdd;
    default: return true;
  }
};

// Rounds to a number of places after the point, or before it if the number is negative.
const round = (value, places, mode) => {
  const keep = value.point + places;
  if (value.kind !== 'finite' || keep >= value.digits.length) return value;
  const head = keep > 0 ? value.digits.slice(0, keep) : '';
  const isOdd = head !== '' && Number(head.at(-1)) % 2 === 1;
  const half = toHalf(value.digits.slice(Math.max(keep, 0)), keep < 0);
  if (!goesUp(mode, value.negative, half, isOdd)) return finite(value.negative, head, value.point);
  const next = String(BigInt(head || '0') + 1n);
  return finite(value.negative, next, next.length - places);
};

// Splits into the digits before and after the point.
const split = ({ digits, point }) => ({
  whole: point > 0 ? digits.slice(0, point).padEnd(point, '0') : '',
  fraction: point > 0 ? digits.slice(point) : digits === '' ? '' : '0'.repeat(-point) + digits,
});

// Rounds to a multiple of `step` in the last place.
const roundToStep = (value, places, mode, step) => {
  const exact = scaled(value, places);
  const { whole, fraction } = split(exact);
  const size = BigInt(step);
  const units = BigInt(whole || '0');
  const rest = units % size;
  if (rest === 0n && fraction === '') return value;
  // In halves of a unit, because steps may be odd; any finer remainder counts as more.
  const halves = rest * 2n + (fraction >= '5' ? 1n : 0n);
  const isMore = fraction !== '' && fraction !== '5';
  const half = halves > size || (halves === size && isMore) ? 1 : halves === size ? 0 : -1;
  const multiples = units / size;
  const up = goesUp(mode, value.negative, half, multiples % 2n === 1n) ? 1n : 0n;
  const digits = String((multiples + up) * size);
  return finite(value.negative, digits, digits.length - places);
};

module.exports = { parse, round, roundToStep, scaled, split };
