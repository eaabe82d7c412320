// The global names of a script in addition to `pm`: the console, timers, libraries with a global name, and
// the legacy names that scripts used before there was `pm`. Values of an event are created when a script
// reads them. A script that assigns to such a name has its own value until the end of the event.

const { load, requireModule } = require('vayu:pm/modules');
const { untilEnd } = require('vayu:settings');
const format = require('vayu:pm/format');
const guardArrays = require('vayu:pm/guards');
const defineLocaleMethods = require('vayu:pm/locale_methods');

// Length of JSON in characters from which large members are parsed lazily.
const LONG = 512;

const LEVELS = ['log', 'info', 'warn', 'error', 'debug'];

const makeConsole = () => {
  const console = {};
  for (const level of LEVELS) {
    console[level] = (...values) => {
      if (host.keepsLogs()) host.log(level, format(values).toWellFormed());
    };
  }
  console.clear = () => host.clearLogs();
  console.trace = console.log;
  return Object.freeze(console);
};

// What the legacy setters store: strings, except for falsy values other than `false`, which have no text in
// Postman.
const legacyText = (value) => {
  const isKept = !value && value !== false;
  return isKept || typeof value.toString !== 'function' ? value : value.toString();
};

const makePostman = (state, pm) => {
  // Changes also apply to the legacy object of the same name, if a script has already read it.
  const scoped = (scope, name) => {
    const shown = () => state.legacy?.get(name) ?? {};
    return {
      get: (key) => scope.get(key),
      set(key, value) {
        const kept = legacyText(value);
        shown()[key] = kept;
        scope.set(key, kept);
      },
      clear(key) {
        delete shown()[key];
        scope.unset(key);
      },
      clearAll() {
        const object = shown();
        for (const key of Object.keys(object)) delete object[key];
        scope.clear();
      },
    };
  };
  const environment = scoped(pm.environment, 'environment');
  const globals = scoped(pm.globals, 'globals');
  return Object.freeze({
    getEnvironmentVariable: environment.get,
    setEnvironmentVariable: environment.set,
    clearEnvironmentVariable: environment.clear,
    clearEnvironmentVariables: environment.clearAll,
    getGlobalVariable: globals.get,
    setGlobalVariable: globals.set,
    clearGlobalVariable: globals.clear,
    clearGlobalVariables: globals.clearAll,
    setNextRequest: pm.execution.setNextRequest,
    getResponseHeader: (name) => host.header(name),
    getResponseCookie: (name) => pm.cookies.one(name),
    __execution: Object.freeze({}),
  });
};

// The values of an event under their legacy names.
const makeLegacy = (state, pm) => {
  const afterwards = (value) => (state.event === 'test' ? value() : undefined);
  const requestData = (request) => {
    const body = request.body;
    if (body === undefined) return {};
    return body.mode === 'raw' ? body.raw ?? '' : body.urlencoded?.toObject?.() ?? {};
  };
  return {
    tests: () => ({}),
    environment: () => pm.environment.toObject(),
    globals: () => pm.globals.toObject(),
    data: () => pm.iterationData.toObject(),
    iteration: () => host.iteration(),
    request: () => {
      const request = pm.request;
      return {
        id: pm.info.requestId,
        name: pm.info.requestName,
        method: request.method,
        url: String(request.url),
        headers: request.headers.toObject(true),
        data: requestData(request),
      };
    },
    responseBody: () => afterwards(() => pm.response.text()),
    responseTime: () => afterwards(() => pm.response.responseTime),
    responseHeaders: () => afterwards(() => Object.fromEntries(host.headers())),
    responseCookies: () => afterwards(() => pm.cookies.all()),
    responseCode: () => afterwards(() => {
      const { name, detail } = pm.response.details();
      return { code: pm.response.code, name, detail };
    }),
  };
};

const LIBRARY_NAMES = {
  _: 'lodash/legacy',
  CryptoJS: 'crypto_js/index',
  tv4: 'schema/tv4',
  xml2Json: 'xml/xml2json',
  atob: 'node/atob',
  btoa: 'node/btoa',
  cheerio: 'cheerio/index',
  crypto: 'web/crypto',
  Blob: 'web/blob',
  Intl: 'intl/index',
};
const LIBRARY_MEMBERS = {
  Buffer: 'node/buffer',
  URL: 'node/url',
  URLSearchParams: 'node/url',
  TextEncoder: 'node/text_coding',
  TextDecoder: 'node/text_coding',
  AbortController: 'web/abort',
  AbortSignal: 'web/abort',
  Event: 'web/events',
  EventTarget: 'web/events',
};

const fixed = (global, name, value) => {
  Object.defineProperty(global, name, { value, writable: false, enumerable: false, configurable: true });
};

// Defines a global name whose value is computed when it is read.
const lazy = (global, name, read, write) => {
  Object.defineProperty(global, name, { get: read, set: write, enumerable: false, configurable: true });
};

const defineLibraries = (global) => {
  const own = new Map();
  const define = (name, read) => lazy(global, name, () => (own.has(name) ? own.get(name) : read()),
    (value) => {
      untilEnd(own, () => own.clear());
      own.set(name, value);
    });
  for (const [name, module] of Object.entries(LIBRARY_NAMES)) define(name, () => load(module));
  for (const [name, module] of Object.entries(LIBRARY_MEMBERS)) define(name, () => load(module)[name]);
  define('structuredClone', () => require('vayu:node/structured_clone'));
  define('Backbone', () => {
    throw new Error('Backbone is not supported by this engine; see docs/scripting.md');
  });
};

const defineLegacy = (global, state, pm) => {
  const make = makeLegacy(state, pm);
  const values = () => {
    if (state.legacy === undefined) {
      state.markRead();
      state.legacy = new Map();
    }
    return state.legacy;
  };
  for (const name of Object.keys(make)) {
    lazy(global, name, () => {
      const kept = values();
      if (!kept.has(name)) kept.set(name, make[name]());
      return kept.get(name);
    }, (value) => values().set(name, value));
  }
  return {
    // The results in `tests`, in the order they were written.
    record(tests) {
      const results = state.legacy.get('tests');
      if (results === undefined || results === null) return;
      for (const [name, value] of Object.entries(results)) {
        if (value) tests.passed(name);
        else tests.failed(name, { message: `expected ${value} to be truthy` });
      }
    },
  };
};

// JSON.parse as in Postman: it reports where a text is wrong, and skips a BOM.
const defineJson = (global) => {
  const parse = global.JSON.parse;
  const explain = require('vayu:collection/json').parse;
  const parseOrExplain = (text, reviver) => {
    if (typeof text === 'string' && text.length >= LONG && reviver === undefined) {
      const value = host.parse(text);
      if (value !== undefined) return value;
    }
    try {
      return parse(text, reviver);
    } catch (error) {
      if (typeof text !== 'string' || !(error instanceof SyntaxError)) throw error;
      return explain(text, reviver);
    }
  };
  Object.defineProperty(global.JSON, 'parse', { value: parseOrExplain, writable: true, configurable: true });
};

// Numbers of the iteration, the virtual user and the shard, and the id of the load run. A single request has
// the first numbers and no run id.
const defineFacts = (global) => {
  for (const [name, first] of [['__ITER', 0], ['__VU', 1], ['__SHARD', 0], ['__RUN', '']]) {
    lazy(global, name, () => host.lookup(name) ?? first, undefined);
  }
};

const defineStringHas = (global) => {
  const has = function (part) {
    return part instanceof RegExp ? part.test(String(this)) : String(this).includes(part);
  };
  Object.defineProperty(global.String.prototype, 'has', { value: has, writable: true, configurable: true });
};

module.exports = (global, state, pm, timers) => {
  fixed(global, 'pm', pm);
  fixed(global, 'console', makeConsole());
  fixed(global, 'postman', makePostman(state, pm));
  fixed(global, 'require', requireModule);
  for (const [name, call] of Object.entries(timers.globals())) fixed(global, name, call);
  guardArrays(global);
  defineLocaleMethods();
  defineStringHas(global);
  defineJson(global);
  defineFacts(global);
  defineLibraries(global);
  return defineLegacy(global, state, pm);
};
