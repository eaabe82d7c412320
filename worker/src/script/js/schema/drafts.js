// The draft that a schema declares by its $schema. Each library decides which drafts it supports.

const DRAFTS = [
  [/draft-04/, '4'],
  [/draft-06/, '6'],
  [/draft-07/, '7'],
  [/2019-09/, '2019-09'],
  [/2020-12/, '2020-12'],
];

function draftOf(schema, fallback) {
  const uri = schema && typeof schema.$schema === 'string' ? schema.$schema : '';
  const known = DRAFTS.find(([pattern]) => pattern.test(uri));
  return known ? known[1] : fallback;
}

module.exports = { draftOf };
