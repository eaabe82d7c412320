// chai.util, the interface for plugins. Functions that only chai itself uses (proxify, addLengthGuard,
// getMessage of a raw argument list) are not included.

const core = require('vayu:chai/assertion');
const { inspect, display } = require('vayu:chai/inspect');
const { typeOf, functionName } = require('vayu:chai/type');
const { getPathInfo, hasProperty } = require('vayu:chai/path');
const { ownEnumerable, byInspection } = require('vayu:chai/properties');
const config = require('vayu:chai/config');

function flag(assertion, name, value) {
  if (arguments.length < 3) return core.getFlag(assertion, name);
  core.setFlag(assertion, name, value);
  return undefined;
}

const test = (assertion, [condition]) => (assertion._negate ? !condition : condition);

function expectTypes(assertion, types) {
  const names = types.map((type) => type.toLowerCase()).sort();
  const found = typeOf(assertion._obj).toLowerCase();
  if (names.includes(found)) return;
  const list = names.map((name, i) => {
    const joint = names.length > 1 && i === names.length - 1 ? 'or ' : '';
    return `${joint}${'aeiou'.includes(name[0]) ? 'an' : 'a'} ${name}`;
  }).join(', ');
  core.reject(assertion, `object tested must be ${list}, but ${found} given`);
}

const getActual = (assertion, args) => (args.length > 4 ? args[4] : assertion._obj);

// chai.util.addMethod(target, name, fn) and related functions work for Assertion.prototype only.
function onPrototype(add) {
  return (target, ...args) => {
    if (target !== core.Assertion.prototype) {
      throw new Error(`chai.util.${add} for other objects than Assertion.prototype is not supported by ` +
        'this engine; see docs/scripting.md');
    }
    core.Assertion[add](...args);
  };
}

module.exports = {
  flag, test, expectTypes, getActual, inspect, objDisplay: display, type: typeOf, getName: functionName,
  transferFlags: core.transferFlags, getPathInfo, hasProperty, compareByInspect: byInspection,
  getOwnEnumerableProperties: ownEnumerable,
  getOwnEnumerablePropertySymbols: (object) => ownEnumerable(object).filter((key) => typeof key === 'symbol'),
  isNaN: Number.isNaN,
  isProxyEnabled: () => Boolean(config.useProxy),
  get eql() { return require('vayu:chai/eql'); },
  addProperty: onPrototype('addProperty'),
  addMethod: onPrototype('addMethod'),
  addChainableMethod: onPrototype('addChainableMethod'),
  overwriteProperty: onPrototype('overwriteProperty'),
  overwriteMethod: onPrototype('overwriteMethod'),
  overwriteChainableMethod: onPrototype('overwriteChainableMethod'),
};
