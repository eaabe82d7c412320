// require('events'): EventEmitter, with once and listenerCount.
// Not supported: captureRejections, on() as an async iterator, EventTarget, domains, the warning about many
// listeners.

const inspect = require('vayu:node/inspect');
const types = require('vayu:node/types');
const { withCode, received, invalidArgument } = require('vayu:node/errors');

function listenersOf(emitter) {
  if (!emitter._events) emitter._events = new Map();
  return emitter._events;
}

function add(emitter, name, listener, first) {
  if (typeof listener !== 'function') {
    throw invalidArgument(`The "listener" argument must be of type function. ${received(listener)}`);
  }
  const events = listenersOf(emitter);
  if (events.has('newListener')) emitter.emit('newListener', name, listener.listener || listener);
  const present = events.get(name) || [];
  events.set(name, first ? [listener, ...present] : [...present, listener]);
  return emitter;
}

function wrapOnce(emitter, name, listener) {
  const wrapped = function (...values) {
    emitter.removeListener(name, wrapped);
    return listener.apply(this, values);
  };
  wrapped.listener = listener;
  return wrapped;
}

function unhandled(error) {
  if (error instanceof Error || types.isNativeError(error)) return error;
  const failure = withCode(Error, 'ERR_UNHANDLED_ERROR', `Unhandled error. (${inspect(error)})`);
  failure.context = error;
  return failure;
}

// A function, not a class: old scripts call EventEmitter.call(this).
function EventEmitter() {
  listenersOf(this);
}

Object.assign(EventEmitter.prototype, {
  on(name, listener) {
    return add(this, name, listener, false);
  },
  prependListener(name, listener) {
    return add(this, name, listener, true);
  },
  once(name, listener) {
    return add(this, name, wrapOnce(this, name, listener), false);
  },
  prependOnceListener(name, listener) {
    return add(this, name, wrapOnce(this, name, listener), true);
  },
  removeListener(name, listener) {
    const events = listenersOf(this);
    const present = events.get(name) || [];
    const at = present.findLastIndex((each) => each === listener || each.listener === listener);
    if (at < 0) return this;
    const rest = present.toSpliced(at, 1);
    if (rest.length > 0) events.set(name, rest);
    else events.delete(name);
    if (events.has('removeListener')) this.emit('removeListener', name, listener);
    return this;
  },
  removeAllListeners(name) {
    if (name === undefined) listenersOf(this).clear();
    else listenersOf(this).delete(name);
    return this;
  },
  emit(name, ...values) {
    const present = listenersOf(this).get(name);
    if (!present && name === 'error') throw unhandled(values[0]);
    for (const listener of present || []) listener.apply(this, values);
    return Boolean(present);
  },
  listeners(name) {
    return this.rawListeners(name).map((listener) => listener.listener || listener);
  },
  rawListeners(name) {
    return [...(listenersOf(this).get(name) || [])];
  },
  listenerCount(name) {
    return this.rawListeners(name).length;
  },
  eventNames() {
    return [...listenersOf(this).keys()];
  },
  setMaxListeners(count) {
    this._maxListeners = count;
    return this;
  },
  getMaxListeners() {
    return this._maxListeners === undefined ? EventEmitter.defaultMaxListeners : this._maxListeners;
  },
});
EventEmitter.prototype.addListener = EventEmitter.prototype.on;
EventEmitter.prototype.off = EventEmitter.prototype.removeListener;

function once(emitter, name) {
  return new Promise((resolve, reject) => {
    const fail = (error) => {
      emitter.removeListener(name, succeed);
      reject(error);
    };
    const succeed = (...values) => {
      emitter.removeListener('error', fail);
      resolve(values);
    };
    emitter.once(name, succeed);
    if (name !== 'error') emitter.once('error', fail);
  });
}

module.exports = Object.assign(EventEmitter, {
  EventEmitter,
  once,
  defaultMaxListeners: 10,
  listenerCount: (emitter, name) => emitter.listenerCount(name),
});
