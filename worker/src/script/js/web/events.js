// The globals `Event` and `EventTarget`, without a document: there is no tree, so nothing bubbles. Node's
// emitter is `node/events`.

class Event {
  #canceled = false;

  constructor(type, { cancelable = false } = {}) {
    if (arguments.length === 0) throw new TypeError('an event needs a type');
    const fixed = { type: String(type), cancelable: Boolean(cancelable), timeStamp: Date.now() };
    for (const [name, value] of Object.entries(fixed)) Object.defineProperty(this, name, { value, enumerable: true });
    this.target = null;
    this.isStopped = false;
    Object.defineProperty(this, 'isStopped', { enumerable: false });
  }

  get currentTarget() {
    return this.target;
  }

  get defaultPrevented() {
    return this.#canceled;
  }

  preventDefault() {
    if (this.cancelable) this.#canceled = true;
  }

  stopImmediatePropagation() {
    this.isStopped = true;
  }

  stopPropagation() {}

  get [Symbol.toStringTag]() {
    return 'Event';
  }
}

class EventTarget {
  #listeners = [];

  addEventListener(type, listener, options) {
    if (listener === null || listener === undefined) return;
    const { once = false, signal } = options !== null && typeof options === 'object' ? options : {};
    if (signal?.aborted || this.#find(String(type), listener) >= 0) return;
    this.#listeners.push({ type: String(type), listener, once });
    signal?.addEventListener('abort', () => this.removeEventListener(type, listener));
  }

  removeEventListener(type, listener) {
    const place = this.#find(String(type), listener);
    if (place >= 0) this.#listeners = this.#listeners.filter((each, at) => at !== place);
  }

  #find(type, listener) {
    return this.#listeners.findIndex((each) => each.type === type && each.listener === listener);
  }

  dispatchEvent(event) {
    if (!(event instanceof Event)) throw new TypeError('dispatchEvent needs an Event');
    event.target = this;
    for (const { type, listener, once } of this.#listeners) {
      if (type !== event.type) continue;
      if (once) this.removeEventListener(type, listener);
      if (typeof listener === 'function') listener.call(this, event);
      else listener.handleEvent(event);
      if (event.isStopped) break;
    }
    return !event.defaultPrevented;
  }

  get [Symbol.toStringTag]() {
    return 'EventTarget';
  }
}

module.exports = { Event, EventTarget };
