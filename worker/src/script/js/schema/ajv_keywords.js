// Keywords that a script adds to ajv (`addKeyword`): with validate, compile or macro. Keywords that generate
// code (inline) and asynchronous ones are rejected.

const { reader } = require('vayu:schema/ajv_rules');

const WAYS = ['validate', 'compile', 'macro'];

// Rejects an invalid keyword definition.
function check(name, definition, ajv) {
  if (!/^[a-z_$][a-z0-9_$-]*$/i.test(name)) throw new Error(`Keyword ${name} is not a valid identifier`);
  if (definition === undefined) return;
  if (definition.inline !== undefined) throw ajv._unsupported(`the keyword ${name} with "inline"`);
  if (definition.async === true) throw ajv._unsupported(`the asynchronous keyword ${name}`);
  if (!WAYS.some((way) => typeof definition[way] === 'function') && definition.valid === undefined) {
    throw new Error(`custom keyword definition is invalid: the keyword ${name} has none of ${WAYS.join(', ')}`);
  }
}

// Converts the errors that a script's function reported to errors of ajv.
function own(errors, at, place, name, value) {
  const { options } = place;
  return errors.map((error) => {
    const made = {
      ...error,
      dataPath: error.dataPath ?? at.path(options.jsonPointers),
      schemaPath: `${place.path}/${name}`,
    };
    return options.verbose ? { ...made, schema: value, data: at.data } : made;
  });
}

function failKeyword(run, at, place, name, value, schema) {
  return run.fail(at, place, name, { keyword: name }, `should pass "${name}" keyword validation`, value, schema);
}

function caller(definition, name, schema, place) {
  const value = schema[name];
  if (typeof definition.compile === 'function') {
    const made = definition.compile.call(place.compiler.ajv, value, schema, place.compiler);
    return { made, call: (run, at, around) => made.call(run.self, at.data, ...around) };
  }
  const read = definition.$data ? reader(value, place) : () => value;
  const made = definition.validate;
  const isBare = definition.schema === false;
  const call = (run, at, around) => {
    const wanted = read(at);
    if (definition.$data && wanted === undefined) return true;
    return isBare ? made.call(run.self, at.data, ...around) : made.call(run.self, wanted, at.data, schema, ...around);
  };
  return { made, call };
}

function macro(definition, name, schema, place) {
  const made = definition.macro.call(place.compiler.ajv, schema[name], schema, place.compiler);
  const check = place.within(name, { isComposite: true }).node(made);
  return (run, at) =>
    check(run, at) ||
    run.failAlso(
      at,
      place,
      name,
      { keyword: name },
      `should pass "${name}" keyword validation`,
      schema[name],
      schema,
    );
}

// Returns the rule of such a keyword at a position; see ajv_rules.js.
function rule(name, definition, schema, place) {
  if (definition === undefined || definition.valid === true) return undefined;
  if (definition.validateSchema && !definition.validateSchema(schema[name])) {
    const { ajv } = place.compiler;
    throw new Error(`keyword schema is invalid: ${ajv.errorsText(definition.validateSchema.errors)}`);
  }
  if (typeof definition.macro === 'function') return macro(definition, name, schema, place);
  const { made, call } = caller(definition, name, schema, place);
  return (run, at) => {
    if (definition.errors !== false) made.errors = null;
    const { parent, step } = at;
    const holds = call(run, at, [at.path(place.options.jsonPointers), parent?.data, step, at.root.data]);
    if (definition.modifying && parent !== undefined) at.data = parent.data[step];
    if (definition.valid === undefined ? holds : definition.valid) return true;
    if (definition.errors === false || !Array.isArray(made.errors))
      return failKeyword(run, at, place, name, schema[name], schema);
    run.errors.push(...own(made.errors, at, place, name, schema[name]));
    return false;
  };
}

module.exports = { check, rule };
