// Holds the engine's `Intl` for en-US against node's: random numbers, dates and texts with random options. The
// modules under worker/src/script/js/intl run in node here, with node's own offsets of time zones; the
// suites `scripts` and the unit tests of `time_zones` have the engine's. Differences that docs/scripting.md
// lists are left out of the cases or made equal. Prints the others and fails where there are some.
//
//   node tests/differential/intl.mjs [count] [seed]

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

process.env.TZ = 'UTC';
const SOURCES = join(import.meta.dirname, '../../worker/src/script/js');
const MOST_SHOWN = 20;
const [count = '20000', seed = '1'] = process.argv.slice(2);

// The engine's `require`: a file is the body of a function.
function loader(host) {
  const loaded = new Map();
  const load = (name) => {
    if (!loaded.has(name)) {
      const module = { exports: {} };
      loaded.set(name, module);
      const text = readFileSync(`${join(SOURCES, name.replace('vayu:', ''))}.js`, 'utf8');
      new Function('module', 'exports', 'require', 'host', `"use strict";${text}`)(module, module.exports, load, host);
    }
    return loaded.get(name).exports;
  };
  return load;
}

// A generator of 32 bits with a seed (mulberry32).
function random(start) {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const chance = random(Number(seed));
const pick = (list) => list[Math.floor(chance() * list.length)];
const words = (text) => text.split(' ');
// Options of which each is there with its own probability.
const options = (table) => {
  const made = {};
  for (const [name, [probability, values]] of Object.entries(table)) {
    if (chance() < probability) made[name] = pick(values);
  }
  return made;
};

const partsAt = (zone, time, fields) =>
  Object.fromEntries(
    new Intl.DateTimeFormat('en-US', { timeZone: zone, ...fields }).formatToParts(time).map(({ type, value }) => [type, value]),
  );

// Seconds east of UTC by node, and whether the name of the time says that it is summer.
function zoneOffset(zone, seconds) {
  const time = seconds * 1000;
  const numeric = Object.fromEntries(words('year month day hour minute second').map((name) => [name, 'numeric']));
  const { era, year, month, day, hour, minute, second } = partsAt(zone, time, { ...numeric, era: 'short', hourCycle: 'h23' });
  const local = new Date(0);
  local.setUTCFullYear(era === 'BC' ? 1 - year : Number(year), month - 1, day);
  local.setUTCHours(hour, minute, second);
  const { timeZoneName } = partsAt(zone, time, { timeZoneName: 'long' });
  return [(local - time) / 1000, /Daylight|Summer|Irish/.test(timeZoneName), ''];
}

function zoneName(name) {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

const MODES = words('ceil floor expand trunc halfCeil halfFloor halfExpand halfTrunc halfEven');
const UNITS = [...Intl.supportedValuesOf('unit'), ...words('kilometer-per-hour mile-per-hour mile-per-gallon byte-per-second')];
const NUMBERS = [0, -0, 1, -1, NaN, Infinity, -Infinity, 1.005, 0.5, 2.5, 999.5, 999999, 1e21, 1e-7, 5e-324];

function numberOptions() {
  const style = pick(['decimal', 'percent', 'currency', 'unit', undefined]);
  const made = {
    style,
    ...(style === 'currency' && { currency: pick(words('USD EUR GBP JPY INR CAD CHF KWD BRL KRW MXN XAF PLN HUF')) }),
    ...(style === 'unit' && { unit: pick(UNITS) }),
    ...options({
      currencyDisplay: [0.2, ['symbol', 'narrowSymbol', 'code', 'name']],
      currencySign: [0.1, ['standard', 'accounting']],
      unitDisplay: [0.3, ['short', 'narrow', 'long']],
      // Notations differ from node for currencies and percents.
      notation: [style === 'currency' || style === 'percent' ? 0 : 0.25, ['standard', 'scientific', 'engineering', 'compact']],
      compactDisplay: [0.2, ['short', 'long']],
      minimumIntegerDigits: [0.2, [1, 2, 3, 5]],
      minimumFractionDigits: [0.25, [0, 1, 2, 3, 6]],
      maximumFractionDigits: [0.25, [0, 1, 2, 3, 6, 20]],
      minimumSignificantDigits: [0.15, [1, 2, 3, 6]],
      maximumSignificantDigits: [0.15, [1, 2, 3, 6, 21]],
      useGrouping: [0.2, [true, false, 'always', 'auto', 'min2']],
      signDisplay: [0.2, ['auto', 'never', 'always', 'exceptZero', 'negative']],
      roundingMode: [0.1, MODES],
      trailingZeroDisplay: [0.05, ['auto', 'stripIfInteger']],
      roundingIncrement: [0.05, [1, 2, 5, 10, 25, 50, 100]],
    }),
  };
  // Node finds an option of another name in the word, and steps of tiny parts are those of its binary number.
  if (made.unit === 'week') delete made.trailingZeroDisplay;
  if (made.roundingIncrement > 1) delete made.minimumFractionDigits;
  return made;
}

function number() {
  const kind = chance();
  if (kind < 0.05) return pick(NUMBERS);
  if (kind < 0.1) return BigInt(Math.floor(chance() * 1e9)) * BigInt(Math.floor(chance() * 1e9));
  if (kind < 0.12) return pick(['12345678901234567890.123', '1e3', '-0.5', 'text', '']);
  const value = (chance() - 0.5) * 10 ** (Math.floor(chance() * 18) - 4);
  return pick([value, Math.round(value), Number(value.toFixed(2))]);
}

const NAMES = ['narrow', 'short', 'long'];
const DIGITS = ['numeric', '2-digit'];
const STYLES = ['full', 'long', 'medium', 'short'];
// Zones that changed their name in the years of the cases, and zones whose summer time has no name to tell it by.
const CHANGED = /Almaty|Aqt|Atyrau|Oral|Qostanay|Qyzylorda|Nuuk|Godthab|Coyhaique|Scoresbysund|Jersey|Guernsey|Isle_of_Man|Troll/;
const ZONES = Intl.supportedValuesOf('timeZone').filter((zone) => !CHANGED.test(zone));

// Whether fields go together in a pattern of the language.
const isUsual = ({ weekday, era, year, month, day, dayPeriod, hour, minute, second, fractionalSecondDigits }) =>
  (month || !((day && year) || (weekday && year))) && !(weekday && month && !day) && !(era && !year) &&
  !(dayPeriod && !hour) && !(fractionalSecondDigits && !(second && minute)) && !(second && hour && !minute);

function dateOptions() {
  const timeZone = pick(['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', pick(ZONES)]);
  const clock = options({ hour12: [0.1, [true]], hourCycle: [0.15, ['h11', 'h12', 'h23', 'h24']] });
  if (chance() < 0.2) return { timeZone, ...clock, ...options({ dateStyle: [0.8, STYLES], timeStyle: [0.7, STYLES] }) };
  const fields = options({
    weekday: [0.3, NAMES],
    era: [0.08, NAMES],
    year: [0.6, DIGITS],
    month: [0.6, [...DIGITS, ...NAMES]],
    day: [0.6, DIGITS],
    dayPeriod: [0.08, NAMES],
    hour: [0.5, DIGITS],
    minute: [0.45, DIGITS],
    second: [0.35, DIGITS],
    fractionalSecondDigits: [0.1, [1, 2, 3]],
    timeZoneName: [0.2, ['short', 'long', 'shortOffset', 'longOffset']],
  });
  // With these node tells another style of the hour than it uses.
  if (clock.hourCycle === 'h24' && !fields.minute) return dateOptions();
  return isUsual(fields) ? { timeZone, ...clock, ...fields } : dateOptions();
}

const date = () => {
  const kind = chance();
  if (kind < 0.05) return pick([NaN, Date.UTC(2024, 5, 5, 12), Date.UTC(2024, 5, 5)]);
  return Math.floor(Date.UTC(2024) + chance() * 3 * 365 * 864e5);
};

const LETTERS = [...'abcABCzZéÉèäÖñ019 _-,.!?\'"()[]{}@*/\\&#%`^+<=>|~$œ'];
const text = () => Array.from({ length: Math.floor(chance() * 5) }, () => pick(LETTERS)).join('');

const textOptions = () =>
  pick([{}, {}, { numeric: true }, { sensitivity: 'base' }, { sensitivity: 'accent' }, { sensitivity: 'case' },
    { ignorePunctuation: true }, { caseFirst: 'upper' }]);

// What is known to differ is made equal.
const plainBlanks = ({ type, value }) => ({ type, value: value.replaceAll('\u202f', ' ') });
const isTold = ([name]) => !['currencySign', 'roundingPriority'].includes(name);
const resolved = (format) => Object.entries(format.resolvedOptions()).filter(isTold).sort();

const formatted = (Type, given, value) => {
  const format = new Type('en-US', given);
  return [...format.formatToParts(value).map(plainBlanks), resolved(format)];
};

function outcome(run) {
  try {
    return JSON.stringify(run());
  } catch (error) {
    return error.name;
  }
}

const load = loader({ systemZone: () => 'UTC', zoneName, zoneOffset });
const KINDS = {
  numbers: [load('vayu:intl/number_format'), Intl.NumberFormat, numberOptions, number, formatted],
  dates: [load('vayu:intl/date_format'), Intl.DateTimeFormat, dateOptions, date, formatted],
  texts: [load('vayu:intl/collator'), Intl.Collator, textOptions, () => [text(), text()],
    (Type, given, [a, b]) => new Type('en-US', given).compare(a, b)],
};

let different = 0;
for (const [kind, [Ours, Theirs, makeOptions, makeValue, run]] of Object.entries(KINDS)) {
  let found = 0;
  for (let turn = 0; turn < Number(count); turn++) {
    const given = makeOptions();
    const value = makeValue();
    const [ours, theirs] = [Ours, Theirs].map((Type) => outcome(() => run(Type, given, value)));
    if (ours === theirs) continue;
    found += 1;
    if (found <= MOST_SHOWN) console.log(`${kind}: ${String(value)} ${JSON.stringify(given)}\n  ours ${ours}\n  node ${theirs}`);
  }
  console.log(`${kind}: ${found} of ${count} differ`);
  different += found;
}
process.exitCode = different > 0 ? 1 : 0;
