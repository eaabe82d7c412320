// The keywords of JSON schemas about the properties of objects, as ajv 6 checks them; rules as in ajv_rules.js.

const { every, reader, isDynamic } = require('vayu:schema/ajv_rules');
const { nameText } = require('vayu:schema/ajv_paths');

const isMissing = (at, name, { options }) =>
  at.data[name] === undefined || (options.ownProperties && !Object.hasOwn(at.data, name));

function namesIn(data, { options }) {
  if (options.ownProperties) return Object.keys(data);
  const names = [];
  for (const name in data) names.push(name);
  return names;
}

// Reports a missing property. Only in the first error does ajv write the name as part of a path.
function failMissing(run, at, place, keyword, name, isFirst, params, words, schema) {
  const isPlace = place.options.errorDataPath === 'property';
  const missingProperty = isFirst && !place.options.jsonPointers ? nameText(name) : name;
  const found = isPlace ? at.property(name) : at;
  return run.fail(
    found,
    place,
    keyword,
    { ...params, missingProperty },
    words(missingProperty, isPlace),
    schema[keyword],
    schema,
    at.data,
  );
}

const requiredWords = (name, isPlace) =>
  isPlace ? 'is a required property' : `should have required property '${name}'`;

// Returns the properties that are checked here. A property with rules of its own is checked by these.
function requiredNames(schema, place) {
  const { properties, required } = schema;
  if (required.length >= place.loopRequired || !properties || Object.keys(properties).length === 0) return required;
  return required.filter((name) => !Object.hasOwn(properties, name) || !place.hasRules(properties[name]));
}

function required(schema, place) {
  if (isDynamic(schema.required, place)) return requiredOfData(schema, place);
  const names = requiredNames(schema, place);
  if (names.length === 0) return undefined;
  const isFirst = place.breaks && names.length < place.loopRequired;
  const fail = (run, at, name) => failMissing(run, at, place, 'required', name, isFirst, {}, requiredWords, schema);
  return every(
    names.map((name) => (run, at) => !isMissing(at, name, place) || fail(run, at, name)),
    place,
  );
}

function requiredOfData(schema, place) {
  const read = reader(schema.required, place);
  return (run, at) => {
    const names = read(at);
    if (names === undefined) return true;
    const gone = Array.isArray(names) ? names.filter((name) => isMissing(at, name, place)) : ['undefined'];
    const told = place.breaks ? gone.slice(0, 1) : gone;
    for (const name of told) failMissing(run, at, place, 'required', name, false, {}, requiredWords, schema);
    return gone.length === 0;
  };
}

function dependencies(schema, place) {
  const entries = Object.entries(schema.dependencies).filter(([name]) => name !== '__proto__');
  const listed = entries
    .filter(([, needs]) => Array.isArray(needs) && needs.length > 0)
    .map(([property, needs]) => {
      const deps = needs.join(', ');
      const words = () =>
        `should have ${needs.length === 1 ? 'property' : 'properties'} ${deps} when property ${property} is present`;
      const params = (missingProperty) => ({ property, missingProperty, depsCount: needs.length, deps });
      const fail = (run, at, name) => failDependency(run, at, place, name, params, words, schema);
      const check = every(
        needs.map((name) => (run, at) => !isMissing(at, name, place) || fail(run, at, name)),
        place,
      );
      return (run, at) => isMissing(at, property, place) || check(run, at);
    });
  const schemas = entries
    .filter(([, needs]) => !Array.isArray(needs) && place.hasRules(needs))
    .map(([property, needs]) => {
      const check = place.within(['dependencies', property]).node(needs);
      return (run, at) => isMissing(at, property, place) || check(run, at);
    });
  return every([...listed, ...schemas], place);
}

function failDependency(run, at, place, name, params, words, schema) {
  const isPlace = place.options.errorDataPath === 'property';
  const shown = place.breaks && !place.options.jsonPointers ? nameText(name) : name;
  return run.fail(
    isPlace ? at.property(name) : at,
    place,
    'dependencies',
    params(shown),
    words(),
    schema.dependencies,
    schema,
    at.data,
  );
}

function propertyNames(schema, place) {
  if (!place.hasRules(schema.propertyNames)) return undefined;
  const check = place.within('propertyNames', { isComposite: true }).node(schema.propertyNames);
  return (run, at) => {
    let holds = true;
    for (const propertyName of namesIn(at.data, place)) {
      const before = run.errors.length;
      if (check(run, at.name(propertyName))) continue;
      for (const error of run.errors.slice(before)) error.propertyName = propertyName;
      run.failAlso(
        at,
        place,
        'propertyNames',
        { propertyName },
        `property name '${propertyName}' is invalid`,
        schema.propertyNames,
        schema,
      );
      holds = false;
      if (place.breaks) return false;
    }
    return holds;
  };
}

// Returns how to treat a property that no keyword knows: undefined, or (run, at, name) => whether it is
// allowed.
function additional(schema, place) {
  const { additionalProperties } = schema;
  const { removeAdditional } = place.options;
  const remove = (run, at, name) => delete at.data[name];
  if (removeAdditional === 'all') return remove;
  if (additionalProperties === false) return removeAdditional ? remove : forbid(schema, place);
  const isSchema =
    additionalProperties !== null &&
    typeof additionalProperties === 'object' &&
    Object.keys(additionalProperties).length > 0;
  if (!isSchema) return undefined;
  const isFailing = removeAdditional === 'failing';
  const inner = place.within('additionalProperties', isFailing ? { isComposite: true } : {});
  const check = inner.node(additionalProperties);
  if (!isFailing) return (run, at, name) => check(run, at.key(name));
  return (run, at, name) => {
    const before = run.errors.length;
    if (check(run, at.key(name))) return true;
    run.errors.length = before;
    return remove(run, at, name);
  };
}

function forbid(schema, place) {
  const isPlace = place.options.errorDataPath === 'property';
  const words = isPlace ? 'is an invalid additional property' : 'should NOT have additional properties';
  return (run, at, name) =>
    run.fail(
      isPlace ? at.key(name) : at,
      place,
      'additionalProperties',
      { additionalProperty: name },
      words,
      false,
      schema,
      at.data,
    );
}

function additionalCheck(schema, place, names, patterns) {
  const check = additional(schema, place);
  if (check === undefined) return undefined;
  const known = new Set(names);
  const isKnown = (name) => known.has(name) || patterns.some((pattern) => place.patternOf(pattern).test(name));
  return (run, at) => {
    let holds = true;
    for (const name of namesIn(at.data, place)) {
      if (isKnown(name) || check(run, at, name)) continue;
      holds = false;
      if (place.breaks) return false;
    }
    return holds;
  };
}

// Returns the check of one of `properties`, which reports it as missing if it is required.
function propertyCheck(name, schema, place) {
  const { properties, required: needed } = schema;
  const own = properties[name];
  const check = place.within(['properties', name]).node(own);
  const { useDefaults } = place.options;
  if (useDefaults && !place.isComposite && own.default !== undefined)
    return (run, at) => check(run, at.property(name));
  const isNeeded = Array.isArray(needed) && needed.length < place.loopRequired && needed.includes(name);
  return (run, at) => {
    if (!isMissing(at, name, place)) return check(run, at.property(name));
    return !isNeeded || failMissing(run, at, place, 'required', name, false, {}, requiredWords, schema);
  };
}

function patternCheck(pattern, schema, place) {
  const check = place.within(['patternProperties', pattern]).node(schema.patternProperties[pattern]);
  return (run, at) => {
    let holds = true;
    for (const name of namesIn(at.data, place)) {
      if (!place.patternOf(pattern).test(name) || check(run, at.key(name))) continue;
      holds = false;
      if (place.breaks) return false;
    }
    return holds;
  };
}

const plainKeys = (object) => Object.keys(object ?? {}).filter((name) => name !== '__proto__');

function properties(schema, place) {
  const names = plainKeys(schema.properties);
  const patterns = plainKeys(schema.patternProperties);
  const checks = [
    additionalCheck(schema, place, names, patterns),
    ...names
      .filter((name) => place.hasRules(schema.properties[name]))
      .map((name) => propertyCheck(name, schema, place)),
    ...patterns
      .filter((pattern) => place.hasRules(schema.patternProperties[pattern]))
      .map((pattern) => patternCheck(pattern, schema, place)),
  ];
  return every(checks.filter(Boolean), place);
}

module.exports = { required, dependencies, propertyNames, properties };
