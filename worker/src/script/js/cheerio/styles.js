// The css() method of a selection: the properties in the `style` attribute.

const { isTag, getAttribute, setAttribute } = require('vayu:cheerio/dom');

function stylesOf(node) {
  const styles = {};
  for (const declaration of (getAttribute(node, 'style') ?? '').split(';')) {
    const at = declaration.indexOf(':');
    if (at > 0 && at < declaration.length - 1)
      styles[declaration.slice(0, at).trim()] = declaration.slice(at + 1).trim();
  }
  return styles;
}

function write(node, name, value) {
  const styles = stylesOf(node);
  if (value === '') delete styles[name];
  else if (value !== undefined && value !== null) styles[name] = value;
  setAttribute(
    node.attribs,
    'style',
    Object.entries(styles)
      .map(([key, text]) => `${key}: ${text};`)
      .join(' '),
  );
}

const isPlain = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

module.exports = {
  // (): all properties of the first element; (name) or ([names]): one or some; (name, value) and ({ name:
  // value }) set them.
  css(name, value) {
    if (arguments.length < 2 && !isPlain(name)) {
      if (!this[0] || !isTag(this[0])) return undefined;
      const styles = stylesOf(this[0]);
      if (typeof name === 'string') return styles[name];
      return Array.isArray(name)
        ? Object.fromEntries(name.filter((one) => one in styles).map((one) => [one, styles[one]]))
        : styles;
    }
    const pairs = isPlain(name) ? Object.entries(name) : [[name, value]];
    this.get()
      .filter(isTag)
      .forEach((node, i) => {
        for (const [key, wanted] of pairs) {
          write(node, key, typeof wanted === 'function' ? wanted.call(node, i, stylesOf(node)[key]) : wanted);
        }
      });
    return this;
  },
};
