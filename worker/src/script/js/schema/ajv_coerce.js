// The option coerceTypes of ajv 6: converts a value to one of the types of a schema.

const ways = {
  string(data) {
    if (typeof data === 'number' || typeof data === 'boolean') return String(data);
    return data === null ? '' : undefined;
  },
  number(data) {
    // oxlint-disable-next-line eslint/eqeqeq -- ajv compares a string with its number
    const isNumeric = typeof data === 'string' && data !== '' && data == Number(data);
    return typeof data === 'boolean' || data === null || isNumeric ? Number(data) : undefined;
  },
  integer(data) {
    if (typeof data === 'string' && data % 1) return undefined;
    return ways.number(data);
  },
  boolean(data) {
    if (data === 'false' || data === 0 || data === null) return false;
    return data === 'true' || data === 1 ? true : undefined;
  },
  null: (data) => (data === '' || data === 0 || data === false ? null : undefined),
};
const ORDERED = ['string', 'number', 'integer', 'boolean', 'null'];

const isScalar = (data) =>
  data === null || data === undefined || ['string', 'number', 'boolean'].includes(typeof data);

// Returns { value }, or undefined if the value cannot be converted.
module.exports = (data, types, withArrays, isOfType) => {
  let given = data;
  if (withArrays && Array.isArray(data) && data.length === 1) {
    [given] = data;
    if (types.some((type) => isOfType(given, type))) return { value: given };
  }
  for (const type of types) {
    if (ORDERED.includes(type)) {
      const value = ways[type](given);
      if (value !== undefined) return { value };
    } else if (type === 'array' && withArrays && isScalar(given)) {
      return { value: [given] };
    }
  }
  return undefined;
};
