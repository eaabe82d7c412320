// The lodash of scripts: require('lodash') and the global `_`. Behaves as lodash 4.17; the names of lodash 3
// that were removed in 4 are included as well (pluck, contains, where, findWhere, indexBy ...).
// Not supported: runInContext, custom builds, the lazy evaluation of long chains.

const { isFunction, isObject, keys } = require('vayu:lodash/types');
const { makeWrapper, addMethod } = require('vayu:lodash/chain');
const { lazy } = require('vayu:settings');

function _(value) {
  const Wrapper = wrapper();
  return value instanceof Wrapper ? value : new Wrapper(value, [], false);
}

for (const part of [
  'types',
  'path',
  'clone',
  'equal',
  'array',
  'sets',
  'collection',
  'object',
  'string',
  'words',
  'template',
  'math',
  'function',
]) {
  Object.assign(_, require(`vayu:lodash/${part}`).published);
}
const { template, shared } = require('vayu:lodash/template');
template.owner = _;
Object.defineProperty(_, 'templateSettings', Object.getOwnPropertyDescriptor(shared, 'templateSettings'));
require('vayu:lodash/function').addOwner(_);

const ALIASES = {
  each: 'forEach',
  eachRight: 'forEachRight',
  first: 'head',
  entries: 'toPairs',
  entriesIn: 'toPairsIn',
  extend: 'assignIn',
  extendWith: 'assignInWith',
  all: 'every',
  any: 'some',
  collect: 'map',
  detect: 'find',
  select: 'filter',
  foldl: 'reduce',
  inject: 'reduce',
  foldr: 'reduceRight',
  contains: 'includes',
  include: 'includes',
  indexBy: 'keyBy',
  pluck: 'map',
  where: 'filter',
  findWhere: 'find',
  unique: 'uniq',
  object: 'zipObject',
  pairs: 'toPairs',
  methods: 'functions',
  sortByOrder: 'orderBy',
  sortByAll: 'sortBy',
  padLeft: 'padStart',
  padRight: 'padEnd',
  trimLeft: 'trimStart',
  trimRight: 'trimEnd',
  trunc: 'truncate',
  compose: 'flowRight',
  backflow: 'flowRight',
  callback: 'iteratee',
  modArgs: 'overArgs',
  pairsIn: 'toPairsIn',
};
for (const name of Object.keys(ALIASES)) _[name] = _[ALIASES[name]];

_.chain = (value) => _(value).chain();
_.noConflict = () => _;
_.placeholder = _;
_.VERSION = '4.18.1';
_.memoize.Cache = Map;

_.mixin = (...args) => {
  const given = args.filter((arg) => !isFunction(arg) && isObject(arg));
  const target = isFunction(args[0]) || given.length > 1 ? args[0] : _;
  const source = given[given.length - 1] || {};
  const names = keys(source).filter((name) => isFunction(source[name]));
  for (const name of names) target[name] = source[name];
  if (target === _) {
    _(undefined);
    for (const name of names) addMethod(_.prototype, source[name], false, name);
  }
  return target;
};

const wrapper = lazy(() => makeWrapper(_));

module.exports = _;
