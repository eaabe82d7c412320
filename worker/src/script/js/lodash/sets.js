// Array functions of lodash that treat lists as sets: uniq, difference, intersection, union, xor, without and
// pull, each in a plain form, by iteratee (…By) and by comparator (…With). The order is that of the first
// list in which a value occurs.

const { same, isArrayLikeObject, isFunction, isIterateeCall } = require('vayu:lodash/types');
const { toIteratee, identity } = require('vayu:lodash/equal');
const { lengthOf, slice, dropIndexes } = require('vayu:lodash/array');

// A bag of values with the same equality as Set, or with a comparator.
class Bag {
  constructor(comparator) {
    this.comparator = comparator;
    this.items = comparator ? [] : new Set();
  }

  has(value) {
    const { comparator, items } = this;
    if (!comparator) return items.has(value);
    return items.some((item) => comparator(value, item));
  }

  add(value) {
    if (this.comparator) this.items.push(value);
    else this.items.add(value);
  }
}

const plainZero = (value) => (value === 0 ? 0 : value);

function bagOf(list, by, comparator) {
  const bag = new Bag(comparator);
  for (const item of slice(list)) bag.add(by(item));
  return bag;
}

function uniqueOf(list, by = identity, comparator) {
  const seen = new Bag(comparator);
  return slice(list)
    .filter((item) => {
      const key = by(item);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .map(comparator ? identity : plainZero);
}

function differenceOf(list, others, by = identity, comparator) {
  if (!isArrayLikeObject(list)) return [];
  const unwanted = bagOf(
    others
      .filter(isArrayLikeObject)
      .map((list) => slice(list))
      .flat(),
    by,
    comparator,
  );
  return slice(list)
    .filter((item) => !unwanted.has(by(item)))
    .map(comparator ? identity : plainZero);
}

function intersectionOf(lists, by = identity, comparator) {
  if (!lists.length || !isArrayLikeObject(lists[0])) return [];
  const bags = lists.slice(1).map((list) => bagOf(isArrayLikeObject(list) ? list : [], by, comparator));
  return uniqueOf(
    slice(lists[0]).filter((item) => bags.every((bag) => bag.has(by(item)))),
    by,
    comparator,
  );
}

function unionOf(lists, by, comparator) {
  return uniqueOf(
    lists
      .filter(isArrayLikeObject)
      .map((list) => slice(list))
      .flat(),
    by,
    comparator,
  );
}

function xorOf(lists, by, comparator) {
  const present = lists.filter(isArrayLikeObject);
  if (present.length < 2) return present.length ? uniqueOf(present[0]) : [];
  const alone = present.map((list, index) =>
    differenceOf(
      list,
      present.filter((_, at) => at !== index),
      by,
      comparator,
    ),
  );
  return uniqueOf(alone.flat(), by, comparator);
}

function pullFrom(list, unwanted, by = identity, comparator = same) {
  if (!lengthOf(list) || !lengthOf(unwanted)) return list;
  const keys = slice(unwanted).map((item) => by(item));
  const indexes = [];
  for (let index = 0; index < list.length; index++) {
    const key = by(list[index]);
    if (keys.some((item) => comparator(key, item))) indexes.push(index);
  }
  dropIndexes(list, indexes);
  return list;
}

const isBy = (value) => value !== undefined && !isArrayLikeObject(value);
const comparatorOf = (value) => (isFunction(value) ? value : undefined);
const oneArgument = (value) => {
  const iteratee = toIteratee(value);
  return (item) => iteratee(item);
};

// Takes the iteratee off the end of the lists, if there is one.
function takeBy(lists) {
  return isBy(lists[lists.length - 1]) ? oneArgument(lists.pop()) : identity;
}

// An iteratee after the list is accepted as well, as in lodash 3.
function uniq(list, iteratee, guard) {
  if (guard === undefined && isFunction(iteratee)) return uniqueOf(list, iteratee);
  if (typeof iteratee === 'string' && !isIterateeCall(list, iteratee, guard))
    return uniqueOf(list, toIteratee(iteratee));
  return uniqueOf(list);
}

module.exports = {
  published: {
    uniq,
    uniqBy: (list, iteratee) => uniqueOf(list, oneArgument(iteratee)),
    uniqWith: (list, comparator) => uniqueOf(list, identity, comparatorOf(comparator)),
    sortedUniq: (list) =>
      slice(list)
        .filter((item, at, all) => !at || !same(item, all[at - 1]))
        .map(plainZero),
    sortedUniqBy(list, iteratee) {
      const by = oneArgument(iteratee);
      return slice(list)
        .filter((item, at, all) => !at || !same(by(item), by(all[at - 1])))
        .map(plainZero);
    },
    difference: (list, ...others) => differenceOf(list, others),
    differenceBy(list, ...others) {
      const by = takeBy(others);
      return differenceOf(list, others, by);
    },
    differenceWith(list, ...others) {
      const comparator = isBy(others[others.length - 1]) ? others.pop() : undefined;
      return differenceOf(list, others, identity, comparatorOf(comparator));
    },
    without: (list, ...unwanted) => differenceOf(list, [unwanted]),
    intersection: (...lists) => intersectionOf(lists),
    intersectionBy(...lists) {
      const by = takeBy(lists);
      return intersectionOf(lists, by);
    },
    intersectionWith(...lists) {
      const comparator = isFunction(lists[lists.length - 1]) ? lists.pop() : undefined;
      return intersectionOf(lists, identity, comparator);
    },
    union: (...lists) => unionOf(lists),
    unionBy(...lists) {
      const by = takeBy(lists);
      return unionOf(lists, by);
    },
    unionWith(...lists) {
      const comparator = isFunction(lists[lists.length - 1]) ? lists.pop() : undefined;
      return unionOf(lists, identity, comparator);
    },
    xor: (...lists) => xorOf(lists),
    xorBy(...lists) {
      const by = takeBy(lists);
      return xorOf(lists, by);
    },
    xorWith(...lists) {
      const comparator = isFunction(lists[lists.length - 1]) ? lists.pop() : undefined;
      return xorOf(lists, identity, comparator);
    },
    pull: (list, ...unwanted) => pullFrom(list, unwanted),
    pullAll: (list, unwanted) => pullFrom(list, unwanted),
    pullAllBy: (list, unwanted, iteratee) => pullFrom(list, unwanted, oneArgument(iteratee)),
    pullAllWith: (list, unwanted, comparator) => pullFrom(list, unwanted, identity, comparator),
  },
};
