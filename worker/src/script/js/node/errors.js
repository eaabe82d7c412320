// Errors with a `code` in the style of node, for the other files in this folder.

function withCode(Type, code, message) {
  const error = new Type(message);
  error.code = code;
  return error;
}

function received(value) {
  if (value === null || value === undefined) return `Received ${value}`;
  if (typeof value === 'function') return `Received function ${value.name}`;
  if (typeof value === 'object') {
    const name = value.constructor && value.constructor.name;
    return name ? `Received an instance of ${name}` : 'Received [Object: null prototype] {}';
  }
  const text =
    typeof value === 'string' ? `'${value.length > 28 ? `${value.slice(0, 25)}...` : value}'` : String(value);
  return `Received type ${typeof value} (${text}${typeof value === 'bigint' ? 'n' : ''})`;
}

const invalidArgument = (message) => withCode(TypeError, 'ERR_INVALID_ARG_TYPE', message);

const outOfRange = (name, range, value) =>
  withCode(
    RangeError,
    'ERR_OUT_OF_RANGE',
    `The value of "${name}" is out of range. It must be ${range}. Received ${value}`,
  );

module.exports = { withCode, received, invalidArgument, outOfRange };
