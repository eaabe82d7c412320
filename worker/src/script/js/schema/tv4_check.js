// One validation by tv4: JSON schema draft 4 with the errors of tv4 1.3, in the same order. As in tv4, some
// keywords stop the check of a value at the first error, and others continue if all errors are collected.

const { ValidationError } = require('vayu:schema/tv4_errors');
const { getSchema, documentOf } = require('vayu:schema/tv4_schemas');

// Tolerance for the division of fractions.
const NEAR = 2 ** -51;

const isObject = (value) => value !== null && typeof value === 'object';
const escapePart = (text) => String(text).replaceAll('~', '~0').replaceAll('/', '~1');
const below = (path, ...parts) => path + parts.map((part) => `/${escapePart(part)}`).join('');

function typeOf(data) {
  if (data === null) return 'null';
  return Array.isArray(data) ? 'array' : typeof data;
}

function isSame(one, other) {
  if (one === other) return true;
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  if (Array.isArray(one)) return one.length === other.length && one.every((item, i) => isSame(item, other[i]));
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every(
    (name) => (one[name] === undefined) === (other[name] === undefined) && isSame(one[name], other[name]),
  );
}

function patternOf(given) {
  if (given instanceof RegExp) return given;
  const literal = /^\/(.+)\/([img]*)$/.exec(given);
  return literal ? new RegExp(literal[1], literal[2]) : new RegExp(given);
}

class Check {
  // `context` has the schemas, formats and keywords; `report(error, data, schema)` returns the message of an
  // error.
  constructor(context, report, { collects, isRecursive, bansUnknown }) {
    this.context = context;
    this.report = report;
    this.collects = collects;
    this.errors = [];
    this.missing = [];
    this.visited = isRecursive ? new Map() : undefined;
    this.unknown = bansUnknown ? new Set() : undefined;
    this.known = bansUnknown ? new Set() : undefined;
  }

  error(name, params, at, dataPath, schemaPath, data, schema, subErrors = null) {
    const code = typeof name === 'number' ? name : this.context.codes[name];
    const error = new ValidationError(code, params, at.data + dataPath, at.schema + schemaPath, subErrors);
    error.message = this.report(error, data, schema);
    return error;
  }

  // Records an error if all are collected; returns it if the first is enough.
  tell(error) {
    if (!this.collects || error === null) return error;
    this.errors.push(error);
    return null;
  }

  resolve(schema, history = new Set()) {
    if (schema === undefined || schema.$ref === undefined) return schema;
    const { $ref } = schema;
    if (history.has($ref)) {
      return this.error(
        'CIRCULAR_REFERENCE',
        { urls: [...history].join(', ') },
        { data: '', schema: '' },
        '',
        '',
        undefined,
        schema,
      );
    }
    history.add($ref);
    const found = getSchema(this.context.schemas, $ref);
    if (found !== undefined) return this.resolve(found, history);
    const document = documentOf($ref);
    // Listed, and found by name, as in tv4.
    if (!this.missing.includes(document)) this.missing.push(document);
    if (document !== '') this.missing[document] = document;
    return undefined;
  }

  // `at` is { data, schema }: the paths.
  all(data, given, at) {
    const schema = this.resolve(given);
    if (!schema) return null;
    if (schema instanceof ValidationError) {
      this.errors.push(schema);
      return schema;
    }
    if (this.visited === undefined || !isObject(data)) return this.tell(this.keywords(data, schema, at));
    return this.once(data, schema, at);
  }

  // An object that is visited again with the same schema is not checked again.
  once(data, schema, at) {
    const seen = this.visited.get(data) ?? new Map();
    this.visited.set(data, seen);
    if (seen.has(schema)) {
      this.errors.push(...seen.get(schema));
      return null;
    }
    const before = this.errors.length;
    seen.set(schema, []);
    const error = this.keywords(data, schema, at);
    seen.set(schema, this.errors.slice(before));
    return this.tell(error);
  }

  keywords(data, schema, at) {
    return (
      this.type(data, schema, at) ??
      this.enum(data, schema, at) ??
      this.number(data, schema, at) ??
      this.string(data, schema, at) ??
      (Array.isArray(data) ? this.array(data, schema, at) : null) ??
      (isObject(data) && !Array.isArray(data) ? this.object(data, schema, at) : null) ??
      this.combinations(data, schema, at) ??
      this.format(data, schema, at) ??
      this.own(data, schema, at) ??
      null
    );
  }

  type(data, schema, at) {
    if (schema.type === undefined) return null;
    const type = typeOf(data);
    const allowed = [].concat(schema.type);
    if (allowed.some((one) => one === type || (one === 'integer' && type === 'number' && data % 1 === 0)))
      return null;
    return this.error('INVALID_TYPE', { type, expected: allowed.join('/') }, at, '', '/type', data, schema);
  }

  enum(data, schema, at) {
    if (schema.enum === undefined || schema.enum.some((one) => isSame(data, one))) return null;
    return this.error('ENUM_MISMATCH', { value: JSON.stringify(data) }, at, '', '/type', data, schema);
  }

  number(data, schema, at) {
    if (typeof data !== 'number') return null;
    const fault = (name, params, place) => this.error(name, { value: data, ...params }, at, '', place, data, schema);
    const multipleOf = schema.multipleOf || schema.divisibleBy;
    const rest = multipleOf === undefined ? 0 : (data / multipleOf) % 1;
    if (rest >= NEAR && rest < 1 - NEAR) return fault('NUMBER_MULTIPLE_OF', { multipleOf }, '');
    const { minimum, maximum } = schema;
    if (minimum !== undefined) {
      if (data < minimum) return fault('NUMBER_MINIMUM', { minimum }, '/minimum');
      if (schema.exclusiveMinimum && data === minimum)
        return fault('NUMBER_MINIMUM_EXCLUSIVE', { minimum }, '/exclusiveMinimum');
    }
    if (maximum !== undefined) {
      if (data > maximum) return fault('NUMBER_MAXIMUM', { maximum }, '/maximum');
      if (schema.exclusiveMaximum && data === maximum)
        return fault('NUMBER_MAXIMUM_EXCLUSIVE', { maximum }, '/exclusiveMaximum');
    }
    return Number.isFinite(data) ? null : fault('NUMBER_NOT_A_NUMBER', {}, '/type');
  }

  string(data, schema, at) {
    if (typeof data !== 'string') return null;
    const { length } = data;
    const { minLength, maxLength, pattern } = schema;
    const fault = (name, params, place) => this.error(name, params, at, '', place, data, schema);
    if (minLength !== undefined && length < minLength)
      return fault('STRING_LENGTH_SHORT', { length, minimum: minLength }, '/minLength');
    if (maxLength !== undefined && length > maxLength)
      return fault('STRING_LENGTH_LONG', { length, maximum: maxLength }, '/maxLength');
    const isPattern = typeof pattern === 'string' || pattern instanceof RegExp;
    return isPattern && !patternOf(pattern).test(data) ? fault('STRING_PATTERN', { pattern }, '/pattern') : null;
  }

  array(data, schema, at) {
    const { length } = data;
    const fault = (name, params, place) => this.tell(this.error(name, params, at, '', place, data, schema));
    const { minItems, maxItems } = schema;
    const short =
      minItems !== undefined && length < minItems
        ? fault('ARRAY_LENGTH_SHORT', { length, minimum: minItems }, '/minItems')
        : null;
    const long = () =>
      maxItems !== undefined && length > maxItems
        ? fault('ARRAY_LENGTH_LONG', { length, maximum: maxItems }, '/maxItems')
        : null;
    return short ?? long() ?? this.unique(data, schema, fault) ?? this.items(data, schema, at);
  }

  unique(data, schema, fault) {
    if (!schema.uniqueItems) return null;
    for (let match1 = 0; match1 < data.length; match1++) {
      for (let match2 = match1 + 1; match2 < data.length; match2++) {
        if (!isSame(data[match1], data[match2])) continue;
        const error = fault('ARRAY_UNIQUE', { match1, match2 }, '/uniqueItems');
        if (error) return error;
      }
    }
    return null;
  }

  items(data, schema, at) {
    if (schema.items === undefined) return null;
    for (let i = 0; i < data.length; i++) {
      const error = this.item(data, i, schema, at);
      if (error) return error;
    }
    return null;
  }

  item(data, i, schema, at) {
    const { items, additionalItems } = schema;
    const inner = (one, ...place) =>
      this.all(data[i], one, { data: below(at.data, i), schema: below(at.schema, ...place) });
    if (!Array.isArray(items)) return inner(items, 'items');
    if (i < items.length) return inner(items[i], 'items', i);
    if (additionalItems === undefined || additionalItems === true) return null;
    if (additionalItems !== false) return inner(additionalItems, 'additionalItems');
    return this.tell(this.error('ARRAY_ADDITIONAL_ITEMS', {}, at, `/${i}`, '/additionalItems', data, schema));
  }

  object(data, schema, at) {
    return (
      this.propertyCount(data, schema, at) ??
      this.required(data, schema, at) ??
      this.properties(data, schema, at) ??
      this.dependencies(data, schema, at)
    );
  }

  propertyCount(data, schema, at) {
    const propertyCount = Object.keys(data).length;
    const { minProperties, maxProperties } = schema;
    const fault = (name, params, place) =>
      this.tell(this.error(name, { propertyCount, ...params }, at, '', place, data, schema));
    const few =
      minProperties !== undefined && propertyCount < minProperties
        ? fault('OBJECT_PROPERTIES_MINIMUM', { minimum: minProperties }, '/minProperties')
        : null;
    if (few || maxProperties === undefined || propertyCount <= maxProperties) return few;
    return fault('OBJECT_PROPERTIES_MAXIMUM', { maximum: maxProperties }, '/maxProperties');
  }

  required(data, schema, at) {
    const list = schema.required ?? [];
    for (let i = 0; i < list.length; i++) {
      if (data[list[i]] !== undefined) continue;
      const error = this.tell(
        this.error('OBJECT_REQUIRED', { key: list[i] }, at, '', `/required/${i}`, data, schema),
      );
      if (error) return error;
    }
    return null;
  }

  properties(data, schema, at) {
    for (const key in data) {
      const error = this.property(data, key, schema, at);
      if (error) return error;
    }
    return null;
  }

  property(data, key, schema, at) {
    const { properties, patternProperties } = schema;
    const path = below(at.data, key);
    const inner = (one, ...place) => this.all(data[key], one, { data: path, schema: below(at.schema, ...place) });
    const matches = [];
    if (properties?.[key] !== undefined) matches.push([properties[key], 'properties', key]);
    for (const pattern in patternProperties) {
      if (new RegExp(pattern).test(key)) matches.push([patternProperties[pattern], 'patternProperties', pattern]);
    }
    for (const match of matches) {
      const error = inner(...match);
      if (error) return error;
    }
    return matches.length > 0 ? this.know(path) : this.additional(data, key, schema, at, path, inner);
  }

  additional(data, key, schema, at, path, inner) {
    const { additionalProperties } = schema;
    if (additionalProperties === undefined) {
      if (this.unknown !== undefined && !this.known.has(path)) this.unknown.add(path);
      return null;
    }
    this.know(path);
    if (additionalProperties === true) return null;
    if (additionalProperties !== false) return inner(additionalProperties, 'additionalProperties');
    return this.tell(
      this.error('OBJECT_ADDITIONAL_PROPERTIES', { key }, at, below('', key), '/additionalProperties', data, schema),
    );
  }

  know(path) {
    this.known?.add(path);
    this.unknown?.delete(path);
    return null;
  }

  dependencies(data, schema, at) {
    for (const key in schema.dependencies) {
      if (data[key] === undefined) continue;
      const needs = schema.dependencies[key];
      const error =
        typeof needs === 'string' || Array.isArray(needs)
          ? this.dependencyKeys(data, key, needs, schema, at)
          : this.all(data, needs, { data: at.data, schema: below(at.schema, 'dependencies', key) });
      if (error) return error;
    }
    return null;
  }

  dependencyKeys(data, key, needs, schema, at) {
    const names = [].concat(needs);
    for (let i = 0; i < names.length; i++) {
      if (data[names[i]] !== undefined) continue;
      const place = below('', 'dependencies', key, ...(Array.isArray(needs) ? [i] : []));
      const error = this.tell(
        this.error('OBJECT_DEPENDENCY_KEY', { key, missing: names[i] }, at, '', place, data, schema),
      );
      if (error) return error;
    }
    return null;
  }

  combinations(data, schema, at) {
    return (
      this.allOf(data, schema, at) ??
      this.anyOf(data, schema, at) ??
      this.oneOf(data, schema, at) ??
      this.not(data, schema, at)
    );
  }

  allOf(data, schema, at) {
    const list = schema.allOf ?? [];
    for (let i = 0; i < list.length; i++) {
      const error = this.all(data, list[i], { data: at.data, schema: below(at.schema, 'allOf', i) });
      if (error) return error;
    }
    return null;
  }

  // Returns whether a value satisfies a schema. Its errors are added to `found`, and the properties that it
  // knows become known.
  satisfies(data, schema, at, found) {
    const before = this.errors.length;
    const [known, unknown] = [this.known, this.unknown];
    if (known !== undefined) [this.known, this.unknown] = [new Set(), new Set()];
    const error = this.all(data, schema, at);
    const errors = this.errors.splice(before);
    const [newKnown, newUnknown] = [this.known, this.unknown];
    [this.known, this.unknown] = [known, unknown];
    if (error !== null || errors.length > 0) {
      found?.push(...(error === null || errors.includes(error) ? errors : [error, ...errors]));
      return false;
    }
    if (known !== undefined && found !== undefined) {
      newKnown.forEach((path) => this.know(path));
      newUnknown.forEach((path) => known.has(path) || unknown.add(path));
    }
    return true;
  }

  anyOf(data, schema, at) {
    if (schema.anyOf === undefined) return null;
    const found = [];
    let holds = false;
    for (let i = 0; i < schema.anyOf.length && !(holds && this.unknown === undefined); i++) {
      holds =
        this.satisfies(data, schema.anyOf[i], { data: at.data, schema: below(at.schema, 'anyOf', i) }, found) ||
        holds;
    }
    return holds ? null : this.error('ANY_OF_MISSING', {}, at, '', '/anyOf', data, schema, found);
  }

  oneOf(data, schema, at) {
    if (schema.oneOf === undefined) return null;
    const found = [];
    let index1 = null;
    for (let i = 0; i < schema.oneOf.length; i++) {
      if (!this.satisfies(data, schema.oneOf[i], { data: at.data, schema: below(at.schema, 'oneOf', i) }, found))
        continue;
      if (index1 !== null)
        return this.error('ONE_OF_MULTIPLE', { index1, index2: i }, at, '', '/oneOf', data, schema);
      index1 = i;
    }
    return index1 === null ? this.error('ONE_OF_MISSING', {}, at, '', '/oneOf', data, schema, found) : null;
  }

  not(data, schema, at) {
    if (schema.not === undefined || !this.satisfies(data, schema.not, at, undefined)) return null;
    return this.error('NOT_PASSED', {}, at, '', '/not', data, schema);
  }

  // Only formats that a script has added are checked.
  format(data, schema, at) {
    const check = typeof schema.format === 'string' ? this.context.formats.get(schema.format) : undefined;
    const answer = check?.call(null, data, schema);
    if (typeof answer === 'string' || typeof answer === 'number') {
      return this.error('FORMAT_CUSTOM', { message: answer }, at, '', '/format', data, schema);
    }
    if (!isObject(answer)) return null;
    const { message = '?', dataPath = '', schemaPath = '/format' } = answer;
    return this.error('FORMAT_CUSTOM', { message }, at, dataPath, schemaPath, data, schema);
  }

  own(data, schema, at) {
    for (const [key, checks] of this.context.keywords) {
      if (schema[key] === undefined) continue;
      for (const check of checks) {
        const error = this.ownError(check(data, schema[key], schema, at.data), key, data, schema, at);
        if (error) return error;
      }
    }
    return null;
  }

  ownError(answer, key, data, schema, at) {
    if (typeof answer === 'string' || typeof answer === 'number') {
      return this.error('KEYWORD_CUSTOM', { key, message: answer }, at, '', below('', key), data, schema);
    }
    if (!isObject(answer)) return null;
    const { code = 'KEYWORD_CUSTOM', message = '?', dataPath, schemaPath } = answer;
    if (typeof code === 'string' && this.context.codes[code] === undefined) {
      throw new Error(`Undefined error code (use defineError): ${code}`);
    }
    const params = isObject(message) ? message : { key, message };
    return this.error(code, params, at, dataPath || '', schemaPath || below('', key), data, schema);
  }

  // Reports properties that no schema mentions.
  ban(data, schema) {
    for (const path of this.unknown) {
      const error = this.tell(
        this.error('UNKNOWN_PROPERTY', { path }, { data: '', schema: '' }, path, '', data, schema),
      );
      if (error) return error;
    }
    return null;
  }
}

module.exports = Check;
