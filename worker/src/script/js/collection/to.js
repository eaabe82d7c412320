// What makes the `to` of requests and responses, an assertion on the object. It is undefined until the
// assertions are installed into a chai (see assertions.js).

module.exports = { expect: () => undefined };
