// `pm.sendRequest`: passes a request to the host, and its outcome to the callback, or to the promise if there
// is none. A status such as 404 is not an error.

const { Request, Response, Url } = require('vayu:collection/index');

class Outcome {
  constructor(data) {
    this.data = data;
  }

  get code() {
    return this.data.code;
  }

  get status() {
    return this.data.status;
  }

  get responseTime() {
    return this.data.responseTime;
  }

  get responseSize() {
    return this.data.size.body;
  }

  get cutMessage() {
    return this.data.cut ?? undefined;
  }

  headers() {
    return this.data.headers;
  }

  text() {
    return this.data.text;
  }

  bytes() {
    return this.data.bytes ?? host.utf8Encode(this.data.text);
  }

  size() {
    return this.data.size;
  }
}

// A string, a URL, a request, or the definition of one. What users write in addition to `header` and `body`
// differs from one collection to the next.
const requestOf = (given) => {
  if (given instanceof Request) return given;
  if (typeof given === 'string' || given instanceof Url) return new Request(given);
  if (given === null || typeof given !== 'object') {
    throw new TypeError('pm.sendRequest needs a URL or a request');
  }
  const { header, headers, ...rest } = given;
  return new Request({ ...rest, header: header ?? headers });
};

module.exports = (state) => {
  let last = 0;
  const waiting = new Map();

  const start = (request, settle) => {
    const wire = requestOf(request).toWire();
    last += 1;
    waiting.set(last, settle);
    state.markUntidy();
    // Variables of an SDK object are resolved; what a script wrote is sent as written.
    host.send(last, JSON.stringify(wire), request instanceof Request);
  };

  const sendRequest = (request, callback) => {
    if (typeof callback === 'function') {
      start(request, callback);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      start(request, (error, response) => (error ? reject(error) : resolve(response)));
    });
  };

  // `text` is JSON: an `error` with code and message, or the parts of a response.
  const sent = (id, text) => {
    const settle = waiting.get(id);
    if (settle === undefined) return;
    waiting.delete(id);
    const data = JSON.parse(text);
    if (data.error) settle(data.error, undefined);
    else settle(null, new Response(new Outcome(data)));
  };

  const forget = () => {
    if (waiting.size > 0) waiting.clear();
  };
  return { sendRequest, sent, forget };
};
