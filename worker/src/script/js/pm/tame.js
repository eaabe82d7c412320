// Changes built-ins of the language with state that freezing does not reach, so that a script cannot leave
// anything there for the next iteration. Also finds the built-ins that have no name.

const { untilEnd } = require('vayu:settings');

const { isExtensible, getPrototypeOf: prototypeOf } = Object;
const { apply, construct, defineProperty: define, getOwnPropertyDescriptor: describe } = Reflect;

// Its callbacks are called when objects are collected, possibly in a later iteration.
function tameRegistry(names, unfit) {
  const Native = names.FinalizationRegistry;
  if (Native === undefined) return;
  const FinalizationRegistry = function (callback) {
    if (new.target === undefined) throw new TypeError('FinalizationRegistry needs new');
    unfit();
    return construct(Native, [callback], new.target);
  };
  define(FinalizationRegistry, 'prototype', { value: Native.prototype, writable: false });
  define(Native.prototype, 'constructor', { value: FinalizationRegistry, writable: true, configurable: true });
  define(names, 'FinalizationRegistry', { value: FinalizationRegistry, writable: true, configurable: true });
}

// The settings of the language's errors belong to the context. One of them receives functions of the engine.
function tameErrors({ Error }, unfit) {
  const limit = describe(Error, 'stackTraceLimit');
  const prepare = describe(Error, 'prepareStackTrace');
  const first = Error.stackTraceLimit;
  define(Error, 'stackTraceLimit', {
    ...limit,
    set(value) {
      untilEnd(limit, () => apply(limit.set, Error, [first]));
      apply(limit.set, Error, [Number(value)]);
    },
  });
  define(Error, 'prepareStackTrace', {
    ...prepare,
    set(value) {
      unfit();
      apply(prepare.set, Error, [value]);
    },
  });
}

// `compile` replaces the source of a pattern, frozen or not.
function tamePatterns({ RegExp }) {
  const { compile } = RegExp.prototype;
  const tamed = {
    compile(pattern, flags) {
      if (!isExtensible(this)) throw new TypeError('this RegExp cannot be changed');
      return apply(compile, this, [pattern, flags]);
    },
  };
  define(RegExp.prototype, 'compile', { value: tamed.compile, writable: true, configurable: true });
}

// The getter of `callee` in strict functions.
const thrower = (function () {
  return describe(arguments, 'callee').get;
})();

// Objects of each kind that the language creates and does not name.
const samples = ({ Iterator, DisposableStack, AsyncDisposableStack }) => [
  [].values(),
  new Map().entries(),
  new Set().values(),
  ''[Symbol.iterator](),
  ''.matchAll(/a/g),
  () => {},
  async () => {},
  function* () {},
  (function* () {})(),
  async function* () {},
  (async function* () {})(),
  Iterator?.from({ next() {} }),
  Iterator?.concat?.([]),
  Iterator?.zip?.([]),
  Iterator?.zipKeyed?.({}),
  [].values().map?.(() => {}),
  [].values().flatMap?.(() => []),
  DisposableStack && new DisposableStack(),
  AsyncDisposableStack && new AsyncDisposableStack(),
];

module.exports = {
  // `names` has the built-ins by name; `unfit` marks the context as unfit for further use.
  tame(names, unfit) {
    tameRegistry(names, unfit);
    tameErrors(names, unfit);
    tamePatterns(names);
  },
  unnamed: (names) => {
    const made = samples(names).filter((sample) => sample !== undefined);
    return [thrower, ...made.map(prototypeOf)];
  },
};
