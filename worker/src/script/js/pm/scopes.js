// The variable scopes of `pm`. The values are in the host, which knows what they were before the script and
// writes back what changed. This file has only what scripts call.

const SCOPES = { local: 0, iterationData: 1, environment: 2, collectionVariables: 3, globals: 4 };

const toObject = (entries) => {
  const object = {};
  for (const [key, value] of entries) object[key] = value;
  return object;
};

// Replaces the variables of one scope, or of all.
const replaceIn = (text, scope) => {
  if (typeof text === 'string') return host.replaceIn(text, scope);
  if (text === null || typeof text !== 'object') return text;
  return JSON.parse(host.replaceIn(JSON.stringify(text), scope));
};

class Scope {
  #id;

  constructor(id) {
    this.#id = id;
  }

  get(key) {
    return host.get(this.#id, String(key));
  }

  set(key, value) {
    if (key === undefined || key === null) return;
    host.set(this.#id, String(key), value);
  }

  has(key) {
    return host.has(this.#id, String(key));
  }

  unset(key) {
    host.unset(this.#id, String(key));
  }

  clear() {
    host.clear(this.#id);
  }

  toObject() {
    return toObject(host.entries(this.#id));
  }

  toJSON() {
    const values = host.entries(this.#id).map(([key, value]) => ({ key, value, type: 'any' }));
    return { values };
  }

  // The variables as a list of `postman-collection`. Changes of the list are changes of the scope.
  get values() {
    return require('vayu:collection/scope_values').valuesOf(this, this.#id);
  }

  replaceIn(text) {
    return replaceIn(text, this.#id);
  }
}

// The class of `pm.variables`: all scopes, the nearest first, and one of its own.
class Variables {
  get(key) {
    return host.lookup(String(key));
  }

  has(key) {
    return host.lookup(String(key)) !== undefined;
  }

  set(key, value) {
    if (key === undefined || key === null) return;
    host.set(SCOPES.local, String(key), value);
  }

  unset(key) {
    host.unset(SCOPES.local, String(key));
  }

  clear() {
    host.clear(SCOPES.local);
  }

  toObject() {
    const nearestLast = [4, 3, 2, 1, 0];
    return Object.assign({}, ...nearestLast.map((scope) => toObject(host.entries(scope))));
  }

  toJSON() {
    const entries = Object.entries(this.toObject());
    return { values: entries.map(([key, value]) => ({ key, value, type: 'any' })) };
  }

  get values() {
    return require('vayu:collection/scope_values').valuesOf(this, SCOPES.local);
  }

  replaceIn(text) {
    return replaceIn(text);
  }
}

class Environment extends Scope {
  constructor() {
    super(SCOPES.environment);
  }

  get name() {
    return host.environmentName();
  }
}

module.exports = {
  variables: () => new Variables(),
  environment: () => new Environment(),
  scope: (name) => new Scope(SCOPES[name]),
};
