// A line of the console: texts as they are, everything else as node prints it, with
// blanks between; a first text may have places for the others (`%s`).

module.exports = (values) => {
  const [first] = values;
  if (values.length === 1 && typeof first === 'string') return first;
  return require('vayu:node/format')(...values);
};
