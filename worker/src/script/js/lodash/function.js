// Functions of lodash that create or wrap functions, and its small helpers (constant, times, uniqueId ...).
// debounce, throttle, delay and defer need the timers of the script and throw an error that says so if there
// are none. The placeholder of bind, partial and curry is the library object itself, of either version.

const { isError, isFunction, isObject, toInteger, toNumber, toString } = require('vayu:lodash/types');
const { toIteratee, identity } = require('vayu:lodash/equal');
const { invoke } = require('vayu:lodash/path');
const { flattenInto, slice } = require('vayu:lodash/array');
const { settings } = require('vayu:settings');

// The library objects of both versions.
const owners = new WeakSet();
const isHole = (item) => owners.has(item);

function demand(value) {
  if (!isFunction(value)) throw new TypeError('Expected a function');
  return value;
}

// Fills the placeholders of `held` with the first of `given`; the others follow, or go before.
function mix(held, given, fromRight) {
  const rest = [...given];
  const holes = held.filter(isHole).length;
  const filling = fromRight ? rest.splice(Math.max(rest.length - holes, 0)) : rest.splice(0, holes);
  const filled = held.map((item) => (isHole(item) ? filling.shift() : item));
  return fromRight ? [...rest, ...filled] : [...filled, ...rest];
}

function binding(call, held, fromRight) {
  return function bound(...args) {
    return call(this, mix(held, args, fromRight), new.target);
  };
}

const partialOf =
  (fromRight) =>
  (func, ...held) => {
    demand(func);
    return binding(
      (self, args, target) => (target ? new func(...args) : func.apply(self, args)),
      held,
      fromRight,
    );
  };

function bind(func, self, ...held) {
  demand(func);
  return binding((_, args, target) => (target ? new func(...args) : func.apply(self, args)), held, false);
}

const bindKey = (object, key, ...held) => binding((_, args) => object[key](...args), held, false);

const curryOf = (fromRight) => (func, arity, guard) => {
  demand(func);
  const wanted = guard || arity === undefined ? func.length : Math.max(toInteger(arity), 0);
  const collect = (held) =>
    function curried(...args) {
      const all = held.length ? mix(held, args, fromRight) : args;
      const filled = all.filter((item) => !isHole(item)).length;
      return filled >= wanted ? func.apply(this, all) : collect(all);
    };
  return collect([]);
};

function once(func) {
  return before(2, func);
}

function before(count, func) {
  let call = demand(func);
  let left = toInteger(count);
  let result;
  return function (...args) {
    if (--left > 0) result = call.apply(this, args);
    if (left <= 1) call = undefined;
    return result;
  };
}

function after(count, func) {
  demand(func);
  let left = toInteger(count);
  return function (...args) {
    return --left < 1 ? func.apply(this, args) : undefined;
  };
}

function memoize(func, resolver) {
  demand(func);
  if (resolver != null) demand(resolver);
  const memoized = function (...args) {
    const key = resolver ? resolver.apply(this, args) : args[0];
    if (memoized.cache.has(key)) return memoized.cache.get(key);
    const result = func.apply(this, args);
    memoized.cache = memoized.cache.set(key, result) || memoized.cache;
    return result;
  };
  memoized.cache = new (memoize.Cache || Map)();
  return memoized;
}

function timer(call, wait) {
  if (typeof setTimeout !== 'function') throw new Error('lodash: timers are not available in this script');
  return setTimeout(call, wait);
}

function debounce(func, wait, options) {
  demand(func);
  const pause = toNumber(wait) || 0;
  const { leading = false, trailing = true } = isObject(options) ? options : {};
  const longest =
    isObject(options) && 'maxWait' in options ? Math.max(toNumber(options.maxWait) || 0, pause) : Infinity;
  let [pending, self, handle, result, calledAt] = [];
  let invokedAt = 0;
  const invokeNow = (time) => {
    const args = pending;
    pending = undefined;
    invokedAt = time;
    result = func.apply(self, args);
    return result;
  };
  const remaining = (time) => Math.min(pause - (time - calledAt), longest - (time - invokedAt));
  const finish = () => {
    handle = undefined;
    if (trailing && pending) invokeNow(Date.now());
    pending = undefined;
    return result;
  };
  const expire = () => {
    const left = remaining(Date.now());
    if (left <= 0) finish();
    else handle = timer(expire, left);
  };
  const debounced = function (...args) {
    const time = Date.now();
    const due = calledAt === undefined || time - calledAt >= pause || time - invokedAt >= longest;
    [pending, self, calledAt] = [args, this, time];
    if (due && handle === undefined) {
      invokedAt = time;
      handle = timer(expire, pause);
      return leading ? invokeNow(time) : result;
    }
    if (due && longest !== Infinity) {
      clearTimeout(handle);
      handle = timer(expire, pause);
      return invokeNow(time);
    }
    if (handle === undefined) handle = timer(expire, pause);
    return result;
  };
  debounced.cancel = () => {
    if (handle !== undefined) clearTimeout(handle);
    [pending, self, handle, calledAt] = [];
    invokedAt = 0;
  };
  debounced.flush = () => (handle === undefined ? result : (clearTimeout(handle), finish()));
  return debounced;
}

function throttle(func, wait, options) {
  const { leading = true, trailing = true } = isObject(options) ? options : {};
  return debounce(func, wait, { leading, trailing, maxWait: wait });
}

const flowOf =
  (fromRight) =>
  (...groups) => {
    const functions = flattenInto(groups, 1, []);
    functions.forEach(demand);
    if (fromRight) functions.reverse();
    return function (...args) {
      if (!functions.length) return args[0];
      return functions
        .slice(1)
        .reduce((value, func) => func.call(this, value), functions[0].apply(this, args));
    };
  };

const overOf =
  (combine) =>
  (...groups) => {
    const calls = flattenInto(groups, 1, []).map(toIteratee);
    return function (...args) {
      return combine(calls, (call) => call.apply(this, args));
    };
  };

function rest(func, start) {
  if (!isFunction(func)) return slice(func, 1);
  const from = start === undefined ? func.length - 1 : toInteger(start);
  return function (...args) {
    const at = Math.max(from, 0);
    const head = Array.from({ length: at }, (_, index) => args[index]);
    return func.apply(this, [...head, args.slice(at)]);
  };
}

function spread(func, start) {
  demand(func);
  const at = start == null ? 0 : Math.max(toInteger(start), 0);
  return function (...args) {
    return func.apply(this, [...args.slice(0, at), ...(args[at] || [])]);
  };
}

function attempt(func, ...args) {
  try {
    return func(...args);
  } catch (error) {
    return isError(error) ? error : new Error(error);
  }
}

function times(count, iteratee) {
  const length = toInteger(count);
  const call = toIteratee(iteratee);
  return length < 1 ? [] : Array.from({ length }, (_, index) => call(index));
}

function cond(pairs) {
  const cases = (pairs || []).map(([test, action]) => [toIteratee(test), demand(action)]);
  return function (...args) {
    const found = cases.find(([test]) => test.apply(this, args));
    return found && found[1].apply(this, args);
  };
}

const counter = settings(() => ({ last: 0 }));

const ary = (func, count, guard) => {
  demand(func);
  const most = guard || count == null ? func.length : Math.max(toInteger(count), 0);
  return function (...args) {
    return func.apply(this, args.slice(0, most));
  };
};

function defaultTo(value, fallback) {
  return value == null || value !== value ? fallback : value;
}

module.exports = {
  addOwner: (library) => owners.add(library),
  published: {
    bind,
    bindKey,
    once,
    before,
    after,
    memoize,
    debounce,
    throttle,
    rest,
    spread,
    attempt,
    times,
    cond,
    ary,
    identity,
    defaultTo,
    partial: partialOf(false),
    partialRight: partialOf(true),
    curry: curryOf(false),
    curryRight: curryOf(true),
    flow: flowOf(false),
    flowRight: flowOf(true),
    over: overOf((calls, run) => calls.map(run)),
    overEvery: overOf((calls, run) => calls.every(run)),
    overSome: overOf((calls, run) => calls.some(run)),
    unary: (func) => ary(func, 1),
    negate: (func) => (
      demand(func),
      function (...args) {
        return !func.apply(this, args);
      }
    ),
    flip: (func) => (
      demand(func),
      function (...args) {
        return func.apply(this, args.reverse());
      }
    ),
    wrap: (value, wrapper) =>
      function (...args) {
        return isFunction(wrapper) ? wrapper.call(this, value, ...args) : value;
      },
    rearg(func, ...groups) {
      demand(func);
      const order = flattenInto(groups, Infinity, []);
      return function (...args) {
        return func.apply(this, [...order.map((index) => args[index]), ...args.slice(order.length)]);
      };
    },
    overArgs(func, ...groups) {
      const changes = flattenInto(groups, 1, []).map(toIteratee);
      return function (...args) {
        return func.apply(
          this,
          args.map((arg, index) => (changes[index] ? changes[index].call(this, arg) : arg)),
        );
      };
    },
    delay: (func, wait, ...args) => (demand(func), timer(() => func(...args), toNumber(wait) || 0)),
    defer: (func, ...args) => (demand(func), timer(() => func(...args), 1)),
    bindAll(object, ...names) {
      for (const name of flattenInto(names, Infinity, [])) object[name] = bind(object[name], object);
      return object;
    },
    method:
      (path, ...args) =>
      (object) =>
        invoke(object, path, ...args),
    methodOf:
      (object, ...args) =>
      (path) =>
        invoke(object, path, ...args),
    nthArg:
      (index) =>
      (...args) =>
        args.at(toInteger(index)),
    constant: (value) => () => value,
    noop: () => undefined,
    now: () => Date.now(),
    stubArray: () => [],
    stubObject: () => ({}),
    stubString: () => '',
    stubTrue: () => true,
    stubFalse: () => false,
    uniqueId: (prefix) => toString(prefix) + ++counter.last,
    tap: (value, interceptor) => (interceptor(value), value),
    thru: (value, interceptor) => interceptor(value),
  },
};
