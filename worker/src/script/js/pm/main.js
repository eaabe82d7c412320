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
const { snapshot } = require('vayu:chai/plugins');
const makeReserve = require('vayu:pm/reserve');

module.exports = (global) => {
  const state = {
    event: '',
    // Whether this is an event of `whole`.
    isWhole: false,
    request: undefined,
    cookies: undefined,
    legacy: undefined,
    // Whether any of these was made in this event.
    isRead: false,
    // Whether a script did what has to be undone: timers, requests, names of libraries.
    isUntidy: false,
    reserve: undefined,
  };
  const tests = makeTests(state);
  const timers = new Timers(state);
  const { pm, source, response, sent, forgetSends } = makePm(state, tests);
  const legacy = defineGlobals(global, state, pm, timers);
  const cleaner = new Cleaner(global);
  const { variables, environment, collectionVariables, globals, iterationData } = pm;
  cleaner.keepBare([variables, environment, collectionVariables, globals, iterationData]);

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
    legacy.reset();
  };

  let restoreChai;

  const end = () => {
    if (state.isUntidy) tidy();
    const isChaiAsItWas = restoreChai === undefined || restoreChai();
    return response.isOpen() && cleaner.sweep() && isChaiAsItWas;
  };

  return {
    // The script after a response that cannot wait for anything, with the end of the
    // iteration but for names in the global object: those the engine counts quicker.
    whole(script, code, time) {
      if (state.isWhole) {
        source.turn += 1;
        if (state.isRead) forgetEvent();
      } else turnTo('test', true);
      response.code = code;
      response.responseTime = time;
      script();
      if (state.isRead && state.legacy !== undefined) legacy.record(tests);
      tests.end();
      if (state.isUntidy) tidy();
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
    // Milliseconds on the clock of `Date.now` when the next timer is due; -1 for none.
    due: () => timers.due(),
    fire: () => timers.fire(),
    sent,
    // Which of what scripts may change, beside names, is to be looked after.
    watch(builtIns, plugins) {
      cleaner.watch(builtIns);
      if (plugins) restoreChai = snapshot();
    },
    // Whether the context is as it was before the iteration.
    end,
    // Takes what scripts have needed twice in reserve.
    reserve() {
      state.reserve = makeReserve();
    },
    pm,
  };
};
