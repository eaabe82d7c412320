// Members of parsed JSON that are made when a script reads them: until then they are a getter
// over their text. Everything but a look at the property's descriptor finds what `JSON.parse`
// would have put there.

const define = Reflect.defineProperty;
const { hasOwn } = Object;
const { parse } = host;
// The one of the language, which says what is wrong.
const nativeParse = JSON.parse;
const MARK = Symbol('later');

const put = (object, name, value) =>
  define(object, name, { value, writable: true, enumerable: true, configurable: true });

// Gives an object such a member. Nothing in it leads back to the object, which would be garbage
// to be searched for otherwise.
const later = (object, name, text) => {
  let value;
  const get = function () {
    if (value === undefined) {
      value = parse(text, later) ?? nativeParse(text);
      // Where this fails, as in a frozen object, the getter goes on to answer.
      if (hasOwn(this, name)) put(this, name, value);
    }
    return value;
  };
  const set = function (given) {
    put(this, name, given);
  };
  get[MARK] = true;
  define(object, name, { get, set, enumerable: true, configurable: true });
};

// Whether a descriptor is that of such a member.
const isLater = ({ get }) => get !== undefined && get[MARK] === true;

module.exports = { later, isLater };
