// What scripts change in the library: members of plugins, those that are put over others, settings. It
// is undone by what `snapshot()` gives, so that the next iteration finds the library as this one did.

const { Assertion, chainables } = require('vayu:chai/assertion');
const config = require('vayu:chai/config');

// Plugins that were used already.
const used = [];

// Own members as they were, and a function that brings them back; it answers whether it could.
function membersOf(object) {
  const members = Object.getOwnPropertyDescriptors(object);
  const names = Reflect.ownKeys(members);
  return () => {
    let done = true;
    for (const name of Reflect.ownKeys(object)) {
      if (!Object.hasOwn(members, name)) done = Reflect.deleteProperty(object, name) && done;
    }
    for (const name of names) done = Reflect.defineProperty(object, name, members[name]) && done;
    return done;
  };
}

function snapshot() {
  const bringBack = [Assertion, Assertion.prototype, config].map(membersOf);
  const words = [...chainables].map(([name, entry]) => {
    const { method, chainingBehavior, shared } = entry;
    return [name, entry, { method, chainingBehavior, shared }];
  });
  const { deepEqual } = config;
  return () => {
    used.length = 0;
    config.deepEqual = deepEqual;
    chainables.clear();
    for (const [name, entry, was] of words) chainables.set(name, Object.assign(entry, was));
    return bringBack.every((back) => back());
  };
}

module.exports = { used, snapshot };
