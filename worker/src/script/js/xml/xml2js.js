// require('xml2js'): parseString, parseStringPromise, Parser, Builder, processors and defaults, as in xml2js
// 0.6. The host parses the text (host.xml); this file converts the tree to objects. Callbacks run
// synchronously, also with the option async. `strict: false` is treated as strict.
// Not supported: xmlns, validator, preserveChildrenOrder, charsAsChildren, includeWhiteChars, chunkSize.

const EventEmitter = require('vayu:node/events');
const { treeToObject } = require('vayu:xml/tree');
const Builder = require('vayu:xml/builder');
const processors = require('vayu:xml/processors');
const defaults = require('vayu:xml/defaults');

const UNSUPPORTED = ['xmlns', 'validator', 'preserveChildrenOrder', 'charsAsChildren', 'includeWhiteChars'];

class ValidationError extends Error {}

class Parser extends EventEmitter {
  constructor(options = {}) {
    super();
    this.options = { ...defaults['0.2'], ...options };
    for (const name of UNSUPPORTED) {
      if (this.options[name])
        throw new Error(`xml2js: ${name} is not supported by this engine; see docs/scripting.md`);
    }
  }

  reset() {
    this.removeAllListeners();
  }

  // The parse error, if any, is passed to the callback; what the callback throws reaches the caller.
  parseString(text, callback) {
    let outcome;
    try {
      outcome = { result: this.#parse(String(text)) };
    } catch (error) {
      outcome = { error };
    }
    this.emitOutcome(outcome, callback);
  }

  emitOutcome({ error, result }, callback) {
    if (error) {
      if (callback) callback(error);
      if (!callback || this.listenerCount('error') > 0) this.emit('error', error);
      return;
    }
    this.emit('end', result);
    if (callback) callback(null, result);
  }

  #parse(text) {
    if (text.trim() === '') return null;
    return treeToObject(JSON.parse(host.xml(text.replace(/^\ufeff/, ''))), this.options);
  }

  parseStringPromise(text) {
    return new Promise((resolve, reject) => {
      this.parseString(text, (error, result) => (error ? reject(error) : resolve(result)));
    });
  }
}

function parseString(text, options, callback) {
  const [settings, done] = typeof options === 'function' ? [{}, options] : [options, callback];
  return new Parser(settings || {}).parseString(text, done);
}

module.exports = {
  parseString,
  parseStringPromise: (text, options) => new Parser(options || {}).parseStringPromise(text),
  Parser,
  Builder,
  processors,
  defaults,
  ValidationError,
};
