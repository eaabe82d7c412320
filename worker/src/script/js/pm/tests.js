// `pm.test`: calls test functions and tells the host how they ended.
//
// Under load the same tests pass in the same order again and again, and telling each is
// more work than the test. The host keeps the list of the last iteration then; it is told
// only where this one differs.
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
  // The host's list, where it keeps one: the names of those that passed.
  const kept = [];
  // That, or an empty one where each is told.
  let names = [];

  // From here on it is another list than that of the last iteration.
  const cut = () => {
    if (names !== kept || kept.length === count) return;
    kept.length = count;
    host.keepTests(count);
  };

  // Tells how the next one ended; `name` is that of one that passed.
  const told = (name, tell) => {
    cut();
    tell();
    if (names === kept) kept[count] = name;
    count += 1;
  };

  const passed = (name) => {
    if (names[count] === name) count += 1;
    else told(name, () => hostPassed(name.toWellFormed()));
  };

  const failed = (name, error) => {
    const words = message(error).toWellFormed();
    told(undefined, () => host.failed(name.toWellFormed(), words));
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
    if (typeof body === 'function') {
      if (body.length > 0) {
        awaited(String(name), body);
        return pm;
      }
      try {
        body();
      } catch (error) {
        failed(String(name), error);
        return pm;
      }
    }
    // As `passed`, without the calls: nearly every test gets here.
    if (names[count] === name && name !== undefined) count += 1;
    else passed(String(name));
    return pm;
  };
  test.skip = (name) => {
    told(undefined, () => host.skipped(String(name).toWellFormed()));
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
    // Begins an event; `keeps` is whether the host keeps the list from one to the next.
    begin: (keeps) => {
      names = keeps ? kept : [];
      count = 0;
    },
    // Ends one.
    end: () => {
      if (kept.length !== count) cut();
      count = 0;
    },
    // Whoever is still awaited comes too late.
    forgetAwaited: () => {
      round += 1;
    },
  };
};
