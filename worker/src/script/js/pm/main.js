// What the engine calls: one object whose functions carry an iteration through its
// scripts. It puts `pm` and the other names of a script into the global object, once
// per context, and keeps what belongs to one iteration in `state`.
//
// Under load, scripts may run in a context that others of the same run used before them: `isolate` prepares
// it, and `end` takes away what they left.

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
    // Whether this is an event that `startWhole` began.
    isWhole: false,
    request: undefined,
    cookies: undefined,
    legacy: undefined,
    // Whether any of these was made in this event.
    isRead: false,
    // Whether a script did what has to be undone: timers, requests, changes of settings.
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
    // Begins the events of scripts that the engine calls itself, one after the other (`script/context/whole.rs`):
    // the next one, and all until another function here begins an event.
    startWhole: () => turnTo('test', true),
    // Ends such an event, where its script left something to end.
    endWhole() {
      if (state.legacy !== undefined) legacy.record(tests);
      if (state.isRead) forgetEvent();
      if (state.isUntidy) {
        if (timers.due() >= 0) host.waited();
        tidy();
      }
    },
    // The script before the request, called as a function without arguments.
    pre(script) {
      turnTo('prerequest', false);
      return script.call(undefined);
    },
    // The script after the response; `code` is undefined when there is none.
    test(script, code, time) {
      turnTo('test', false);
      response.code = code;
      response.responseTime = time;
      return script.call(undefined);
    },
    // Records what the old way of testing left in `tests`.
    finish() {
      if (state.legacy !== undefined) legacy.record(tests);
      if (state.isWhole) tests.end();
    },
    // The request as JSON, when the script before it may have changed it.
    changed() {
      const request = state.request;
      return request !== undefined && request.isTouched() ? JSON.stringify(request.toChange()) : undefined;
    },
    // Milliseconds on the steady clock when the next timer is due; -1 for none.
    due: () => timers.due(),
    fire: () => timers.fire(),
    sent,
    // Prepares the context for its iterations; see `pm/isolation.js`.
    isolate(how, functions) {
      hasChanges = isolate(how, functions);
    },
    // Whether the scripts changed built-ins or libraries, in a context where that is recorded.
    hasChanges: () => hasChanges(),
    // Whether the context is as it was before the iteration.
    end,
    // Takes what scripts have needed twice in reserve.
    reserve() {
      state.reserve = makeReserve();
    },
    pm,
    // What a script that is run whole works with.
    parts: { response, source, tests: host.tests },
  };
};
