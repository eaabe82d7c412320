// util.types: the built-in type of an object, as far as a script can determine it without the engine's help.
// Not supported: isProxy, isExternal, isModuleNamespaceObject and others that no script can determine.

function passes(probe) {
  return (value) => {
    try {
      probe(value);
      return true;
    } catch {
      return false;
    }
  };
}

const sizeOf = (Type) => Object.getOwnPropertyDescriptor(Type.prototype, 'size').get;
const typedArrayTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
).get;

const tagged =
  (...tags) =>
  (value) =>
    tags.includes(Object.prototype.toString.call(value).slice(8, -1));
const isObject = (value) => value !== null && typeof value === 'object';

const types = {
  isMap: passes((value) => sizeOf(Map).call(value)),
  isSet: passes((value) => sizeOf(Set).call(value)),
  isWeakMap: passes((value) => WeakMap.prototype.has.call(value, {})),
  isWeakSet: passes((value) => WeakSet.prototype.has.call(value, {})),
  isDate: passes((value) => Date.prototype.getTime.call(value)),
  isRegExp: (value) => isObject(value) && Object.prototype.toString.call(value) === '[object RegExp]',
  isNativeError: (value) => isObject(value) && Object.prototype.toString.call(value) === '[object Error]',
  isPromise: (value) => value instanceof Promise,
  isTypedArray: (value) => isObject(value) && typedArrayTag.call(value) !== undefined,
  isUint8Array: (value) => isObject(value) && typedArrayTag.call(value) === 'Uint8Array',
  isArrayBufferView: (value) => ArrayBuffer.isView(value),
  isArrayBuffer: (value) => isObject(value) && tagged('ArrayBuffer')(value),
  isAnyArrayBuffer: (value) => isObject(value) && tagged('ArrayBuffer', 'SharedArrayBuffer')(value),
  isAsyncFunction: (value) => typeof value === 'function' && tagged('AsyncFunction')(value),
  isGeneratorFunction: (value) =>
    typeof value === 'function' && tagged('GeneratorFunction', 'AsyncGeneratorFunction')(value),
  isNumberObject: (value) => isObject(value) && passes((each) => Number.prototype.valueOf.call(each))(value),
  isStringObject: (value) => isObject(value) && passes((each) => String.prototype.valueOf.call(each))(value),
  isBooleanObject: (value) =>
    isObject(value) && passes((each) => Boolean.prototype.valueOf.call(each))(value),
  isSymbolObject: (value) => isObject(value) && passes((each) => Symbol.prototype.valueOf.call(each))(value),
  isBigIntObject: (value) => isObject(value) && passes((each) => BigInt.prototype.valueOf.call(each))(value),
};
types.isBoxedPrimitive = (value) =>
  types.isNumberObject(value) ||
  types.isStringObject(value) ||
  types.isBooleanObject(value) ||
  types.isSymbolObject(value) ||
  types.isBigIntObject(value);

module.exports = types;
