// What the host answers when it validates: a list of { keyword, instancePath, schemaPath, message, params }.
// This file brings the list into the order of the libraries, which look at keywords in a fixed order, and
// finds the values that errors speak of.

const COMBINING = /\/(?:anyOf|oneOf|not|if|contains)\/(?=.)/;

function decodePointer(pointer) {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => decodePart(part));
}

function decodePart(part) {
  const plain = part.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

function valueAt(root, parts) {
  return parts.reduce(
    (value, part) => (value === null || value === undefined ? undefined : value[part]),
    root,
  );
}

const LISTS = ['properties', 'patternProperties', 'allOf', 'anyOf', 'oneOf', 'dependencies'];
const ENTERING = ['properties', 'patternProperties', 'items', 'additionalProperties', 'additionalItems'];
const keysOf = (value) => (value !== null && typeof value === 'object' ? Object.keys(value) : []);

// Numbers that put an error in its place: for each keyword on its path the rank, the position in the schema
// and the position in the data. With dataFirst properties are looked at in the order of the data.
function sortKey(error, schema, data, { ranks, dataFirst, placeOf }) {
  const path = decodePointer(placeOf(error, schema));
  const instance = decodePointer(error.instancePath);
  const key = [];
  let [node, value] = [schema, data];
  for (let index = 0; index < path.length; index++) {
    const keyword = path[index];
    const rank = ranks.indexOf(keyword);
    key.push(rank < 0 ? ranks.length : rank);
    node = valueAt(node, [keyword]);
    if (index + 1 < path.length && (LISTS.includes(keyword) || Array.isArray(node))) {
      const position = keysOf(node).indexOf(path[++index]);
      if (!dataFirst || !ENTERING.includes(keyword)) key.push(position);
      node = valueAt(node, [path[index]]);
    }
    if (ENTERING.includes(keyword) && instance.length > 0 && index + 1 < path.length) {
      const part = instance.shift();
      key.push(keysOf(value).indexOf(part));
      value = valueAt(value, [part]);
    }
  }
  if (error.keyword === 'additionalProperties')
    key.push(keysOf(value).indexOf(error.params.additionalProperty));
  return key;
}

// Errors inside anyOf come before that of anyOf itself.
function compareKeys(left, right) {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    if (left[index] !== right[index]) return left[index] - right[index];
  }
  return right.length - left.length;
}

function inOrder(errors, schema, data, order) {
  return errors
    .map((error) => [sortKey(error, schema, data, order), error])
    .sort(([left], [right]) => compareKeys(left, right))
    .map(([, error]) => error);
}

// `target` is { text, draft, wrapped, schema }, `order` says how a library looks at a schema.
function errorsOf(target, data, order) {
  const dataText = JSON.stringify(data);
  const list = JSON.parse(host.schema(target.text, dataText === undefined ? 'null' : dataText, target.draft));
  const errors = list.map((error) => {
    const path = error.schemaPath.replace(/^(?!#)/, '#');
    return { params: {}, ...error, schemaPath: target.wrapped ? path.replace(/^#\/allOf\/0/, '#') : path };
  });
  return errors.length > 1 ? inOrder(errors, target.schema, data, order) : errors;
}

const isInsideCombination = (error) => COMBINING.test(error.schemaPath);

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

module.exports = { errorsOf, isInsideCombination, decodePointer, valueAt, draftOf };
