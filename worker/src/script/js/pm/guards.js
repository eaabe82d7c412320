// Array methods that visit every index in one native step, which no time limit can interrupt: an array with
// few members and a length of billions would keep them busy for minutes. They reject such lengths.

const MOST = 1_000_000;
const METHODS = ['join', 'sort', 'toSorted', 'reverse', 'toReversed', 'fill', 'indexOf', 'lastIndexOf', 'includes',
  'concat', 'copyWithin', 'splice', 'toSpliced', 'slice', 'shift', 'unshift', 'forEach', 'map', 'filter', 'some',
  'every', 'find', 'findIndex', 'findLast', 'findLastIndex', 'reduce', 'reduceRight', 'flat', 'flatMap'];

const apply = Reflect.apply;

const guarded = (name, method) => {
  const guard = {
    [name](...values) {
      if (this.length > MOST) {
        throw new RangeError(`an array of length ${this.length} is too long for ${name}: the maximum is ${MOST}`);
      }
      return apply(method, this, values);
    },
  }[name];
  return Object.defineProperty(guard, 'length', { value: method.length, configurable: true });
};

module.exports = (global) => {
  const { prototype } = global.Array;
  for (const name of METHODS) {
    const member = Object.getOwnPropertyDescriptor(prototype, name);
    if (member !== undefined) {
      Object.defineProperty(prototype, name, { ...member, value: guarded(name, member.value) });
    }
  }
};
