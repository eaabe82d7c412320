// How a request authenticates, as `pm.request.auth`: the type, and the parameters of each type as a list of
// variables. What types there are and what their parameters mean is the engine's to judge when it sends.

const { Property, isObject, plain } = require('vayu:collection/property');
const { VariableList } = require('vayu:collection/params');

const NONE = 'noauth';
const NOT_PARAMETERS = ['type', 'id', 'name', 'description', 'disabled'];

const listed = (options) => {
  const given = plain(options);
  if (Array.isArray(given)) return given;
  return isObject(given) ? Object.entries(given).map(([key, value]) => ({ key, value })) : [];
};

class PostmanRequestAuth extends Property {
  // { type, [type]: parameters }, or { type } with the parameters beside it.
  constructor(definition) {
    super(definition);
    const given = isObject(definition) ? definition : {};
    this.type = given.type ?? NONE;
    const { type } = this;
    const flat = Object.entries(given).filter(([key, value]) => !NOT_PARAMETERS.includes(key) && !isObject(value));
    this.update(Object.fromEntries(flat), type);
    this.update(given[type], type);
  }

  static isAuth(value) {
    return value instanceof PostmanRequestAuth;
  }

  // Changes parameters of a type; those not named stay.
  update(options, type = this.type) {
    if (typeof type !== 'string' || NOT_PARAMETERS.includes(type)) return;
    this[type] ??= new VariableList(this);
    for (const parameter of listed(options)) this[type].upsert(parameter);
  }

  use(type, options) {
    if (!type) return;
    this.type = type;
    this.update(options, type);
  }

  current() {
    return this[this.type] ?? new VariableList(this);
  }

  parameters() {
    return this.current();
  }

  clear(type) {
    this[type]?.clear();
  }

  isEmpty() {
    return this.type === NONE || this.current().count() === 0;
  }

  toJSON() {
    const parameters = this.current().map(({ key, value }) => ({ key, value: plain(value), type: 'any' }));
    return { type: this.type, [this.type]: parameters };
  }
}

module.exports = { RequestAuth: PostmanRequestAuth, NONE };
