// The position of an ajv check: the value, its container and its name there. Paths are created only when an
// error is reported.

const IDENTIFIER = /^[a-z$_][a-z$_0-9]*$/i;

const quoted = (name) =>
  name
    .replace(/'|\\/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/\f/g, '\\f')
    .replace(/\t/g, '\\t');

// Returns the name of a property as part of a path.
const nameText = (name) => (IDENTIFIER.test(name) ? `.${name}` : `['${quoted(name)}']`);
const pointerPart = (name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

const PROPERTY = 0;
// A property that the schema does not name: always written in brackets.
const KEY = 1;
const ITEM = 2;

class At {
  constructor(data, parent, step, kind) {
    this.data = data;
    this.parent = parent;
    this.step = step;
    this.kind = kind;
  }

  static root(data, path = '') {
    const at = new At(data, undefined, undefined, undefined);
    at.start = path;
    return at;
  }

  property(name) {
    return new At(this.data[name], this, name, PROPERTY);
  }

  key(name) {
    return new At(this.data[name], this, name, KEY);
  }

  item(index) {
    return new At(this.data[index], this, index, ITEM);
  }

  // A property's name as the value to check, at the position of the object.
  name(name) {
    const at = new At(name, undefined, undefined, undefined);
    at.here = this;
    return at;
  }

  path(isPointer) {
    if (this.here !== undefined) return this.here.path(isPointer);
    if (this.parent === undefined) return this.start;
    const above = this.parent.path(isPointer);
    if (isPointer) return above + pointerPart(this.step);
    if (this.kind === ITEM) return `${above}[${this.step}]`;
    return above + (this.kind === KEY ? `['${this.step}']` : nameText(this.step));
  }

  // Replaces the value, in its container as well.
  replace(data) {
    this.data = data;
    if (this.parent !== undefined) this.parent.data[this.step] = data;
    else if (this.owner !== undefined) this.owner.data[this.owner.name] = data;
  }

  get root() {
    return this.parent === undefined ? this : this.parent.root;
  }

  // Returns the value that a JSON pointer ('/a/b') or a relative one ('1/a', '0#') of the option $data refers
  // to.
  relative(pointer) {
    if (pointer === '') return this.root.data;
    const [, up, rest] = /^(\d*)(.*)$/s.exec(pointer);
    let from = up === '' ? this.root : this;
    for (let i = 0; i < Number(up); i++) {
      if (from.parent === undefined) throw new Error(`Cannot access property/index ${up} levels up`);
      from = from.parent;
    }
    if (rest === '#') return from.step;
    return rest
      .split('/')
      .slice(1)
      .reduce((value, part) => {
        const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
        return value === null || value === undefined ? undefined : value[name];
      }, from.data);
  }
}

module.exports = { At, nameText };
