// The authentication of a request, as `pm.request.auth`: the type, and the parameters of each type as a list
// of variables. The engine decides which types exist and what their parameters mean when it sends.

const { Property, isObject, plain } = require('vayu:collection/property');
const { VariableList } = require('vayu:collection/variables');

const NONE = 'noauth';
const NOT_PARAMETERS = ['type', 'id', 'name', 'description', 'disabled'];

const isListed = (options) => Array.isArray(options) || VariableList.isVariableList(options);

class PostmanRequestAuth extends Property {
  // { type, [type]: parameters }, or { type } with the parameters next to it.
  constructor(definition, parent) {
    super(definition);
    if (parent !== undefined) this.setParent(parent);
    const given = isObject(definition) ? definition : {};
    if (given.type !== undefined) this.use(given.type);
    for (const [type, options] of Object.entries(given)) {
      if (!NOT_PARAMETERS.includes(type)) this.update(options, type);
    }
    const beside = Object.entries(given).filter(([key, value]) => !NOT_PARAMETERS.includes(key) && !isObject(value));
    if (beside.length) this.update(Object.fromEntries(beside));
  }

  static isAuth(value) {
    return value instanceof PostmanRequestAuth;
  }

  static isValidType(type) {
    return typeof type === 'string' && type !== 'type';
  }

  #put(type, options) {
    if (!VariableList.isVariableList(this[type])) this[type] = new VariableList(this);
    if (isListed(options)) this[type].assimilate(options);
    else this[type].syncFromObject(options, false, false);
  }

  // Changes parameters of a type. Parameters that are not named stay.
  update(options, type = this.type) {
    if (isObject(options) && PostmanRequestAuth.isValidType(type)) this.#put(type, options);
  }

  use(type, options) {
    if (!PostmanRequestAuth.isValidType(type)) return;
    this.type = type;
    this.#put(type, options);
  }

  current() {
    return this.parameters();
  }

  parameters() {
    return this[this.type];
  }

  clear(type) {
    if (!PostmanRequestAuth.isValidType(type) || !VariableList.isVariableList(this[type])) return;
    this[type].clear();
    if (type !== this.type) delete this[type];
  }

  isEmpty() {
    return this.type === undefined || this.type === NONE || this.parameters().count() === 0;
  }

  // Returns only the type in use, for the engine.
  forWire() {
    const type = this.type ?? NONE;
    const parameters = (this[type] ?? []).map(({ key, value }) => ({ key, value: plain(value), type: 'any' }));
    return { type, [type]: parameters };
  }
}

module.exports = { RequestAuth: PostmanRequestAuth, NONE };
