// The `to` of requests and responses: an assertion on the object. It is undefined until the assertions
// are installed into a chai (see assertions.js).

let expect;

module.exports = {
  useExpect(given) {
    expect = given;
  },
  assertionOn: (subject) => expect?.(subject).to,
};
