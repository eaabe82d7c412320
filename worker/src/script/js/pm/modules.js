// `require`: the libraries that a script may load by name, and the error messages for those it may not. A
// library is loaded when it is first required.

const LIBRARIES = {
  ajv: 'schema/ajv',
  assert: 'node/assert',
  atob: 'node/atob',
  btoa: 'node/btoa',
  buffer: 'node/buffer',
  chai: 'chai/index',
  cheerio: 'cheerio/index',
  'crypto-js': 'crypto_js/index',
  'csv-parse/lib/sync': 'csv',
  events: 'node/events',
  lodash: 'lodash/index',
  moment: 'moment/index',
  path: 'node/path',
  'postman-collection': 'collection/index',
  punycode: 'node/punycode',
  querystring: 'node/querystring',
  string_decoder: 'node/string_decoder',
  tv4: 'schema/tv4',
  url: 'node/url',
  util: 'node/util',
  uuid: 'uuid',
  xml2js: 'xml/xml2js',
};

// Returns a library, or its instance that belongs to the iteration.
const load = (path) => {
  const library = require(`vayu:${path}`);
  return library.ofIteration === undefined ? library : library.ofIteration();
};

const requireModule = (name) => {
  const library = typeof name === 'string' ? LIBRARIES[name.replace(/^node:/, '')] : undefined;
  if (library !== undefined) return load(library);
  if (name === 'timers') return { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate };
  const known = Object.keys(LIBRARIES).join(', ');
  throw new Error(`Cannot find module '${name}': scripts can require ${known}`);
};

module.exports = { load, requireModule };
