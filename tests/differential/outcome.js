// What a script comes to, as a text that two engines can be compared by. This file is run by both sides: in node
// with the originals, and as the head of a script in the engine. It evaluates to one function.

(function (names) {
  const tagOf = (value) => Object.prototype.toString.call(value).slice(8, -1);
  const MOST_DEPTH = 12;

  const numberText = (value) => (Object.is(value, -0) ? '-0' : String(value));

  function primitive(value) {
    switch (typeof value) {
      case 'string':
        return JSON.stringify(value);
      case 'number':
        return numberText(value);
      case 'bigint':
        return `${value}n`;
      case 'symbol':
        return `Symbol(${value.description === undefined ? '' : value.description})`;
      case 'function':
        return 'function';
      default:
        return String(value);
    }
  }

  function members(value, seen, keys) {
    return keys.map((key) => `${JSON.stringify(key)}:${show(value[key], seen)}`);
  }

  const symbols = (value, seen) =>
    Object.getOwnPropertySymbols(value)
      .filter((key) => Object.prototype.propertyIsEnumerable.call(value, key))
      .map((key) => `[${String(key)}]:${show(value[key], seen)}`);

  function list(value, seen) {
    const items = [];
    for (let i = 0; i < value.length; i++) items.push(i in value ? show(value[i], seen) : '<hole>');
    const named = Object.keys(value).filter((key) => !/^\d+$/.test(key));
    return `[${[...items, ...members(value, seen, named)].join(',')}]`;
  }

  function boxed(value, seen) {
    const tag = tagOf(value);
    switch (tag) {
      case 'Date':
        return `Date(${Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString()})`;
      case 'RegExp':
        return String(value);
      case 'Error':
        return `${value.name}: ${value.message}`;
      case 'Map':
        return `Map{${[...value].map(([key, item]) => `${show(key, seen)}=>${show(item, seen)}`).join(',')}}`;
      case 'Set':
        return `Set{${[...value].map((item) => show(item, seen)).join(',')}}`;
      case 'String':
      case 'Number':
      case 'Boolean':
        return `${tag}(${show(value.valueOf(), seen)})`;
      case 'Promise':
      case 'WeakMap':
      case 'WeakSet':
        return tag;
      default:
    }
    if (ArrayBuffer.isView(value)) return `${tag}(${Array.from(value, numberText).join(',')})`;
    const text = [...members(value, seen, Object.keys(value)), ...symbols(value, seen)].join(',');
    return `${tag === 'Object' ? '' : tag}{${text}}`;
  }

  function show(value, seen) {
    if (value === null || typeof value !== 'object') return primitive(value);
    const at = seen.indexOf(value);
    if (at >= 0) return `<above ${seen.length - at}>`;
    if (seen.length > MOST_DEPTH) return '<deep>';
    const within = [...seen, value];
    return Array.isArray(value) ? list(value, within) : boxed(value, within);
  }

  // Names of libraries that a script may use without asking for them.
  const globals = Object.keys(names).filter((name) => name !== 'require');

  function outcomeOf(script) {
    const used = globals.filter(
      (name) => new RegExp(`(^|[^\\w$.])${name}[.(]`).test(script) && !script.includes(`const ${name} `),
    );
    try {
      const run = new Function('require', ...used, script);
      const value = run(names.require, ...used.map((name) => names[name]()));
      return `gives ${show(value, [])}`;
    } catch (error) {
      return `throws ${error instanceof Error || (error && error.message) ? `${error.name}: ${error.message}` : show(error, [])}`;
    }
  }

  return outcomeOf;
});
