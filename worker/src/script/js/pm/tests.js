// `pm.test`: calls test functions and tells the host how they ended.
//
// A function with a parameter gets a callback and is awaited; an `async` one is not,
// as in Postman: what it rejects with is a script error, not a failed test.

const hostPassed = host.passed;

const message = (error) => {
  if (error !== null && typeof error === 'object') {
    const text = error.message;
    return text === undefined ? String(error) : String(text);
  }
  return error === undefined ? 'undefined' : String(error);
};

module.exports = (state) => {
  // Variables of a closure, as they are the quickest to reach.
  let count = 0;
  let round = 0;
  let pm;

  const passed = (name) => {
    count += 1;
    hostPassed(name);
  };

  const failed = (name, error) => {
    count += 1;
    host.failed(name, message(error));
  };

  // A test that says itself when it is done, with an error or without.
  const awaited = (title, body) => {
    const begun = round;
    let open = true;
    state.isUntidy = true;
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

  const test = (name, body) => {
    const title = typeof name === 'string' ? name : String(name);
    if (typeof body === 'function') {
      if (body.length > 0) {
        awaited(title, body);
        return pm;
      }
      try {
        body();
      } catch (error) {
        failed(title, error);
        return pm;
      }
    }
    // As `passed`, without the call: nearly every test gets here.
    count += 1;
    hostPassed(title);
    return pm;
  };
  test.skip = (name) => {
    count += 1;
    host.skipped(String(name));
    return pm;
  };
  test.index = () => count;

  return {
    test,
    passed,
    failed,
    // What `pm.test` gives back.
    answerWith: (object) => {
      pm = object;
    },
    clear: () => {
      count = 0;
    },
    // Whoever is still awaited comes too late.
    forgetAwaited: () => {
      round += 1;
    },
  };
};
