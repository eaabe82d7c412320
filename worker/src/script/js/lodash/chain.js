// Chaining for lodash: _(value) and _.chain(value). Calls are recorded and run when the value is read, as in
// the original; calls with a single result run immediately unless the chain is explicit. The wrapper gets one
// method per library function when the first wrapper is created.

const { isArray, isFunction } = require('vayu:lodash/types');

// Functions whose result is not wrapped again outside an explicit chain.
const SINGLE = `
  add attempt camelCase capitalize ceil clamp clone cloneDeep cloneDeepWith cloneWith conformsTo
  deburr defaultTo divide endsWith eq escape escapeRegExp every find findIndex findKey findLast
  findLastIndex findLastKey floor forEach forEachRight forIn forInRight forOwn forOwnRight get gt
  gte has hasIn head identity includes indexOf inRange invoke join kebabCase last lastIndexOf
  lowerCase lowerFirst lt lte max maxBy mean meanBy min minBy multiply noop now nth pad padEnd
  padStart parseInt random reduce reduceRight repeat replace result round sample size snakeCase some
  sortedIndex sortedIndexBy sortedIndexOf sortedLastIndex sortedLastIndexBy sortedLastIndexOf
  startCase startsWith stubArray stubFalse stubObject stubString stubTrue subtract sum sumBy
  template times toFinite toInteger toLength toLower toNumber toSafeInteger toString toUpper trim
  trimEnd trimStart truncate unescape uniqueId upperCase upperFirst
`;

function addMethod(prototype, func, isSingle, name) {
  prototype[name] = function (...args) {
    const call = (value) => func(value, ...args);
    return isSingle && !this.explicit ? call(this.value()) : this.follow(call);
  };
}

function addListMethods(prototype) {
  for (const name of ['pop', 'push', 'shift', 'sort', 'splice', 'unshift']) {
    prototype[name] = function (...args) {
      const call = (value) => Array.prototype[name].apply(isArray(value) ? value : [], args);
      if ((name === 'pop' || name === 'shift') && !this.explicit) return call(this.value());
      return this.follow(
        name === 'pop' || name === 'shift' || name === 'splice' ? call : (value) => (call(value), value),
      );
    };
  }
}

function makeWrapper(lodash) {
  class Wrapper {
    constructor(wrapped, calls, explicit) {
      this.__wrapped__ = wrapped;
      this.calls = calls;
      this.explicit = explicit;
    }

    follow(call) {
      return new Wrapper(this.__wrapped__, [...this.calls, call], this.explicit);
    }

    value() {
      return this.calls.reduce((value, call) => call(value), this.__wrapped__);
    }

    chain() {
      return new Wrapper(this.__wrapped__, this.calls, true);
    }

    commit() {
      return new Wrapper(this.value(), [], this.explicit);
    }

    plant(value) {
      return new Wrapper(value, this.calls, this.explicit);
    }

    toString() {
      return String(this.value());
    }

    next() {
      if (!this.items) [this.items, this.position] = [lodash.toArray(this.value()), 0];
      const done = this.position >= this.items.length;
      return { done, value: done ? undefined : this.items[this.position++] };
    }

    [Symbol.iterator]() {
      return this;
    }
  }
  const prototype = Wrapper.prototype;
  const own = { value: prototype.value, toString: prototype.toString };
  const single = new Set(SINGLE.trim().split(/\s+/));
  const singleFunctions = new Set();
  for (const name of Object.keys(lodash)) if (single.has(name)) singleFunctions.add(lodash[name]);
  for (const name of Object.keys(lodash)) {
    const func = lodash[name];
    if (!isFunction(func) || name === 'chain' || name === 'mixin') continue;
    addMethod(prototype, func, singleFunctions.has(func) || /^is[A-Z]/.test(name), name);
  }
  addListMethods(prototype);
  Object.assign(prototype, own, { run: own.value, toJSON: own.value, valueOf: own.value });
  lodash.prototype = prototype;
  return Wrapper;
}

module.exports = { makeWrapper, addMethod };
