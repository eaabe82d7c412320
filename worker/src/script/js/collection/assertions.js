// Assertions on requests and responses for a chai: `response.to.have.status(200)`, `.to.be.ok`,
// `.to.have.header(...)` and so on. bodies.js has the assertions on bodies. The exported function installs
// them and adds `to` to requests and responses. Messages are the same as in chai-postman.

const Request = require('vayu:collection/request');
const Response = require('vayu:collection/response');
const { IS_RESPONSE } = Response;
const { subject } = require('vayu:chai/assertion');

// [name, reason phrase in capitals, code]
const REASONS = [
  ['accepted', 'ACCEPTED', 202], ['withoutContent', 'NO CONTENT', 204],
  ['badRequest', 'BAD REQUEST', 400], ['unauthorised', 'UNAUTHORISED', 401],
  ['unauthorized', 'UNAUTHORIZED', 401], ['forbidden', 'FORBIDDEN', 403], ['notFound', 'NOT FOUND', 404],
  // Postman compares with this phrase, which servers do not send, so a 406 never passes.
  ['notAcceptable', 'ACCEPTABLE', 406],
  ['rateLimited', 'TOO MANY REQUESTS', 429],
];

const CLASSES = [['info', 1], ['success', 2], ['redirection', 3], ['clientError', 4], ['serverError', 5]];

function assertCode(assertion, code) {
  assertion.assert(assertion._obj.code === code,
    'expected response to have status code #{exp} but got #{act}',
    'expected response to not have status code #{exp}', code, assertion._obj.code);
}

function assertReason(assertion, reason, actual) {
  assertion.assert(actual === reason,
    'expected response to have status reason #{exp} but got #{act}',
    'expected response to not have status reason #{exp}', reason, actual);
}

function assertReasonAndCode(assertion, reason, code) {
  assertReason(assertion, reason, String(assertion._obj.reason()).toUpperCase());
  assertCode(assertion, code);
}

function addKinds(chai) {
  const kind = (name, described, matches) => chai.Assertion.addProperty(name, function () {
    this.assert(matches(this._obj), `expecting a postman ${described} object but got #{this}`,
      `not expecting a postman ${described} object`);
  });
  kind('postmanRequest', 'request', (value) => value instanceof Request);
  kind('postmanResponse', 'response', (value) => value instanceof Response);
  kind('postmanRequestOrResponse', 'request or response',
    (value) => value instanceof Request || value instanceof Response);
}

// What must hold whether or not the assertion is negated.
function preconditions(chai) {
  const response = (value) => {
    if (!(value instanceof Response)) chai.expect(value).to.be.a.postmanResponse;
  };
  return {
    response,
    either(value) {
      if (!(value instanceof Request)) chai.expect(value).to.be.a.postmanRequestOrResponse;
    },
    code(value) {
      response(value);
      if (typeof value.code === 'number') return;
      if (value.code !== undefined) chai.expect(value.code).to.be.a('number');
      chai.expect(value).assert(false, "expected #{this} to have property 'code'");
    },
    present(value, name) {
      response(value);
      if (value[name] === undefined) {
        chai.expect(value).assert(false, `expected #{this} to have property '${name}'`);
      }
    },
  };
}

function addStatus({ Assertion }, must) {
  function statusCode(code) {
    must.code(this._obj);
    assertCode(this, Number(code));
  }

  function statusReason(reason) {
    must.response(this._obj);
    assertReason(this, reason, this._obj.reason());
  }

  Assertion.addMethod('statusCode', statusCode);
  Assertion.addMethod('statusReason', statusReason);
  Assertion.addMethod('status', function (expected) {
    (typeof expected === 'number' ? statusCode : statusReason).call(this, expected);
  });
}

function addClasses({ Assertion }, must) {
  function statusCodeClass(expected) {
    must.code(this._obj);
    const { code } = this._obj;
    this.assert(Math.floor(code / 100) === expected, 'expected response code to be #{exp}XX but found #{act}',
      'expected response code to not be #{exp}XX', expected, code);
  }

  Assertion.addMethod('statusCodeClass', statusCodeClass);
  for (const [name, expected] of CLASSES) {
    Assertion.addProperty(name, function () {
      statusCodeClass.call(this, expected);
    });
  }
  Assertion.addProperty('error', function () {
    must.code(this._obj);
    const { code } = this._obj;
    this.assert(code >= 400 && code < 600, 'expected response code to be 4XX or 5XX but found #{act}',
      'expected response code to not be 4XX or 5XX', undefined, code);
  });
}

function addReasons({ Assertion }, must) {
  for (const [name, reason, code] of REASONS) {
    Assertion.addProperty(name, function () {
      must.response(this._obj);
      assertReasonAndCode(this, reason, code);
    });
  }
  // For anything but a response, `ok` keeps its meaning in chai.
  Assertion.overwriteProperty('ok', (original) => function () {
    if (this._obj instanceof Response) assertReasonAndCode(this, 'OK', 200);
    else original.call(this);
  });
}

function headerOfRequest(must, subject, name) {
  must.either(subject);
  return subject.headers.one(String(name))?.value;
}

function addHeader({ Assertion }, must) {
  Assertion.addMethod('header', function (name, value) {
    const { _obj: subject } = this;
    const isResponse = Boolean(subject?.[IS_RESPONSE]);
    const found = isResponse ? subject.headerValue(name) : headerOfRequest(must, subject, name);
    const owner = isResponse ? 'response' : 'request';
    this.assert(found !== undefined, `expected ${owner} to have header with key '${name}'`,
      `expected ${owner} to not have header with key '${name}'`, true, found !== undefined);
    if (value === undefined || found === undefined) return;
    this.assert(found === value, `expected '${name}' ${owner} header to be #{exp} but got #{act}`,
      `expected '${name}' ${owner} header to not be #{exp}`, value, found);
  });
}

// `responseTime(5)` compares, `responseTime.below(5)` continues with the number.
function addMeasures({ Assertion, util }, must) {
  const subjectBecomes = (assertion, value) => util.flag(assertion, 'object', value);
  const valid = (assertion, holds, what) => assertion.assert(holds,
    `expected response to have a valid response ${what} but got #{act}`,
    `expected response to not have a valid response ${what} but got #{act}`, undefined, assertion._obj);

  Assertion.addChainableMethod('responseTime', function (expected) {
    valid(this, typeof this._obj === 'number' && !(this._obj < 0), 'time');
    if (arguments.length) valid(this, this._obj === expected, 'time');
  }, function () {
    must.present(this._obj, 'responseTime');
    subjectBecomes(this, this._obj.responseTime);
  });

  Assertion.addChainableMethod('responseSize', function (expected) {
    valid(this, typeof this._obj === 'number' && !(this._obj < 0), 'size');
    if (!arguments.length) return;
    this.assert(this._obj === expected, 'expected response size to equal #{act} but got #{exp}',
      'expected response size to not equal #{act}', expected, this._obj);
  }, function () {
    must.response(this._obj);
    subjectBecomes(this, this._obj.size().total);
  });
}

module.exports = (chai) => {
  const must = preconditions(chai);
  addKinds(chai);
  addStatus(chai, must);
  addClasses(chai, must);
  addReasons(chai, must);
  addHeader(chai, must);
  addMeasures(chai, must);
  require('vayu:collection/bodies')(chai, must);
  for (const { prototype } of [Request, Response]) {
    Object.defineProperty(prototype, 'to', { get: subject, configurable: true });
  }
};
