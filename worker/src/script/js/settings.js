// State of libraries that scripts may change: it lasts until the end of the iteration. A library states what
// restores it (`untilEnd`), holds its settings in an object that restores itself (`settings`), or is made anew for
// each iteration (`perIteration`). Nothing is restored that was not changed. All else that a module has is
// constant: `pm/harden.js` freezes it.

const restores = new Map();
let changed = () => {};
let isEager = false;

// Calls `restore` at the end of the iteration. `key` is what it restores: the first one counts.
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

// An object with the values that `make` gives, which scripts may change. Objects among them are changeable, too, so
// all values are made anew for the next iteration after one was read.
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

// Gives what `make` makes, the same until the end of the iteration.
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

// Gives what `make` makes, the same in all iterations: made when it is first needed, or with the module where
// the module is frozen or recorded afterwards.
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
  // Has `call` called when there is something to restore.
  onChange(call) {
    changed = call;
  },
  // Has modules made complete from now on.
  completeModules() {
    isEager = true;
  },
};
