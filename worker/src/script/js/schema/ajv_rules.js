// The keywords of JSON schemas as ajv 6 checks them. Each rule is created once for a position in a schema and
// returns a function that checks one value: `(run, at) => boolean`, which adds errors to `run.errors`.
// ajv_compile.js calls the rules, determines their order and defines `place`.

const equal = require('vayu:schema/equal');

const isNothing = (value) => value === undefined;
const plural = (count) => (count === 1 ? 'property' : 'properties');

// The value of a keyword: literal, or from the data with the option $data. Returns `read(at)`.
function reader(value, place) {
  const { $data } = place.options.$data && value !== null && typeof value === 'object' ? value : {};
  return typeof $data === 'string' ? (at) => at.relative($data) : () => value;
}

const isDynamic = (value, place) =>
  Boolean(place.options.$data && value !== null && typeof value === 'object' && value.$data);

// A rule that compares the data with the value of its keyword. If a value from the data is missing, nothing
// is checked; a value that `isValid` does not accept is an error.
function comparing(keyword, { isValid = () => true, fails, params, message }) {
  return (schema, place) => {
    const value = schema[keyword];
    const read = reader(value, place);
    const isFromData = isDynamic(value, place);
    return (run, at) => {
      const wanted = read(at);
      if (isFromData && isNothing(wanted)) return true;
      const isFault = isFromData && !isValid(wanted) ? true : fails(at.data, wanted, place, schema);
      if (!isFault) return true;
      const found = isFault === true ? {} : isFault;
      return run.fail(at, place, keyword, params(wanted, found), message(wanted, found), value, schema);
    };
  };
}

const isNumber = (value) => typeof value === 'number';
const isText = (value) => typeof value === 'string';
const limitOf = (limit) => ({ limit });

const sized = (keyword, size, isMost, words) =>
  comparing(keyword, {
    isValid: isNumber,
    fails: (data, limit, place) => (isMost ? size(data, place) > limit : size(data, place) < limit),
    params: limitOf,
    message: (limit) => `should NOT ${words(limit)}`,
  });

const letters = (text, { options }) => (options.unicode === false ? text.length : [...text].length);

// Returns the effective limit of two, whether it is exclusive, and the keyword it comes from.
function boundOf(limit, exclusive, isMost) {
  if (!isNumber(exclusive)) return { limit, isOut: exclusive === true };
  if (isNothing(limit)) return { limit: exclusive, isOut: true };
  const nearest = isMost ? Math.min(exclusive, limit) : Math.max(exclusive, limit);
  return { limit: nearest, isOut: exclusive === nearest };
}

function bound(keyword, exclusiveKeyword, isMost) {
  const sign = isMost ? '<' : '>';
  return (schema, place) => {
    const reads = [reader(schema[keyword], place), reader(schema[exclusiveKeyword], place)];
    return (run, at) => {
      const { limit, isOut } = boundOf(...reads.map((read) => read(at)), isMost);
      if (isNothing(limit)) return true;
      const { data } = at;
      const isBeyond = isMost ? data > limit : data < limit;
      const isFault = !isNumber(limit) || Number.isNaN(data) || isBeyond || (isOut && data === limit);
      if (!isFault) return true;
      const name = isOut ? exclusiveKeyword : keyword;
      const comparison = isOut ? sign : `${sign}=`;
      const params = { comparison, limit, exclusive: isOut };
      return run.fail(at, place, name, params, `should be ${comparison} ${limit}`, schema[keyword], schema);
    };
  };
}

function isNoMultiple(data, divisor, { options }) {
  const quotient = data / divisor;
  const precision = options.multipleOfPrecision;
  if (precision) return Math.abs(Math.round(quotient) - quotient) > Number(`1e-${precision}`);
  return quotient !== Math.trunc(quotient) || !Number.isFinite(quotient);
}

// Returns the last two equal items, as { i, j }.
function duplicates(data, isUnique, { options }, schema) {
  if (!isUnique || options.uniqueItems === false) return false;
  const types = [].concat(schema.items?.type ?? []);
  const hasScalars = types.length > 0 && !types.includes('object') && !types.includes('array');
  return hasScalars ? repeatedScalar(data) : repeatedItem(data);
}

function repeatedItem(data) {
  for (let i = data.length - 1; i > 0; i--) {
    for (let j = i - 1; j >= 0; j--) if (equal(data[i], data[j])) return { i, j };
  }
  return false;
}

function repeatedScalar(data) {
  const places = new Map();
  for (let i = data.length - 1; i >= 0; i--) {
    const item = data[i];
    if (places.has(item)) return { i, j: places.get(item) };
    places.set(item, i);
  }
  return false;
}

function format(kind) {
  return (schema, place) => {
    const { options } = place;
    if (options.format === false) return undefined;
    const value = schema.format;
    const read = reader(value, place);
    // An unknown format must be reported when a schema is compiled.
    const own = isDynamic(value, place) ? undefined : place.formatOf(value, kind);
    if (own === undefined && !isDynamic(value, place)) return undefined;
    return (run, at) => {
      const name = read(at);
      if (isNothing(name)) return true;
      const test = own ?? place.formatOf(name, kind);
      if (test === undefined || test(at.data)) return true;
      return run.fail(at, place, 'format', { format: name }, `should match format "${name}"`, value, schema);
    };
  };
}

function contains(schema, place) {
  const inner = place.within('contains', { isComposite: true });
  const isEmpty = !place.hasRules(schema.contains);
  const check = isEmpty ? undefined : inner.node(schema.contains);
  return (run, at) => {
    const before = run.errors.length;
    const holds = isEmpty ? at.data.length > 0 : at.data.some((_, i) => check(run, at.item(i)));
    if (!holds) return run.fail(at, place, 'contains', {}, 'should contain a valid item', schema.contains, schema);
    run.errors.length = before;
    return true;
  };
}

// Evaluates the checks in order and returns whether all hold. Without allErrors it stops at the first
// failure.
function every(checks, place) {
  const { breaks } = place;
  return (run, at) => {
    let holds = true;
    for (let i = 0; i < checks.length; i++) {
      if (!checks[i](run, at)) {
        holds = false;
        if (breaks) return false;
      }
    }
    return holds;
  };
}

function items(schema, place) {
  const { items: given, additionalItems } = schema;
  const all = (check, from) => (run, at) => {
    let holds = true;
    for (let i = from; i < at.data.length; i++) {
      if (check(run, at.item(i))) continue;
      holds = false;
      if (place.breaks) return false;
    }
    return holds;
  };
  if (!Array.isArray(given)) {
    return place.hasRules(given) ? all(place.within('items').node(given), 0) : undefined;
  }
  const checks = [];
  if (additionalItems === false) {
    const limit = given.length;
    checks.push(
      (run, at) =>
        at.data.length <= limit ||
        run.fail(at, place, 'additionalItems', { limit }, `should NOT have more than ${limit} items`, false, schema),
    );
  }
  given.forEach((each, i) => {
    if (!place.hasRules(each)) return;
    const check = place.within(`items/${i}`).node(each);
    checks.push((run, at) => at.data.length <= i || check(run, at.item(i)));
  });
  if (typeof additionalItems === 'object' && place.hasRules(additionalItems)) {
    checks.push(all(place.within('additionalItems').node(additionalItems), given.length));
  }
  return every(checks, place);
}

function not(schema, place) {
  if (!place.hasRules(schema.not)) {
    return (run, at) => run.fail(at, place, 'not', {}, 'should NOT be valid', schema.not, schema);
  }
  const check = place.within('not', { isComposite: true, breaks: true }).node(schema.not);
  return (run, at) => {
    const before = run.errors.length;
    const holds = check(run, at);
    run.errors.length = before;
    return !holds || run.fail(at, place, 'not', {}, 'should NOT be valid', schema.not, schema);
  };
}

function anyOf(schema, place) {
  if (!schema.anyOf.every((each) => place.hasRules(each))) return undefined;
  const checks = schema.anyOf.map((each, i) => place.within(`anyOf/${i}`, { isComposite: true }).node(each));
  return (run, at) => {
    const before = run.errors.length;
    if (checks.some((check) => check(run, at))) {
      run.errors.length = before;
      return true;
    }
    return run.failAlso(at, place, 'anyOf', {}, 'should match some schema in anyOf', schema.anyOf, schema);
  };
}

function oneOf(schema, place) {
  const checks = schema.oneOf.map((each, i) =>
    place.hasRules(each) ? place.within(`oneOf/${i}`, { isComposite: true }).node(each) : () => true,
  );
  return (run, at) => {
    const before = run.errors.length;
    let passing = null;
    for (let i = 0; i < checks.length; i++) {
      if (!checks[i](run, at)) continue;
      if (passing === null) passing = i;
      else {
        passing = [passing, i];
        break;
      }
    }
    if (typeof passing === 'number') {
      run.errors.length = before;
      return true;
    }
    return run.failAlso(
      at,
      place,
      'oneOf',
      { passingSchemas: passing },
      'should match exactly one schema in oneOf',
      schema.oneOf,
      schema,
    );
  };
}

function allOf(schema, place) {
  const given = schema.allOf.map((each, i) =>
    place.hasRules(each) ? place.within(`allOf/${i}`).node(each) : undefined,
  );
  return every(given.filter(Boolean), place);
}

function conditional(schema, place) {
  const branch = (name) =>
    schema[name] !== undefined && place.hasRules(schema[name]) ? place.within(name).node(schema[name]) : undefined;
  const [then, otherwise] = [branch('then'), branch('else')];
  if (!then && !otherwise) return undefined;
  const check = place.within('if', { isComposite: true }).node(schema.if);
  return (run, at) => {
    const before = run.errors.length;
    const holds = check(run, at);
    run.errors.length = before;
    const [name, next] = holds ? ['then', then] : ['else', otherwise];
    if (!next || next(run, at)) return true;
    if (place.breaks && !place.isComposite) return false;
    return run.failAlso(
      at,
      place,
      'if',
      { failingKeyword: name },
      `should match "${name}" schema`,
      schema.if,
      schema,
    );
  };
}

module.exports = {
  reader,
  isDynamic,
  every,
  plural,
  RULES: {
    maximum: bound('maximum', 'exclusiveMaximum', true),
    minimum: bound('minimum', 'exclusiveMinimum', false),
    multipleOf: comparing('multipleOf', {
      isValid: isNumber,
      fails: isNoMultiple,
      params: (multipleOf) => ({ multipleOf }),
      message: (multipleOf) => `should be multiple of ${multipleOf}`,
    }),
    maxLength: sized('maxLength', letters, true, (limit) => `be longer than ${limit} characters`),
    minLength: sized('minLength', letters, false, (limit) => `be shorter than ${limit} characters`),
    pattern: comparing('pattern', {
      isValid: isText,
      fails: (data, pattern, place) => !place.patternOf(pattern).test(data),
      params: (pattern) => ({ pattern }),
      message: (pattern) => `should match pattern "${pattern}"`,
    }),
    maxItems: sized(
      'maxItems',
      (data) => data.length,
      true,
      (limit) => `have more than ${limit} items`,
    ),
    minItems: sized(
      'minItems',
      (data) => data.length,
      false,
      (limit) => `have fewer than ${limit} items`,
    ),
    items,
    contains,
    uniqueItems: comparing('uniqueItems', {
      isValid: (value) => typeof value === 'boolean',
      fails: duplicates,
      params: (_, { i, j }) => ({ i, j }),
      message: (_, { i, j }) => `should NOT have duplicate items (items ## ${j} and ${i} are identical)`,
    }),
    maxProperties: sized(
      'maxProperties',
      (data) => Object.keys(data).length,
      true,
      (limit) => `have more than ${limit} properties`,
    ),
    minProperties: sized(
      'minProperties',
      (data) => Object.keys(data).length,
      false,
      (limit) => `have fewer than ${limit} properties`,
    ),
    const: comparing('const', {
      fails: (data, wanted) => !equal(data, wanted),
      params: (allowedValue) => ({ allowedValue }),
      message: () => 'should be equal to constant',
    }),
    enum: comparing('enum', {
      isValid: Array.isArray,
      fails: (data, list) => !list.some((one) => equal(data, one)),
      params: (allowedValues) => ({ allowedValues }),
      message: () => 'should be equal to one of the allowed values',
    }),
    not,
    anyOf,
    oneOf,
    allOf,
    if: conditional,
  },
  format,
};
