// Units in US English, from the Unicode CLDR: the simple units that ECMA-402 allows, and pairs of them with
// `per`. `#` is the number.

// Singular, plural (the singular and an `s` if not given), short and narrow form. The number precedes them,
// without a blank only in the narrow form. A form with `#` is used as it is; short plural forms follow a
// slash.
const TABLE = {
  acre: ['acre', '', 'ac', 'ac'],
  bit: ['bit', '', 'bit', 'bit'],
  byte: ['byte', '', 'byte', 'B'],
  celsius: ['degree Celsius', 'degrees Celsius', '#°C', '°C'],
  centimeter: ['centimeter', '', 'cm', 'cm'],
  day: ['day', '', 'day/days', 'd'],
  degree: ['degree', '', 'deg', '°'],
  fahrenheit: ['degree Fahrenheit', 'degrees Fahrenheit', '#°F', '°'],
  'fluid-ounce': ['fluid ounce', '', 'fl oz', 'fl oz'],
  foot: ['foot', 'feet', 'ft', '′'],
  gallon: ['gallon', '', 'gal', 'gal'],
  gigabit: ['gigabit', '', 'Gb', 'Gb'],
  gigabyte: ['gigabyte', '', 'GB', 'GB'],
  gram: ['gram', '', 'g', 'g'],
  hectare: ['hectare', '', 'ha', 'ha'],
  hour: ['hour', '', 'hr', 'h'],
  inch: ['inch', 'inches', 'in', '″'],
  kilobit: ['kilobit', '', 'kb', 'kb'],
  kilobyte: ['kilobyte', '', 'kB', 'kB'],
  kilogram: ['kilogram', '', 'kg', 'kg'],
  kilometer: ['kilometer', '', 'km', 'km'],
  liter: ['liter', '', 'L', 'L'],
  megabit: ['megabit', '', 'Mb', 'Mb'],
  megabyte: ['megabyte', '', 'MB', 'MB'],
  meter: ['meter', '', 'm', 'm'],
  microsecond: ['microsecond', '', 'μs', 'μs'],
  mile: ['mile', '', 'mi', 'mi'],
  'mile-scandinavian': ['mile-scandinavian', 'miles-scandinavian', 'smi', 'smi'],
  milliliter: ['milliliter', '', 'mL', 'mL'],
  millimeter: ['millimeter', '', 'mm', 'mm'],
  millisecond: ['millisecond', '', 'ms', 'ms'],
  minute: ['minute', '', 'min', 'm'],
  month: ['month', '', 'mth/mths', 'm'],
  nanosecond: ['nanosecond', '', 'ns', 'ns'],
  ounce: ['ounce', '', 'oz', 'oz'],
  percent: ['percent', 'percent', '#%', '%'],
  petabyte: ['petabyte', '', 'PB', 'PB'],
  pound: ['pound', '', 'lb', '#'],
  second: ['second', '', 'sec', 's'],
  stone: ['stone', 'stones', 'st', 'st'],
  terabit: ['terabit', '', 'Tb', 'Tb'],
  terabyte: ['terabyte', '', 'TB', 'TB'],
  week: ['week', '', 'wk/wks', 'w'],
  yard: ['yard', '', 'yd', 'yd'],
  year: ['year', '', 'yr/yrs', 'y'],
};

// What follows the slash of a short `per`, if it is not the short form.
const PER = { day: 'd', hour: 'h', month: 'm', second: 's', week: 'w', year: 'y', celsius: '°C', fahrenheit: '°F',
  percent: '%', gallon: 'gal US' };
const PER_NARROW = { ...PER, gallon: 'gal', fahrenheit: '°F', minute: 'min', foot: 'ft', inch: 'in', degree: 'deg',
  byte: 'B', pound: 'lb' };
// Pairs that have a form of their own.
const OWN = { 'mile-per-hour': 'mph', 'mile-per-gallon': 'mpg' };

const isSimple = (unit) => Object.hasOwn(TABLE, unit);

const halves = (unit) => {
  const at = unit.indexOf('-per-');
  return at < 0 ? [unit] : [unit.slice(0, at), unit.slice(at + 5)];
};

// Throws if it is not a unit.
const checkUnit = (unit) => {
  if (!halves(unit).every(isSimple)) {
    throw new RangeError(`Invalid unit argument for Intl.NumberFormat() '${unit}': use one of ${names().join(', ')}, or one -per- another`);
  }
};

const names = () => Object.keys(TABLE);

const simple = (unit, display, isOne) => {
  const [one, many, short, narrow] = TABLE[unit];
  if (display === 'long') return `# ${isOne ? one : many || `${one}s`}`;
  if (display === 'narrow') return narrow === '#' ? '##' : `#${narrow}`;
  if (short.startsWith('#')) return short;
  const [single, several = single] = short.split('/');
  return `# ${isOne ? single : several}`;
};

// Returns the form of a unit with `#` for the number.
const unitPattern = (unit, display, isOne) => {
  const [head, per] = halves(unit);
  if (per === undefined) return simple(unit, display, isOne);
  if (display === 'long') return `${simple(head, display, isOne)} per ${TABLE[per][0]}`;
  const own = OWN[unit];
  if (own !== undefined) return display === 'short' ? `# ${own}` : `#${own}`;
  const behind = (display === 'short' ? PER : PER_NARROW)[per] ?? TABLE[per][2].split('/')[0];
  return `${simple(head, display, isOne)}/${behind}`;
};

module.exports = { checkUnit, names, unitPattern };
