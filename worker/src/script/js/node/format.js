// util.format: the printf-like first argument of console.log and the values after it.

const inspect = require('vayu:node/inspect');

function numberText(value) {
  return Object.is(value, -0) ? '-0' : String(value);
}

// A custom toString is used; a toString of the language is replaced by inspect.
function hasOwnToString(value) {
  return (
    typeof value.toString === 'function' &&
    !Function.prototype.toString.call(value.toString).includes('[native code]')
  );
}

function asString(value) {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || typeof value !== 'object' || hasOwnToString(value)) return String(value);
  return inspect(value, { depth: 0 });
}

function asNumber(value) {
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'symbol' ? 'NaN' : numberText(Number(value));
}

function asInteger(value) {
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'symbol' ? 'NaN' : numberText(parseInt(value, 10));
}

function asJson(value) {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (/circular/i.test(error.message)) return '[Circular]';
    throw error;
  }
}

const CONVERSIONS = {
  s: asString,
  d: asNumber,
  i: asInteger,
  f: (value) => (typeof value === 'symbol' ? 'NaN' : numberText(parseFloat(value))),
  j: asJson,
  o: (value) => inspect(value, { depth: 4 }),
  O: (value) => inspect(value),
  c: () => '',
};

function format(...values) {
  const parts = [];
  let next = 0;
  if (typeof values[0] === 'string' && values.length > 1) {
    next = 1;
    parts.push(
      values[0].replace(/%([sdifjoOc%])/g, (directive, kind) => {
        if (kind === '%') return '%';
        return next < values.length ? CONVERSIONS[kind](values[next++]) : directive;
      }),
    );
  }
  for (; next < values.length; next++) {
    parts.push(typeof values[next] === 'string' ? values[next] : inspect(values[next]));
  }
  return parts.join(' ');
}

module.exports = format;
