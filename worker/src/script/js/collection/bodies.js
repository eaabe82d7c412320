// Assertions on the body of a response: `body`, `withBody`, `json`, `jsonBody` and `jsonSchema`; installed by
// assertions.js. The schema validator is loaded when a script first uses it.

const { isObject } = require('vayu:collection/property');
const Request = require('vayu:collection/request');
const Response = require('vayu:collection/response');
const { parse } = require('vayu:collection/json');

const tagOf = (value) => Object.prototype.toString.call(value);

function jsonOf(response) {
  try {
    return response.json();
  } catch {
    return undefined;
  }
}

// 'a.b[0]["c d"]' as steps.
function steps(path) {
  const found = [];
  const pattern = /\[(?:(["'])((?:\\.|(?!\1).)*)\1|([^\]]*))\]|[^.[\]]+|\.(?=\.|$)|^(?=\.)/g;
  for (const [text, quote, quoted, index] of path.matchAll(pattern)) {
    if (quote) found.push(quoted.replace(/\\(.)/g, '$1'));
    else found.push(index ?? (text === '.' ? '' : text));
  }
  return found;
}

// Returns [value] if the path leads to an own property, otherwise undefined.
function lookUp(root, path) {
  if (isObject(root) && Object.hasOwn(root, path)) return [root[path]];
  let current = root;
  const way = steps(path);
  for (const step of way) {
    if (!isObject(current) || !Object.hasOwn(current, step)) return undefined;
    current = current[step];
  }
  return way.length ? [current] : undefined;
}

function assertContent(assertion) {
  assertion.assert(Boolean(assertion._obj.text()), 'expected response to have content in body',
    'expected response to not have content in body');
}

function assertJson(assertion) {
  let fault;
  try {
    assertion._obj.json();
  } catch (error) {
    fault = error.message.split('\n', 1)[0];
  }
  assertion.assert(fault === undefined,
    () => `expected response body to be a valid json but got error ${fault}`,
    'expected response body not to be a valid json');
}

function assertPattern(assertion, pattern) {
  const text = assertion._obj.text();
  assertion.assert(typeof text === 'string' && text.search(pattern) >= 0,
    'expected response body text to match #{exp} but got #{act}',
    'expected response body text #{act} to not match #{exp}', pattern, text);
}

function assertText(assertion, expected) {
  const text = assertion._obj.text();
  assertion.assert(text === expected, 'expected response body to equal #{exp} but got #{act}',
    'expected response body to not equal #{exp}', expected, text);
}

function addBody({ Assertion, util }, must) {
  const assertObject = (assertion, expected) => {
    const json = jsonOf(assertion._obj);
    assertion.assert(util.eql(json, expected), 'expected response body json to equal #{exp} but got #{act}',
      'expected response body json to not equal #{exp} but got #{act}', expected, json);
  };

  Assertion.addProperty('withBody', function () {
    must.response(this._obj);
    assertContent(this);
  });
  Assertion.addProperty('json', function () {
    must.response(this._obj);
    assertJson(this);
  });
  Assertion.addMethod('body', function (content) {
    must.response(this._obj);
    if (!arguments.length) assertContent(this);
    else if (tagOf(content) === '[object RegExp]') assertPattern(this, content);
    else if (tagOf(content) === '[object Object]') assertObject(this, content);
    else assertText(this, content);
  });
}

function addJsonBody({ Assertion, util }, must) {
  Assertion.addMethod('jsonBody', function (path, value) {
    must.response(this._obj);
    if (!arguments.length) {
      assertJson(this);
      return;
    }
    // Postman makes no assertion for a value that is not a path.
    if (typeof path !== 'string') return;
    const json = jsonOf(this._obj);
    const found = lookUp(json, path);
    const shown = json === undefined ? 'undefined' : '#{act}';
    this.assert(found !== undefined, `expected ${shown} in response to contain property #{exp}`,
      `expected ${shown} in response to not contain property #{exp}`, path, json);
    if (arguments.length < 2 || found === undefined) return;
    this.assert(util.eql(found[0], value),
      `expected response body json at "${path}" to contain #{exp} but got #{act}`,
      `expected response body json at "${path}" to not contain #{exp}`, value, found[0]);
  });
}

function dataOf(subject) {
  if (subject instanceof Response) return subject.json();
  return subject instanceof Request ? parse(String(subject.body ?? '')) : subject;
}

function addSchema(chai) {
  chai.Assertion.addMethod('jsonSchema', function (schema, options) {
    if (tagOf(schema) !== '[object Object]') chai.expect(schema).to.be.an('object');
    const Ajv = require('vayu:schema/ajv');
    const ajv = new Ajv({ allErrors: true, logger: false, ...options });
    const data = dataOf(this._obj);
    const valid = ajv.validate(schema, data);
    const faults = () => ajv.errors.map(({ dataPath, message }) => `data${dataPath} ${message}`).join(', ');
    this.assert(valid, () => `expected data to satisfy schema but found following errors: \n${faults()}`,
      'expected data to not satisfy schema', true, valid);
  });
}

module.exports = (chai, must) => {
  addBody(chai, must);
  addJsonBody(chai, must);
  addSchema(chai);
};
