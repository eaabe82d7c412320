// Calls of require('lodash') and of the global `_`, which is lodash 3: by a table of what arguments each function
// takes. Functions that are random, tell the time or wait are left out.

import * as make from '../random.mjs';

const numbers = (random) => make.array(random, make.number, 0, 6);
const record = (random) => make.object(random, (inner) => make.value(inner, 1), 1, 4);
const records = (random) => make.array(random, record, 0, 5);
const mixed = (random) => make.array(random, (inner) => make.value(inner, 1), 0, 6);

const ITERATEES = [
  'x => x',
  '(v, k) => k',
  'x => typeof x',
  'x => x && x.a',
  'x => String(x).length',
  'Math.floor',
  "'a'",
  "'b'",
  "'a.b'",
  "'length'",
  '["a", 1]',
  '{a: 1}',
  '{}',
  '(...args) => args.length',
  'null',
  'x => -x',
];
const PREDICATES = [
  'x => x',
  'x => !x',
  'x => x > 2',
  '(v, k) => k === "a"',
  'x => typeof x === "string"',
  "'a'",
  '{a: 1}',
  '["b", 2]',
  '(v, i) => i % 2',
  'x => x && x.a === 1',
  'isNaN',
  'Boolean',
];
const PATHS = [
  "'a'",
  "'b.c'",
  "'a[0]'",
  "'a[0].b'",
  "['a', 'b']",
  "'a.b.c'",
  "''",
  '0',
  "['a', 0]",
  "'x y'",
  '\'["x y"]\'',
  "'a.-1.b'",
  'Symbol.iterator',
  '[]',
  "'length'",
  "'name'",
  "['a.b']",
  "'a..b'",
];
const FUNCTIONS = [
  '(a, b) => [a, b]',
  '(...args) => args',
  'function () { return this && this.a; }',
  'Math.max',
  '(a = 1) => a',
  '(a, b, c) => a + b + c',
  'x => x * 2',
  '() => { throw new Error("inside"); }',
  'parseInt',
];
const COMPARATORS = [
  '(a, b) => a === b',
  '(a, b) => typeof a === typeof b',
  '(a, b) => (a && a.a) === (b && b.a)',
  '_.isEqual',
];
const PATTERNS = ['/a/', '/[aeiou]/g', '/(b)(a)?/', "'a'", "','", "''", "' '", '/\\s+/', '/$/', 'undefined'];
const TEMPLATES = [
  "'hi <%= a %>'",
  "'<%- b %> and ${ a }'",
  "'<% if (a) { %>yes<% } else { %>no<% } %>'",
  "'<% _.forEach(list, x => { %>[<%= x %>]<% }) %>'",
  "'a\\n\\'q\\' \\\\ <%= a + b %>'",
  "'${a}${'",
  "'<%= missing %>'",
];

const KINDS = {
  a: mixed,
  A: (random) => make.array(random, mixed, 0, 3),
  N: numbers,
  r: records,
  o: (random) => (random.chance(0.85) ? make.object(random, (inner) => make.value(inner, 2)) : make.value(random, 1)),
  c: (random) => random.pick([records, mixed, numbers, record, make.text])(random),
  v: (random) => make.value(random, 2),
  e: (random) => (random.chance(0.3) ? make.exotic(random) : make.value(random, 2)),
  s: (random) => (random.chance(0.9) ? make.text(random) : make.value(random, 1)),
  S: (random) => make.text(random),
  n: (random) => (random.chance(0.9) ? make.number(random) : make.value(random, 0)),
  i: (random) => (random.chance(0.95) ? make.integer(random) : make.number(random)),
  t: (random) => String(random.between(0, 12)),
  f: (random) => random.pick(ITERATEES),
  p: (random) => random.pick(PREDICATES),
  F: (random) => random.pick(FUNCTIONS),
  x: (random) => random.pick(COMPARATORS),
  k: (random) => random.pick(PATHS),
  K: (random) => make.array(random, (inner) => inner.pick(PATHS), 0, 3),
  R: (random) => random.pick(PATTERNS),
  T: (random) => random.pick(TEMPLATES),
  q: (random) => make.object(random, (inner) => inner.pick(PREDICATES.slice(0, 5)), 0, 2),
  d: (random) => random.pick(["'asc'", "'desc'", "['asc', 'desc']", "['desc']", 'undefined', '[true, false]']),
  m: (random) => make.array(random, (inner) => inner.pick(ITERATEES), 0, 3),
  L: (random) => make.array(random, (inner) => inner.pick(FUNCTIONS), 0, 3),
  P: (random) => make.array(random, (inner) => `[${make.text(inner)}, ${make.value(inner, 1)}]`, 0, 4),
  z: (random) =>
    random.pick([
      '{ length: 10 }',
      "{ length: 5, omission: '..' }",
      "{ length: 12, separator: ' ' }",
      '{ separator: /,?a/, length: 6 }',
      '{}',
    ]),
};

// name=arguments; a kind behind `?` may be left out.
const COMMON = `chunk=a?i compact=a difference=aa drop=a?i dropRight=a?i dropRightWhile=rp dropWhile=rp
fill=ai?i?i findIndex=rp findLastIndex=rp first=a flattenDeep=A indexOf=ai?i initial=a intersection=aa
last=a lastIndexOf=ai remove=rp slice=a?i?i sortedIndex=Nn sortedLastIndex=Nn
tail=a take=a?i takeRight=a?i takeRightWhile=rp takeWhile=rp union=aa uniq=a unzip=A without=avv xor=aa
zip=aa zipObject=Ka at=oK countBy=cf every=cp filter=cp find=cp findLast=cp forEach=cF groupBy=cf includes=cv?i
invoke=ok map=cf partition=cp reduce=cF?v reduceRight=cF?v reject=cp size=c some=cp sortBy=cf
assign=oo clone=e cloneDeep=e defaults=oo findKey=op findLastKey=op forIn=oF forOwn=oF functions=o get=ok?v has=ok
invert=o isArguments=e isArray=e isBoolean=e isDate=e isElement=e isEmpty=e isEqual=ee isError=e isFinite=e isFunction=e
isMatch=oo isNaN=e isNative=e isNull=e isNumber=e isObject=e isPlainObject=e isRegExp=e isString=e isTypedArray=e
isUndefined=e keys=e keysIn=e mapKeys=of mapValues=of matches=o matchesProperty=kv merge=oo omit=oK pick=oK
property=k propertyOf=o result=ok?v set=okv transform=oF values=e valuesIn=e camelCase=s capitalize=s deburr=s endsWith=sS?i
escape=s escapeRegExp=s kebabCase=s pad=st?S parseInt=s?i repeat=st snakeCase=s startCase=s startsWith=sS?i
trim=s?S unescape=s words=s?R constant=v identity=v noop=v range=i?i?i times=tf add=nn max=N min=N sum=N
gt=vv gte=vv lt=vv lte=vv inRange=n?n?n toArray=e toPlainObject=e zip=aaa union=aaa intersection=aaa
isEqual=vv clone=v cloneDeep=v merge=ooo keys=o values=o pull=avv pullAt=ai difference=aaa`;

const ONLY_4 = `concat=av differenceBy=rrf differenceWith=rrx flatten=A flattenDepth=Ai flatMap=cf flatMapDeep=cf flatMapDepth=cfi
fromPairs=P head=a intersectionBy=rrf intersectionWith=rrx join=aS nth=ai pullAll=aa pullAllBy=rrf pullAllWith=rrx
reverse=a sortedIndexBy=rof sortedIndexOf=Nn sortedLastIndexBy=rof sortedLastIndexOf=Nn sortedUniq=N sortedUniqBy=Nf
unionBy=rrf unionWith=rrx uniqBy=rf uniqWith=rx unzipWith=AF xorBy=rrf xorWith=rrx zipObjectDeep=Ka zipWith=aaF
invokeMap=ck keyBy=cf orderBy=rmd assignIn=oo assignInWith=ooF assignWith=ooF castArray=e cloneDeepWith=eF cloneWith=eF
conformsTo=oq defaultTo=vv defaultsDeep=oo entries=o entriesIn=o eq=vv extend=oo forEachRight=cF forInRight=oF forOwnRight=oF
functionsIn=o hasIn=ok invertBy=of isArrayBuffer=e isArrayLike=e isArrayLikeObject=e isBuffer=e isEqualWith=eex isInteger=n
isLength=n isMap=e isMatchWith=oox isNil=e isObjectLike=e isSafeInteger=n isSet=e isSymbol=e isWeakMap=e isWeakSet=e
mergeWith=ooF omitBy=op pickBy=op setWith=okvF toFinite=e toInteger=e toLength=e toNumber=e toPairs=e toPairsIn=e
toSafeInteger=e toString=e unset=ok update=okF updateWith=okFF lowerCase=s lowerFirst=s padEnd=st?S padStart=st?S
replace=sRS split=s?R?i template=To toLower=s toUpper=s trimEnd=s?S trimStart=s?S truncate=s?z upperCase=s upperFirst=s
attempt=Fv clamp=n?n?n conforms=q cond=A flow=L flowRight=L iteratee=f method=k methodOf=o nthArg=i over=L
overEvery=L overSome=L rangeRight=i?i?i stubArray= stubFalse= stubObject= stubString= stubTrue= toPath=k
ceil=n?i divide=nn floor=n?i maxBy=rf mean=N meanBy=rf minBy=rf multiply=nn round=n?i subtract=nn sumBy=rf
get=vk has=vk isEqual=eo findIndex=rpi findLastIndex=rpi find=cpi toPairs=o merge=ee defaultsDeep=ee`;

const ONLY_3 = `flatten=A?i uniq=rf indexBy=cf pluck=ck where=ro findWhere=ro contains=cv any=cp all=cp collect=cf detect=cp
select=cp inject=cF?v foldl=cF foldr=cF include=cv object=Ka pairs=o methods=o sortByAll=rKK sortByOrder=rmd padLeft=st?S
padRight=st?S trimLeft=s?S trimRight=s?S trunc=s?z max=cf min=cf sum=cf rest=a restParam=F first=a head=a
clone=oi cloneDeep=o invoke=ck omit=op pick=op unique=a sortedIndex=rof assign=ooF isEqual=eex merge=ooF
ceil=n?i floor=n?i round=n?i template=To isMatch=oo callback=f compact=a every=cp some=cp map=ck
times=tF unzipWith=AF zipWith=aaF support= xor=aaa union=AA flattenDeep=AA every=cv`;

// A function that these give is called.
const MAKERS = new Set([
  'matches',
  'matchesProperty',
  'property',
  'propertyOf',
  'constant',
  'conforms',
  'cond',
  'flow',
  'flowRight',
  'iteratee',
  'callback',
  'method',
  'methodOf',
  'nthArg',
  'over',
  'overEvery',
  'overSome',
  'template',
  'restParam',
]);

// Calls of functions, which a table of arguments says nothing of.
const SHAPES_4 = [
  '_.curry((a, b, c) => [a, b, c])(1)(2, 3)',
  '_.curryRight((a, b, c) => [a, b, c])(1)(2)(3)',
  '_.partial((...a) => a, 1, _, 3)(2, 4)',
  '_.partialRight((...a) => a, 1, _)(2, 3)',
  '_.ary(parseInt, 1)("12", 36)',
  '_.unary(parseInt)("12", 3)',
  '_.flip((...a) => a)(1, 2, 3)',
  '_.negate(x => x)(0)',
  '_.rearg((...a) => a, [2, 0, 1])(1, 2, 3)',
  '_.rest((a, b) => [a, b])(1, 2, 3)',
  '_.spread((a, b) => [a, b])([1, 2])',
  '_.overArgs((...a) => a, [x => x + 1, x => x * 2])(5, 10)',
  '_.wrap("a", (f, x) => [f, x])(1)',
  '(() => { const f = _.once(() => ({})); return f() === f(); })()',
  '(() => { let n = 0; const f = _.after(2, () => ++n); f(); f(); f(); return n; })()',
  '(() => { let n = 0; const f = _.before(3, () => ++n); f(); f(); f(); return [n, f()]; })()',
  '(() => { const f = _.memoize(x => ({ x })); return [f(1) === f(1), f.cache.size, f.cache.get(1)]; })()',
  '_.bind(function (b) { return [this.a, b]; }, { a: 1 })(2)',
  '_.bindKey({ a: 1, f(b) { return [this.a, b]; } }, "f")(2)',
  '_([1, 2, 3]).map(x => x * 2).filter(x => x > 2).value()',
  '_.chain([3, 1, 2]).sortBy().reverse().head().value()',
  '_([1, 2, 3, 4]).reverse().take(2).join("-")',
  '_.chain({ a: 1, b: 2 }).toPairs().map(_.last).sum().value()',
  '_([1, 2]).concat(3, [4]).push(5).value()',
  '_.tap([1], a => a.push(2))',
  '_.thru([1], a => a.concat(2))',
  '_("abc").toUpper().split("").value()',
  '_.isEqual(_([1]).map(x => x), _([1]).map(x => x))',
  '_.noConflict === undefined',
  '_([3, 2, 1]).sort().value()',
  '[..._([1, 2])]',
  '_.chain([1, [2]]).flatten().commit().value()',
  '_.uniqueId("x").length',
  '_.bindAll({ a() { return this; }, b: 1 }, ["a"])',
  '_.create({ a: 1 }, { b: 2 }).a',
  '_.mapValues(_.groupBy([{ a: 1 }, { a: 2 }, { a: 1 }], "a"), "length")',
  '_([1, 2, 3]).at(0, 2).value()',
  '_([[1, 2], [3]]).invokeMap("join", "-").value()',
  '_.chain([1, 2, 3]).plant([4, 5]).value()',
  '_([1, 2, 3]).next()',
  'JSON.stringify(_([1, 2]))',
  '_.VERSION.split(".")[0]',
  'typeof _.templateSettings.interpolate',
  '_.chain("a-b").camelCase().value()',
];
const SHAPES_3 = [
  '_([1, 2, 3]).map(x => x * 2).value()',
  '_.chain([3, 1, 2]).sortBy().first().value()',
  '_([1, 2, 3]).first()',
  '_.curry((a, b) => [a, b])(1)(2)',
  '_.compose(x => x + 1, x => x * 2)(5)',
  '_.modArgs((...a) => a, x => x + 1)(1, 2)',
  '_.spread((a, b) => [a, b])([1, 2])',
  '_.chain([{ a: 1 }, { a: 2 }]).pluck("a").sum().value()',
  '_([1, 2]).concat(3).value()',
  '_([1, 2, 3]).reverse().value()',
  '_.wrap("a", (f, x) => [f, x])(1)',
  '_.bind(function (b) { return [this.a, b]; }, { a: 1 })(2)',
  '_.map([1, 2], function (x) { return this.n + x; }, { n: 1 })',
  '_.each({ a: 1 }, function (v, k) { this[k] = v; }, {})',
  '_.VERSION.split(".")[0]',
  '_.reduce([1, 2], function (a, x) { return a + x + this.n; }, 0, { n: 1 })',
  '_.ary(parseInt, 1)("12", 36)',
  '_.negate(x => x)(0)',
  '_.findWhere([{ a: 1, b: 2 }, { a: 1 }], { a: 1, b: 2 })',
  '_([1, 2, 3]).filter(x => x > 1).map(x => x).value()',
  '_([1, 2]).contains(2)',
  '_.isEmpty(_([]))',
  '_.partial((...a) => a, 1, _, 3)(2, 4)',
  '_.max([{ a: 1 }, { a: 3 }], "a")',
  '_.min([{ a: 1 }, { a: 3 }], x => x.a)',
  '_.sum([{ a: 1 }, { a: 3 }], "a")',
];

const table = (text) =>
  text
    .trim()
    .split(/\s+/)
    .map((entry) => entry.split('='));
const TABLE_4 = table(`${COMMON}\n${ONLY_4}`);
const TABLE_3 = table(`${COMMON}\n${ONLY_3}`);

function argumentsOf(random, kinds) {
  const made = [];
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] === '?') {
      if (random.chance(0.5)) break;
      i++;
    }
    made.push(KINDS[kinds[i]](random));
  }
  return made;
}

const AGAIN = new Set([
  'pull',
  'pullAt',
  'pullAll',
  'pullAllBy',
  'pullAllWith',
  'remove',
  'fill',
  'reverse',
  'set',
  'unset',
  'update',
  'setWith',
  'updateWith',
  'merge',
  'assign',
  'defaults',
  'defaultsDeep',
  'mergeWith',
  'assignIn',
]);

function call(random, entries, head) {
  const [name, kinds] = random.pick(entries);
  const args = argumentsOf(random, kinds);
  if (MAKERS.has(name)) {
    const rest = [make.value(random, 2), make.value(random, 1)].join(', ');
    return `${head}const made = _.${name}(${args.join(', ')}); return typeof made === 'function' ? made(${rest}) : made;`;
  }
  if (AGAIN.has(name)) {
    return `${head}const given = ${args[0]}; const made = _.${name}(${['given', ...args.slice(1)].join(', ')}); return [made === given, made, given];`;
  }
  if (args.length && random.chance(0.08))
    return `${head}const made = _(${args[0]}).${name}(${args.slice(1).join(', ')}); return made && typeof made.value === 'function' ? made.value() : made;`;
  return `${head}return _.${name}(${args.join(', ')});`;
}

export const lodash = (random) => {
  const head = "const _ = require('lodash'); ";
  return random.chance(0.04) ? `${head}return ${random.pick(SHAPES_4)};` : call(random, TABLE_4, head);
};

export const lodash3 = (random) =>
  random.chance(0.05) ? `return ${random.pick(SHAPES_3)};` : call(random, TABLE_3, '');
