// State of libraries that scripts may change; it lasts until the end of the iteration. A library registers a
// function that restores it (`untilEnd`), keeps its settings in an object that restores itself (`settings`),
// or is created anew for each iteration (`perIteration`). Only changed state is restored. All other state of
// a module is constant: `pm/harden.js` freezes it.

const restores = new Map();
let changed = () => {};
let isEager = false;

// Calls `restore` at the end of the iteration. `key` identifies what it restores: the first call counts.
const untilEnd = (key, restore) => {
  if (restores.has(key)) return;
  restores.set(key, restore);
  changed();
};

const isChangeable = (value) => typeof value === 'object' && value !== null;

const frozenFunctions = (values) => {
  for (const value of Object.values(values)) if (typeof value === 'function') Object.freeze(value);
  return values;
};

// Returns an object with the values that `make` returns, which scripts may change. Objects among them are
// mutable as well, so all values are created anew for the next iteration after one was read.
const settings = (make) => {
  let values = frozenFunctions(make());
  const restore = () => {
    values = frozenFunctions(make());
  };
  const object = {};
  for (const name of Object.keys(values)) {
    Object.defineProperty(object, name, {
      enumerable: true,
      get: () => {
        if (isChangeable(values[name])) untilEnd(object, restore);
        return values[name];
      },
      set: (value) => {
        untilEnd(object, restore);
        values[name] = value;
      },
    });
  }
  return object;
};

// Returns the result of `make`, which is the same until the end of the iteration.
const perIteration = (make) => {
  let made;
  return () => {
    if (made === undefined) {
      made = make();
      untilEnd(make, () => {
        made = undefined;
      });
    }
    return made;
  };
};

// Returns the result of `make`, which is the same in all iterations. It is created when it is first needed,
// or with the module if the module is frozen or recorded afterwards.
const lazy = (make) => {
  let made = isEager ? make() : undefined;
  return () => (made ??= make());
};

const restoreAll = () => {
  for (const restore of restores.values()) restore();
  restores.clear();
};

module.exports = {
  untilEnd,
  settings,
  perIteration,
  lazy,
  restoreAll,
  // Calls `call` when there is something to restore.
  onChange(call) {
    changed = call;
  },
  // Makes modules create all their values on load from now on.
  completeModules() {
    isEager = true;
  },
};
