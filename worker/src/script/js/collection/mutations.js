// The record of what was set and unset in a `VariableScope` whose `enableTracking` was called: in
// chronological order, and compacted to the last change of each name.

const { PropertyBase, isObject } = require('vayu:collection/property');

const INSTRUCTIONS = ['set', 'unset'];

class PostmanMutationTracker extends PropertyBase {
  constructor(definition) {
    super(definition);
    const { autoCompact, stream, compacted } = isObject(definition) ? definition : {};
    this.autoCompact = Boolean(autoCompact);
    this.stream = Array.isArray(stream) ? stream : [];
    this.compacted = isObject(compacted) ? compacted : {};
  }

  // ('set', name, value) or ('unset', name).
  track(instruction, ...mutation) {
    if (!INSTRUCTIONS.includes(instruction) || mutation.length > 2) return;
    if (this.autoCompact) this.#keepLast(mutation);
    else this.stream.push(mutation);
  }

  #keepLast(mutation) {
    const [name] = mutation;
    this.compacted[Array.isArray(name) ? name.join('.') : name] = mutation;
  }

  compact() {
    this.stream.forEach((mutation) => this.#keepLast(mutation));
    this.stream = [];
  }

  count() {
    return this.stream.length + Object.keys(this.compacted).length;
  }

  applyOn(target) {
    if (typeof target?.applyMutation !== 'function') return;
    for (const mutation of [...Object.values(this.compacted), ...this.stream]) {
      target.applyMutation(mutation.length > 1 ? 'set' : 'unset', ...mutation);
    }
  }

  static isMutationTracker(value) {
    return value instanceof PostmanMutationTracker;
  }
}

module.exports = { MutationTracker: PostmanMutationTracker };
