// The interface of the engine: one object whose functions run the scripts of an iteration. It defines `pm`
// and the other global names of a script, once per context, and keeps what belongs to one iteration in
// `state`.
//
// Under load, a script may run in a context that earlier iterations of the same run used: `isolate` prepares
// it, and `end` removes what they left.

const makeState = require('vayu:pm/state');
const makeTests = require('vayu:pm/tests');
const Timers = require('vayu:pm/timers');
const makePm = require('vayu:pm/pm');
const defineGlobals = require('vayu:pm/globals');
const Cleaner = require('vayu:pm/cleaner');
const makeIsolation = require('vayu:pm/isolation');
const settings = require('vayu:settings');
const makeReserve = require('vayu:pm/reserve');

// The calls around a script that is called as a function of its own.
const callsOfEvents = ({ state, tests, legacy, response, begin }) => ({
  // Runs the pre-request script, called as a function without arguments.
  pre(script) {
    begin('prerequest', false);
    return script.call(undefined);
  },
  // Runs the test script. `code` is undefined if there is no response.
  test(script, code, time) {
    begin('test', false);
    response.code = code;
    response.responseTime = time;
    return script.call(undefined);
  },
  // Records the results that a script left in the legacy `tests` object.
  finish() {
    if (state.legacy !== undefined) legacy.record(tests);
    if (state.isDirect) tests.end();
  },
  // Returns the request as JSON if the pre-request script may have changed it.
  changed() {
    const request = state.request;
    return request !== undefined && request.isTouched() ? JSON.stringify(request.toChange()) : undefined;
  },
});

// The calls around scripts that the engine calls directly, one after the other (`script/context/direct.rs`).
const callsOfDirect = ({ state, tests, legacy, timers, begin, tidy }) => ({
  // Begins the next event, and all events until another function begins one.
  startDirect: () => begin('test', true),
  // Ends such an event if its script left something.
  endDirect() {
    if (state.legacy !== undefined) legacy.record(tests);
    if (state.isRead) state.forgetEvent();
    if (state.isUntidy) {
      if (timers.due() >= 0) host.waited();
      tidy();
    }
  },
});

module.exports = (global) => {
  const state = makeState();
  const tests = makeTests(state);
  const timers = new Timers(state, host);
  const { pm, source, response, sent, forgetSends } = makePm(state, tests);
  const legacy = defineGlobals(global, state, pm, timers);
  const cleaner = new Cleaner(global);
  const isolate = makeIsolation({ global, cleaner, pm, response, unfit: host.unfit });
  let hasChanges = () => false;
  settings.onChange(() => {
    state.markUntidy();
    host.hold();
  });

  const begin = (event, isDirect) => {
    state.event = event;
    state.isDirect = isDirect;
    tests.begin(isDirect);
    source.turn += 1;
    if (state.isRead) state.forgetEvent();
  };

  const tidy = () => {
    state.isUntidy = false;
    timers.clear();
    forgetSends();
    tests.forgetAwaited();
    settings.restoreAll();
  };

  return {
    ...callsOfEvents({ state, tests, legacy, response, begin }),
    ...callsOfDirect({ state, tests, legacy, timers, begin, tidy }),
    // Returns when the next timer is due in milliseconds on the monotonic clock; -1 for none.
    due: () => timers.due(),
    fire: () => timers.fire(),
    sent,
    // Prepares the context for its iterations; see `pm/isolation.js`.
    isolate(how, functions) {
      hasChanges = isolate(how, functions);
    },
    // Returns whether the scripts changed built-ins or libraries, in a context where that is recorded.
    hasChanges: () => hasChanges(),
    // Ends the iteration. Returns whether the context is as it was before.
    end() {
      if (state.isRead) state.forgetEvent();
      if (state.isUntidy) tidy();
      return response.isOpen() && cleaner.sweep();
    },
    // Reserves the memory that scripts have needed in two iterations.
    reserve() {
      state.reserve = makeReserve();
    },
    pm,
    // The objects that a script that runs to completion works with.
    parts: { response, source, tests: host.tests },
  };
};
