// Formats a console line: strings as they are, everything else as node prints it, separated by blanks. A
// first string may have placeholders for the others (`%s`).

module.exports = (values) => {
  const [first] = values;
  if (values.length === 1 && typeof first === 'string') return first;
  return require('vayu:node/format')(...values);
};
