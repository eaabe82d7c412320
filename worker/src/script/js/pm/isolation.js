// Isolates the iterations of one context. A context serves either a single iteration or any number of them.
// In the second case everything a script can reach is frozen, and what cannot be frozen is restored at the
// end of each iteration.

const settings = require('vayu:settings');
const { Hardener } = require('vayu:pm/harden');
const { tame, unnamed } = require('vayu:pm/tame');
const { overridable } = require('vayu:override');
const { chainables } = require('vayu:chai/assertion');

// Names that scripts read often and hardly ever assign to. The guess finds scripts that do.
const OFTEN_READ = ['Array', 'BigInt', 'Boolean', 'Date', 'Error', 'Function', 'JSON', 'Map', 'Math', 'Number', 'Object',
  'Promise', 'RangeError', 'ReferenceError', 'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'SyntaxError', 'TypeError',
  'WeakMap', 'decodeURIComponent', 'encodeURIComponent', 'globalThis', 'isFinite', 'isNaN', 'parseFloat', 'parseInt'];

// Makes an assignment to any other name of the language create an undeclared name, as without isolation.
// Returns their values.
function letNamesBeAssigned(names) {
  const values = [];
  for (const key of Reflect.ownKeys(names)) {
    const { writable, value } = Reflect.getOwnPropertyDescriptor(names, key);
    if (!writable || OFTEN_READ.includes(key)) continue;
    values.push(value);
    overridable(names, key, value);
  }
  return values;
}

// Returns what scripts can reach of a module, and its constants.
const partsOf = ({ exports, scope }) => [exports, ...(scope === undefined ? [] : scope())];

// `isolate(how, functions)` must be called when the script functions exist and before one runs. `how` has
// `isShared` (the context serves several iterations), `isTrial` (changes of built-ins or libraries are
// recorded), `keepsNames` (scripts may assign to undeclared names) and `keepsMembers` (they may add members
// to scopes of `pm`). Returns a function that returns whether there were such changes.
module.exports = ({ global, cleaner, pm, response, unfit }) => (how, functions) => {
  const { names } = cleaner;
  const open = [global, response];
  const roots = [names, pm, response, host, ...functions];
  if (!how.isShared && !how.isTrial) return () => false;
  settings.completeModules();
  if (how.isShared) {
    tame(names, unfit);
    if (how.keepsNames) roots.push(...letNamesBeAssigned(names));
  }
  if (how.keepsMembers) {
    const scopes = [pm.variables, pm.environment, pm.collectionVariables, pm.globals, pm.iterationData];
    open.push(...scopes);
    scopes.forEach((scope) => cleaner.open(scope));
  }
  const keeper = how.isTrial ? new (require('vayu:pm/trial'))(open) : new Hardener(open);
  // Getters of assertions return these functions.
  const words = [...chainables.values()].map(({ shared }) => shared);
  keeper.add([...roots, ...unnamed(names), ...words]);
  require.onLoad((modules) => keeper.add(modules.flatMap(partsOf)));
  if (how.keepsNames) cleaner.open(global);
  else if (how.isShared) cleaner.close();
  return () => how.isTrial && keeper.hasChanges();
};
