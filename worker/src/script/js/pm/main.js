// What the engine calls: one object whose functions carry an iteration through its
// scripts. It puts `pm` and the other names of a script into the global object, once
// per context, and keeps what belongs to one iteration in `state`.
//
// Scripts run in a context that others of the same run used before them: `end`
// takes away what they left.

const Tests = require('vayu:pm/tests');
const Timers = require('vayu:pm/timers');
const makePm = require('vayu:pm/pm');
const defineGlobals = require('vayu:pm/globals');
const Cleaner = require('vayu:pm/cleaner');

module.exports = (global) => {
  const state = {
    event: '',
    code: undefined,
    time: undefined,
    iteration: 0,
    request: undefined,
    response: undefined,
    cookies: undefined,
    legacy: undefined,
  };
  const tests = new Tests();
  const timers = new Timers();
  const { pm, sent, forgetSends } = makePm(state, tests, timers);
  const legacy = defineGlobals(global, state, pm, timers);
  const cleaner = new Cleaner(global);

  const enter = (event, code, time) => {
    state.event = event;
    state.code = code;
    state.time = time;
    state.request = undefined;
    state.response = undefined;
    state.cookies = undefined;
    state.legacy = undefined;
  };

  const end = () => {
    timers.clear();
    forgetSends();
    tests.clear();
    legacy.reset();
    state.event = '';
    state.response = undefined;
    return cleaner.sweep();
  };

  return {
    // The script after a response that cannot wait for anything, with the end of the
    // iteration: whether the context is as it was before.
    whole(script, iteration, code, time) {
      state.iteration = iteration;
      enter('test', code, time);
      script.call(undefined);
      if (state.legacy !== undefined) legacy.record(tests);
      return end();
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
    // Whether a script left names for the one after it.
    leaves: () => cleaner.hasNews(),
    // Whether the context is as it was before the iteration.
    end,
  };
};
