// The error that every failed assertion throws. In addition to the message it carries what a test reporter
// shows: actual, expected, showDiff and operator, each only if the assertion provided it. It does not cut the
// stack at the caller: QuickJS stacks are short and cheap.

class AssertionError extends Error {
  constructor(message, props, startFunction) {
    super();
    const settings = { showDiff: false };
    if (props) copyOwn(props, settings);
    this.message = message || 'Unspecified AssertionError';
    copyOwn(settings, this);
    if (startFunction && Error.captureStackTrace) Error.captureStackTrace(this, startFunction);
  }

  toJSON(withStack) {
    const plain = { name: this.name };
    copyOwn(this, plain);
    if (withStack !== false && this.stack) plain.stack = this.stack;
    return plain;
  }
}

function copyOwn(from, to) {
  for (const key of Object.keys(from)) {
    if (key !== 'name' && key !== 'stack') to[key] = from[key];
  }
}

AssertionError.prototype.name = 'AssertionError';

module.exports = AssertionError;
