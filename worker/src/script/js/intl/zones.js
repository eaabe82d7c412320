// Time zones of dates: which exist, their offset at an instant and their name then. The offsets come from the
// engine's copy of the IANA database.

const { namesOf } = require('vayu:intl/zone_names');

const OFFSET = /^([+-])([01]\d|2[0-3])(?::?([0-5]\d))?$/;
const UTC = new Set(['UTC', 'GMT', 'Etc/UTC', 'Etc/GMT', 'Etc/UCT', 'Etc/Zulu', 'Etc/Universal', 'Etc/Greenwich',
  'Etc/GMT0', 'Etc/GMT+0', 'Etc/GMT-0', 'GMT0', 'GMT+0', 'GMT-0', 'UCT', 'Zulu', 'Universal', 'Greenwich']);
const MS_PER_SECOND = 1000;

const two = (number) => String(number).padStart(2, '0');

// Returns the zone as `resolvedOptions` names it.
const resolve = (given) => {
  if (given === undefined) return host.systemZone();
  const text = String(given);
  const offset = OFFSET.exec(text);
  if (offset !== null) return `${offset[1]}${offset[2]}:${offset[3] ?? '00'}`;
  const name = host.zoneName(text);
  if (name === undefined || name === null) {
    throw new RangeError(`Invalid time zone specified: ${text}: use a name of the IANA database, such as Europe/Berlin, or an offset such as +01:00`);
  }
  return UTC.has(name) ? 'UTC' : name;
};

// Returns the seconds east of UTC, and whether daylight saving time is in force.
const offsetAt = (zone, time) => {
  const fixed = OFFSET.exec(zone);
  if (fixed !== null) {
    const seconds = (Number(fixed[2]) * 60 + Number(fixed[3])) * 60;
    return { seconds: fixed[1] === '-' ? -seconds : seconds, isDaylight: false };
  }
  if (zone === 'UTC') return { seconds: 0, isDaylight: false };
  const [seconds, isDaylight] = host.zoneOffset(zone, Math.floor(time / MS_PER_SECOND));
  return { seconds, isDaylight };
};

// `GMT+1` and `GMT+5:30`, or `GMT+01:00` and `GMT+05:30`.
const offsetName = (seconds, isLong) => {
  const size = Math.abs(seconds);
  const [hours, minutes, rest] = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60];
  const sign = seconds < 0 ? '-' : '+';
  const behind = minutes > 0 || rest > 0 || isLong ? `:${two(minutes)}` : '';
  return `GMT${sign}${isLong ? two(hours) : hours}${behind}${rest > 0 ? `:${two(rest)}` : ''}`;
};

// Returns the name of a zone at an instant in one of the styles of `timeZoneName`.
const nameAt = (zone, { seconds, isDaylight }, style) => {
  const isLong = style.startsWith('long');
  if (style.endsWith('Offset')) return offsetName(seconds, isLong);
  // Local mean times from before there were zones have no names.
  const names = seconds % 60 === 0 ? namesOf(zone) : undefined;
  return names?.[(isLong ? 0 : 2) + (isDaylight ? 1 : 0)] || offsetName(seconds, isLong);
};

module.exports = { nameAt, offsetAt, resolve };
