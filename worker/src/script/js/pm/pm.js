// The `pm` object. It is created once per context. What belongs to one event (request, response, cookies) is
// created when a script reads it.

const chai = require('vayu:chai/index');
const { Assertion, defineMethod } = require('vayu:chai/assertion');
const { Request, Response, Cookie, CookieList } = require('vayu:collection/index');
const installAssertions = require('vayu:collection/assertions');
const scopes = require('vayu:pm/scopes');
const makeSend = require('vayu:pm/send');
const { requireModule } = require('vayu:pm/modules');

installAssertions(chai);

// The response that the host has. Nothing is fetched before it is read.
class HostResponse {
  // A different number for each response.
  turn = 0;
  // Returns the last header with a name.
  headerValue = host.header;
  replaceHeaders = host.replaceHeaders;
  replace = host.replace;
  text = host.text;
  bytes = host.bytes;
  json = host.json;

  get status() {
    return host.reason();
  }

  get responseSize() {
    return host.sizes()[0];
  }

  get cutMessage() {
    return host.cutMessage();
  }

  // For a list that fetches the headers when it needs them.
  headers() {
    return this;
  }

  listed() {
    return host.headers();
  }

  size() {
    const [body, header] = host.sizes();
    return { body, header, total: body + header };
  }
}

const unsupported = (what) => () => {
  throw new Error(`${what} is not supported by this engine; see docs/scripting.md`);
};

const cookieJar = () => {
  const settle = (callback, work) => {
    let value;
    try {
      value = work();
    } catch (error) {
      if (typeof callback === 'function') return callback(error);
      throw error;
    }
    if (typeof callback === 'function') callback(null, value);
    return value;
  };
  const jar = (operation, url, argument) => JSON.parse(host.jar(operation, String(url), String(argument)));
  const list = (url) => new CookieList(jar('all', url, ''));
  return {
    get: (url, name, callback) => settle(callback, () => list(url).get(name)),
    getAll: (url, options, callback) => settle(callback ?? options, () => list(url).all()),
    set: (url, name, value, callback) => {
      const text = typeof name === 'object' ? `${name.name}=${name.value}` : `${name}=${value}`;
      return settle(typeof name === 'object' ? value : callback, () => jar('set', url, text));
    },
    unset: (url, name, callback) => settle(callback, () => jar('unset', url, name)),
    clear: (url, callback) => settle(callback, () => jar('clear', url, '')),
  };
};

// Nearly every script reads the status, a header or the text of a response, so the engine answers these
// natively.
function quicken(response) {
  const { status, header } = Assertion.prototype;
  defineMethod('status', status, 'status', response);
  defineMethod('header', header, 'header', [response, host.direct]);
  const text = host.quickText(host.direct, response, response.text);
  Object.defineProperty(text, 'name', { value: 'text' });
  Object.defineProperty(response, 'text', { value: text });
}

const makeExecution = (state) =>
  Object.freeze({
    setNextRequest: (name) => host.nextRequest(name === null ? null : String(name)),
    skipRequest() {
      if (state.event !== 'prerequest') {
        throw new Error('pm.execution.skipRequest is only available in the pre-request script');
      }
      host.skipRequest();
      throw host.skipSignal;
    },
    get location() {
      return Object.assign([host.requestName()], { current: host.requestName() });
    },
    runRequest: unsupported('pm.execution.runRequest'),
  });

const makeInfo = (state) =>
  Object.freeze({
    get eventName() {
      return state.event;
    },
    get iteration() {
      return host.iteration();
    },
    get iterationCount() {
      return host.iterationCount();
    },
    get requestName() {
      return host.requestName();
    },
    get requestId() {
      return host.requestId();
    },
  });

module.exports = (state, tests) => {
  const { sendRequest, sent, forget } = makeSend(state);

  const request = () => {
    if (state.request === undefined) {
      state.markRead();
      state.request = new Request(JSON.parse(host.request()));
    }
    return state.request;
  };
  // One response for all iterations.
  const source = new HostResponse();
  const response = new Response(source);
  quicken(response);
  Object.preventExtensions(response);
  const cookies = () => {
    if (state.cookies === undefined) {
      state.markRead();
      // Lines of Set-Cookie if there is no jar, otherwise cookies of the jar.
      const cookie = (entry) =>
        typeof entry === 'string' ? { secure: false, httpOnly: false, ...Cookie.parse(entry) } : entry;
      state.cookies = new CookieList(JSON.parse(host.cookies()).map(cookie));
      Object.defineProperty(state.cookies, 'jar', { value: cookieJar, writable: true, configurable: true });
    }
    return state.cookies;
  };

  const vault = { get: unsupported('pm.vault'), set: unsupported('pm.vault'), unset: unsupported('pm.vault') };
  const pm = {
    test: tests.test,
    expect: chai.expect,
    variables: scopes.variables(),
    environment: scopes.environment(),
    collectionVariables: scopes.scope('collectionVariables'),
    globals: scopes.scope('globals'),
    iterationData: scopes.scope('iterationData'),
    info: makeInfo(state),
    execution: makeExecution(state),
    sendRequest,
    visualizer: Object.freeze({ set() {}, clear() {} }),
    vault: Object.freeze(vault),
    datasets: unsupported('pm.datasets'),
    require: requireModule,
    get request() {
      return request();
    },
    get cookies() {
      return cookies();
    },
  };
  // Without a pre-request script there is always a response, and a plain member is read in a tenth of the
  // time of a getter.
  const ofEvent = { get: () => (state.event === 'test' ? response : undefined) };
  Object.defineProperty(pm, 'response', { ...(host.hasPre ? ofEvent : { value: response }), enumerable: true });
  tests.answerWith(Object.freeze(pm));
  return { pm, source, response, sent, forgetSends: forget };
};
