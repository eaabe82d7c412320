// The interface of the engine: one object whose functions run the scripts of an iteration. It defines `pm`
// and the other global names of a script, once per context, and keeps what belongs to one iteration in
// `state`.
//
// Under load, a script may run in a context that earlier iterations of the same run used: `isolate` prepares
// it, and `end` removes what they left.

const makeTests = require('vayu:pm/tests');
const Timers = require('vayu:pm/timers');
const makePm = require('vayu:pm/pm');
const defineGlobals = require('vayu:pm/globals');
const Cleaner = require('vayu:pm/cleaner');
const makeIsolation = require('vayu:pm/isolation');
const settings = require('vayu:settings');
const makeReserve = require('vayu:pm/reserve');

module.exports = (global) => {
  const state = {
    event: '',
    // Whether `startWhole` began this event.
    isWhole: false,
    request: undefined,
    cookies: undefined,
    legacy: undefined,
    // Whether any of these was created in this event.
    isRead: false,
    // Whether a script did something that must be undone: timers, requests, changed settings.
    isUntidy: false,
    reserve: undefined,
    markRead() {
      state.isRead = true;
      host.touch();
    },
    markUntidy() {
      state.isUntidy = true;
      host.touch();
    },
  };
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

  const forgetEvent = () => {
    state.isRead = false;
    state.request = undefined;
    state.cookies = undefined;
    state.legacy = undefined;
  };

  const turnTo = (event, isWhole) => {
    state.event = event;
    state.isWhole = isWhole;
    tests.begin(isWhole);
    source.turn += 1;
    if (state.isRead) forgetEvent();
  };

  const tidy = () => {
    state.isUntidy = false;
    timers.clear();
    forgetSends();
    tests.forgetAwaited();
    settings.restoreAll();
  };

  const end = () => {
    if (state.isRead) forgetEvent();
    if (state.isUntidy) tidy();
    return response.isOpen() && cleaner.sweep();
  };

  return {
    // Begins the events of scripts that the engine calls directly, one after the other
    // (`script/context/whole.rs`): the next event, and all events until another function here begins one.
    startWhole: () => turnTo('test', true),
    // Ends such an event if its script left something.
    endWhole() {
      if (state.legacy !== undefined) legacy.record(tests);
      if (state.isRead) forgetEvent();
      if (state.isUntidy) {
        if (timers.due() >= 0) host.waited();
        tidy();
      }
    },
    // Runs the pre-request script, called as a function without arguments.
    pre(script) {
      turnTo('prerequest', false);
      return script.call(undefined);
    },
    // Runs the test script. `code` is undefined if there is no response.
    test(script, code, time) {
      turnTo('test', false);
      response.code = code;
      response.responseTime = time;
      return script.call(undefined);
    },
    // Records the results that a script left in the legacy `tests` object.
    finish() {
      if (state.legacy !== undefined) legacy.record(tests);
      if (state.isWhole) tests.end();
    },
    // Returns the request as JSON if the pre-request script may have changed it.
    changed() {
      const request = state.request;
      return request !== undefined && request.isTouched() ? JSON.stringify(request.toChange()) : undefined;
    },
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
    end,
    // Reserves the memory that scripts have needed in two iterations.
    reserve() {
      state.reserve = makeReserve();
    },
    pm,
    // The objects that a script that runs to completion works with.
    parts: { response, source, tests: host.tests },
  };
};
