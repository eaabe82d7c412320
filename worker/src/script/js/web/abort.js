// The globals `AbortController` and `AbortSignal`. The engine does not observe signals: a request that a
// script sent cannot be aborted, so they only serve the script's own functions.

const { Event, EventTarget } = require('vayu:web/events');

const MAKE = Symbol('make');

class AbortSignal extends EventTarget {
  #reason;
  #aborted = false;

  constructor(key) {
    super();
    if (key !== MAKE) throw new TypeError('Illegal constructor: use new AbortController().signal');
    this.onabort = null;
  }

  static abort(reason) {
    const signal = new AbortSignal(MAKE);
    signal.#abort(reason);
    return signal;
  }

  static timeout(milliseconds) {
    const signal = new AbortSignal(MAKE);
    setTimeout(() => signal.#abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), milliseconds);
    return signal;
  }

  // Creates a signal that is aborted with the first of several others.
  static any(signals) {
    const signal = new AbortSignal(MAKE);
    for (const each of signals) {
      if (each.aborted) signal.#abort(each.reason);
      else each.addEventListener('abort', () => signal.#abort(each.reason));
    }
    return signal;
  }

  static [MAKE](reason, signal = new AbortSignal(MAKE)) {
    if (reason !== MAKE) signal.#abort(reason);
    return signal;
  }

  #abort(reason) {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason;
    const event = new Event('abort');
    event.target = this;
    if (typeof this.onabort === 'function') this.onabort.call(this, event);
    this.dispatchEvent(event);
  }

  get aborted() {
    return this.#aborted;
  }

  get reason() {
    return this.#reason;
  }

  throwIfAborted() {
    if (this.#aborted) throw this.#reason;
  }

  get [Symbol.toStringTag]() {
    return 'AbortSignal';
  }
}

// Only this file creates and aborts signals.
const change = AbortSignal[MAKE];
delete AbortSignal[MAKE];

class AbortController {
  #signal = change.call(AbortSignal, MAKE);

  get signal() {
    return this.#signal;
  }

  abort(reason) {
    change.call(AbortSignal, reason, this.#signal);
  }

  get [Symbol.toStringTag]() {
    return 'AbortController';
  }
}

module.exports = { AbortController, AbortSignal };
