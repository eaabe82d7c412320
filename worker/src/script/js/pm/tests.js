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

class Tests {
  constructor() {
    this.count = 0;
    this.round = 0;
  }

  clear() {
    this.count = 0;
    this.round += 1;
  }

  passed(name) {
    this.count += 1;
    hostPassed(name);
  }

  failed(name, error) {
    this.count += 1;
    host.failed(name, message(error));
  }

  skipped(name) {
    this.count += 1;
    host.skipped(String(name));
  }

  run(name, body) {
    const title = typeof name === 'string' ? name : String(name);
    if (typeof body !== 'function') {
      this.passed(title);
    } else if (body.length > 0) {
      this.await(title, body);
    } else {
      try {
        body();
      } catch (error) {
        this.failed(title, error);
        return;
      }
      this.passed(title);
    }
  }

  // A test that says itself when it is done, with an error or without.
  await(title, body) {
    const round = this.round;
    let open = true;
    const done = (error) => {
      if (!open || round !== this.round) return;
      open = false;
      if (error === undefined || error === null || error === false) this.passed(title);
      else this.failed(title, error);
    };
    try {
      body(done);
    } catch (error) {
      if (open) {
        open = false;
          this.failed(title, error);
      }
    }
  }
}

module.exports = Tests;
