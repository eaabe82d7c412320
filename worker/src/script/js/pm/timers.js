// `setTimeout` and related functions. Nothing waits here: the engine asks when the next timer is due, waits
// outside of the script, and then fires the timers that are due.

class Timers {
  constructor(state, host) {
    this.state = state;
    this.host = host;
    this.last = 0;
    this.waiting = new Map();
  }

  clear() {
    this.waiting.clear();
    // A later iteration counts from 1 again.
    this.last = 0;
  }

  // Milliseconds on the host's monotonic clock, -1 if no timer is pending. The time of day may be set
  // meanwhile.
  due() {
    let first = -1;
    for (const timer of this.waiting.values()) {
      if (first < 0 || timer.due < first) first = timer.due;
    }
    return first;
  }

  // Calls the earliest timer that is due. Promise reactions run before the next one.
  fire() {
    const now = this.host.steadyMs();
    let first;
    for (const [id, timer] of this.waiting) {
      if (timer.due <= now && (first === undefined || timer.due < first.timer.due)) first = { id, timer };
    }
    if (first === undefined) return;
    const { id, timer } = first;
    if (timer.every === undefined) this.waiting.delete(id);
    else timer.due = now + timer.every;
    timer.call(...timer.args);
  }

  add(call, delay, repeats, args) {
    if (typeof call !== 'function') throw new TypeError('the first argument of a timer must be a function');
    const asked = Math.max(Number(delay) || 0, repeats ? 1 : 0);
    // As in other runtimes, a delay that does not fit in 31 bits is no delay.
    const wait = asked > 0x7fffffff ? 1 : asked;
    this.last += 1;
    const every = repeats ? wait : undefined;
    this.state.markUntidy();
    this.waiting.set(this.last, { call, args, due: this.host.steadyMs() + wait, every });
    return this.last;
  }

  globals() {
    const clear = (id) => {
      this.waiting.delete(id);
    };
    return {
      setTimeout: (call, delay, ...args) => this.add(call, delay, false, args),
      setInterval: (call, delay, ...args) => this.add(call, delay, true, args),
      setImmediate: (call, ...args) => this.add(call, 0, false, args),
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    };
  }
}

module.exports = Timers;
