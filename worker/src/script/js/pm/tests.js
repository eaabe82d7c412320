// `pm.test` except for the common case, which the engine handles itself (`script/pm_test.rs`): tests that
// failed, that have other names than in the last iteration, that are skipped, or that wait.
//
// A function with a parameter gets a callback and is awaited. An `async` function is not, as in Postman: its
// rejection is a script error, not a failed test.

const list = host.tests;

const message = (error) => {
  if (error !== null && typeof error === 'object') {
    const text = error.message;
    return text === undefined ? String(error) : String(text);
  }
  return error === undefined ? 'undefined' : String(error);
};

module.exports = (state) => {
  let round = 0;

  const passed = (name) => list.passed(String(name).toWellFormed());

  const failed = (given, error) => {
    const name = String(given).toWellFormed();
    list.failed(name, message(error).toWellFormed());
  };

  // A test that reports itself when it is done, with or without an error.
  const awaited = (title, body) => {
    const begun = round;
    let open = true;
    state.markUntidy();
    const done = (error) => {
      if (!open || begun !== round) return;
      open = false;
      if (error === undefined || error === null || error === false) passed(title);
      else failed(title, error);
    };
    try {
      body(done);
    } catch (error) {
      if (open) {
        open = false;
        failed(title, error);
      }
    }
  };

  let answer;
  const test = list.test(passed, failed, (name, body) => {
    if (typeof body === 'function') awaited(String(name), body);
    else passed(name);
    return answer;
  });
  Object.defineProperty(test, 'name', { value: 'test', configurable: true });
  Object.defineProperty(test, 'length', { value: 2, configurable: true });
  test.skip = (name) => {
    list.skipped(String(name).toWellFormed());
    return answer;
  };
  test.index = () => list.count();

  return {
    test,
    passed,
    failed,
    // Sets the return value of `pm.test`.
    answerWith: (object) => {
      answer = object;
      list.answer(object);
    },
    // Begins an event. `keeps` says whether its list is kept for the next one.
    begin: (keeps) => list.begin(keeps),
    // Ends an event.
    end: () => list.end(),
    // A test that is still awaited completes too late.
    forgetAwaited: () => {
      round += 1;
    },
  };
};
