// Keeps iterations of one context apart. A context serves either a single iteration, or any number of them: then
// everything a script can reach is frozen, and what cannot be frozen is restored at the end of each.

const settings = require('vayu:settings');
const { Hardener } = require('vayu:pm/harden');
const { tame, unnamed } = require('vayu:pm/tame');
const { overridable } = require('vayu:override');
const { chainables } = require('vayu:chai/assertion');

// Names that scripts read often and hardly ever assign to: the guess finds those who do.
const OFTEN_READ = ['Array', 'BigInt', 'Boolean', 'Date', 'Error', 'Function', 'JSON', 'Map', 'Math', 'Number', 'Object',
  'Promise', 'RangeError', 'ReferenceError', 'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'SyntaxError', 'TypeError',
  'WeakMap', 'decodeURIComponent', 'encodeURIComponent', 'globalThis', 'isFinite', 'isNaN', 'parseFloat', 'parseInt'];

// An assignment to one of the other names of the language makes an undeclared name, as ever. Answers their values.
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

// What scripts can reach of a module, and what is constant in it.
const partsOf = ({ exports, scope }) => [exports, ...(scope === undefined ? [] : scope())];

// `isolate(how, functions)` is called when the script functions exist and before one runs. `how` has `isShared` (it
// serves several iterations), `isTrial` (it is recorded whether the scripts change built-ins or libraries),
// `keepsNames` (scripts may assign to undeclared names) and `keepsMembers` (they may put members into scopes of `pm`).
// It answers a function that answers whether there were such changes.
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
  // Getters of assertions answer with the words.
  const words = [...chainables.values()].map(({ shared }) => shared);
  keeper.add([...roots, ...unnamed(names), ...words]);
  require.onLoad((modules) => keeper.add(modules.flatMap(partsOf)));
  if (how.keepsNames) cleaner.open(global);
  else if (how.isShared) cleaner.close();
  return () => how.isTrial && keeper.hasChanges();
};
