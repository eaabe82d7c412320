// util.inspect: values printed the way node's console.log prints them (depth 2, lines of 80 columns, cycles
// as [Circular *1]). It renders the console lines of scripts.
// Not supported: colors, showHidden, sorted, getters. The state of a promise and the contents of a WeakMap
// are not visible.

const { quote, propertyKey, stringLines } = require('vayu:node/inspect_text');
const { arrange } = require('vayu:node/inspect_layout');
const { classify } = require('vayu:node/inspect_kinds');

const CUSTOM = Symbol.for('nodejs.util.inspect.custom');

const DEFAULTS = {
  showHidden: false,
  depth: 2,
  colors: false,
  customInspect: true,
  showProxy: false,
  maxArrayLength: 100,
  maxStringLength: 10000,
  breakLength: 80,
  compact: 3,
  sorted: false,
  getters: false,
  numericSeparator: false,
};

class Inspector {
  constructor(options) {
    this.options = { ...DEFAULTS, ...options };
    for (const name of ['depth', 'maxArrayLength', 'maxStringLength']) {
      if (this.options[name] === null) this.options[name] = Infinity;
    }
    this.indentation = 0;
    this.currentDepth = 0;
    this.seen = [];
    this.circular = new Map();
  }

  value(value, level) {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function'))
      return this.primitive(value);
    if (this.options.customInspect) {
      const text = this.custom(value, level);
      if (text !== undefined) return text;
    }
    if (this.seen.includes(value)) {
      if (!this.circular.has(value)) this.circular.set(value, this.circular.size + 1);
      return `[Circular *${this.circular.get(value)}]`;
    }
    return this.object(value, level);
  }

  primitive(value) {
    switch (typeof value) {
      case 'string':
        return this.string(value);
      case 'number':
        return Object.is(value, -0) ? '-0' : String(value);
      case 'bigint':
        return `${value}n`;
      default:
        return String(value);
    }
  }

  string(value) {
    const surplus = value.length - this.options.maxStringLength;
    const more = surplus > 0 ? `... ${surplus} more character${surplus > 1 ? 's' : ''}` : '';
    const text = surplus > 0 ? value.slice(0, this.options.maxStringLength) : value;
    if (text.length <= 16 || text.length <= this.options.breakLength - this.indentation - 4) {
      return quote(text) + more;
    }
    return (
      stringLines(text)
        .map(quote)
        .join(` +\n${' '.repeat(this.indentation + 2)}`) + more
    );
  }

  custom(value, level) {
    const inspector = value[CUSTOM];
    if (typeof inspector !== 'function' || inspector === inspect) return undefined;
    if (value.constructor && value.constructor.prototype === value) return undefined;
    const result = inspector.call(value, this.options.depth - level, { ...this.options }, inspect);
    if (result === value) return undefined;
    if (result === null || typeof result !== 'object') return String(result);
    return this.value(result, level).replaceAll('\n', `\n${' '.repeat(this.indentation)}`);
  }

  object(value, level) {
    const kind = classify(value, this);
    if (kind.text !== undefined) return kind.text;
    const keys = kind.keys;
    if (keys.length === 0 && kind.whenEmpty !== undefined) return kind.whenEmpty;
    if (level > this.options.depth) return `[${kind.short}]`;
    this.seen.push(value);
    this.currentDepth = level + 1;
    const entries = kind.entries ? kind.entries(this, level + 1) : [];
    for (const key of keys) entries.push(this.property(value, key, level + 1));
    this.seen.pop();
    let base = kind.base || '';
    if (this.circular.has(value)) base = `<ref *${this.circular.get(value)}>${base && ` ${base}`}`;
    return arrange(this, {
      entries,
      base,
      open: kind.open,
      close: kind.close,
      level: level + 1,
      list: kind.list,
    });
  }

  nested(value, level) {
    this.indentation += 2;
    const text = this.value(value, level);
    this.indentation -= 2;
    return text;
  }

  property(object, key, level) {
    const known = Object.getOwnPropertyDescriptor(object, key);
    const isPlain = known === undefined || host.isLater(known.get);
    const descriptor = isPlain ? { value: object[key], enumerable: true } : known;
    const name = propertyKey(key);
    return `${descriptor.enumerable ? name : `[${String(key)}]`}: ${this.propertyValue(descriptor, level)}`;
  }

  propertyValue(descriptor, level) {
    if ('value' in descriptor) return this.nested(descriptor.value, level);
    if (descriptor.get) return descriptor.set ? '[Getter/Setter]' : '[Getter]';
    return descriptor.set ? '[Setter]' : 'undefined';
  }
}

// inspect(value[, options]) or, as in old node, inspect(value, showHidden, depth)
function inspect(value, options, depth) {
  const settings = options !== null && typeof options === 'object' ? options : {};
  if (depth !== undefined) return new Inspector({ ...settings, depth }).value(value, 0);
  return new Inspector(settings).value(value, 0);
}

inspect.custom = CUSTOM;
inspect.defaultOptions = DEFAULTS;

module.exports = inspect;
