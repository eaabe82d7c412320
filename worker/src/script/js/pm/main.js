// What the engine calls: one object whose functions carry an iteration through its
// scripts. It puts `pm` and the other names of a script into the global object, once
// per context, and keeps what belongs to one iteration in `state`.
//
// Scripts run in a context that others of the same run used before them: `end`
// takes away what they left.

const makeTests = require('vayu:pm/tests');
const Timers = require('vayu:pm/timers');
const makePm = require('vayu:pm/pm');
const defineGlobals = require('vayu:pm/globals');
const Cleaner = require('vayu:pm/cleaner');

module.exports = (global) => {
  const state = {
    event: '',
    iteration: 0,
    request: undefined,
    response: undefined,
    cookies: undefined,
    legacy: undefined,
    // Whether any of these was made in this event, or something of the response was read.
    isRead: false,
    // Whether a script did what has to be undone: timers, requests, names of libraries.
    isUntidy: false,
  };
  const tests = makeTests(state);
  const timers = new Timers(state);
  const { pm, source, response, sent, forgetSends } = makePm(state, tests);
  const legacy = defineGlobals(global, state, pm, timers);
  const cleaner = new Cleaner(global);

  const forgetEvent = () => {
    state.isRead = false;
    state.request = undefined;
    state.cookies = undefined;
    state.legacy = undefined;
    response.forget();
  };

  const enter = (event, code, time) => {
    state.event = event;
    state.response = event === 'test' ? response : undefined;
    source.code = code;
    source.responseTime = time;
    if (state.isRead) forgetEvent();
  };

  const tidy = () => {
    state.isUntidy = false;
    timers.clear();
    forgetSends();
    tests.forgetAwaited();
    legacy.reset();
  };

  const end = () => {
    tests.clear();
    if (state.isUntidy) tidy();
    state.event = '';
    state.response = undefined;
    return cleaner.sweep();
  };

  return {
    // The script after a response that cannot wait for anything, with the end of the
    // iteration but for names in the global object: those the engine counts quicker.
    whole(script, iteration, code, time) {
      state.iteration = iteration;
      // As `enter`, whose call alone would be a fifteenth of what a script with one check takes.
      state.event = 'test';
      state.response = response;
      source.code = code;
      source.responseTime = time;
      if (state.isRead) forgetEvent();
      script();
      if (state.isRead && state.legacy !== undefined) legacy.record(tests);
      tests.clear();
      if (state.isUntidy) tidy();
    },
    // The script before the request, called as a function without arguments.
    pre(script, iteration) {
      state.iteration = iteration;
      enter('prerequest', undefined, undefined);
      return script.call(undefined);
    },
    // The script after the response; `code` is undefined when there is none.
    test(script, iteration, code, time) {
      state.iteration = iteration;
      enter('test', code, time);
      return script.call(undefined);
    },
    // Records what the old way of testing left in `tests`.
    finish() {
      if (state.legacy !== undefined) legacy.record(tests);
    },
    // The request as JSON, when the script before it may have changed it.
    changed() {
      const request = state.request;
      return request !== undefined && request.isTouched() ? JSON.stringify(request.toWire()) : undefined;
    },
    // Milliseconds on the clock of `Date.now` when the next timer is due; -1 for none.
    due: () => timers.due(),
    fire: () => timers.fire(),
    sent,
    watch: (wary) => cleaner.watch(wary),
    // Whether the context is as it was before the iteration.
    end,
  };
};
