// `pm.environment.values` and the same member of the other scopes: the variables of an engine scope as a list
// of variables. The list is created when it is read. Changes of the list, or of a variable in it, apply to
// the scope at once.

const { Variable, VariableList } = require('vayu:collection/variables');

// A variable whose value is in the scope.
class ScopeVariable extends Variable {
  constructor(scope, definition) {
    super(definition);
    let { value } = this;
    const { key } = this;
    Object.defineProperty(this, 'value', {
      get: () => value,
      set(given) {
        value = given;
        scope.set(key, given);
      },
      enumerable: true,
      configurable: true,
    });
  }
}

class ScopeValues extends VariableList {
  #scope;
  #isReady = false;

  constructor(scope, entries) {
    super(undefined, []);
    this.#scope = scope;
    this.populate(entries.map(([key, value]) => ({ key, value })));
    this.#isReady = true;
  }

  make(item) {
    return item instanceof ScopeVariable ? item : new ScopeVariable(this.#scope, item);
  }

  // After any change of the list, the scope has the same variables.
  #write() {
    if (!this.#isReady) return;
    const kept = new Set(this.members.map(({ key }) => key));
    const isGone = (key) => !kept.has(key);
    Object.keys(this.#scope.toObject())
      .filter(isGone)
      .forEach((key) => this.#scope.unset(key));
    for (const { key, value } of this.members) this.#scope.set(key, value);
  }

  add(item) {
    super.add(item);
    this.#write();
  }

  place(item, find) {
    super.place(item, find);
    this.#write();
  }

  remove(predicate, context) {
    super.remove(predicate, context);
    this.#write();
  }

  clear() {
    super.clear();
    this.#write();
  }

  assimilate(source, prune) {
    super.assimilate(source, prune);
    this.#write();
  }
}

const valuesOf = (scope, id) => new ScopeValues(scope, host.entries(id));

module.exports = { valuesOf };
