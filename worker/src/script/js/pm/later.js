// Members of parsed JSON that are made when a script reads them: until then they are a getter
// over their text. Everything but what looks at the property's descriptor, or changes it in part, finds
// what `JSON.parse` would have put there.

const define = Reflect.defineProperty;
const { hasOwn, isFrozen } = Object;
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
  let isMade = false;
  const get = function () {
    if (!isMade) {
      value = parse(text, later) ?? nativeParse(text);
      isMade = true;
      // Where this fails, as in a sealed object, the getter goes on to answer.
      if (hasOwn(this, name)) put(this, name, value);
    }
    return value;
  };
  const set = function (given) {
    if (put(this, name, given) || isFrozen(this)) return;
    value = given;
    isMade = true;
  };
  get[MARK] = true;
  define(object, name, { get, set, enumerable: true, configurable: true });
};

// Whether a descriptor is that of such a member.
const isLater = ({ get }) => get !== undefined && get[MARK] === true;

module.exports = { later, isLater };
