// Objects of postman-collection: lists, URLs, requests, variables, items.


const KEYS = ['a', 'b', 'A', 'id', 'x-y', 'Content-Type'];
const VALUES = ["'1'", "'two words'", "'{{a}}'", "'a&b=c#d'", "''", 'null', "'{{b}}-{{a}}'", "'ü'"];
const URLS = [
  'http://a.com/b/c?d=e&f',
  'https://user:pass@host.example.org:8080/path/:id/x?q={{query}}&empty=&novalue#frag',
  '{{base}}/users/{{id}}',
  'a.com',
  '/just/path',
  'http://[::1]:80/x',
  'http://a.com:3000',
  'localhost:3000/:a/:b.json?x=1&x=2',
  '',
  'http://a.b/c?',
  'http://a.b?x',
  'ws://h/{{p}}?{{q}}',
  'http://a.b/c//d/',
  'http://a.b/#',
  'http://{{host}}:{{port}}/x?a={{b}}&c=d',
  'ftp://x/y%20z?p=%26',
  'http://u@h/',
  'http://:p@h/',
  'http://a.b/c?a=1&&b=2',
  'http://a.b/c?=x',
  'mailto:x@y',
  ' http://a.b/ ',
  'http://a.b/c?a=b=c',
];

const url = (random) => JSON.stringify(random.pick(URLS));
const pair = (random) =>
  `{ key: '${random.pick(KEYS)}', value: ${random.pick(VALUES)}${random.chance(0.15) ? ', disabled: true' : ''} }`;
const textPair = (random) =>
  `{ key: '${random.pick(KEYS)}', value: ${random.pick(VALUES.filter((one) => one !== 'null'))}${random.chance(0.15) ? ', disabled: true' : ''} }`;
const pairs = (random, make = pair) => `[${random.several(0, 4, () => make(random)).join(', ')}]`;
const name = (random) => `'${random.pick(KEYS)}'`;

const LIST_STEPS = [
  (r) => `l.add(${textPair(r)});`,
  (r) => `l.upsert(${textPair(r)});`,
  (r) => `l.remove(${name(r)});`,
  (r) => `l.remove((one) => one.key === ${name(r)});`,
  () => 'l.clear();',
  (r) => `l.populate(${pairs(r, textPair)});`,
  (r) => `l.repopulate(${pairs(r, textPair)});`,
  (r) => `l.assimilate(${pairs(r, textPair)}${r.chance(0.5) ? ', true' : ''});`,
  (r) => `l.prepend(new Type(${textPair(r)}));`,
  (r) => `l.append(new Type(${textPair(r)}));`,
  (r) => `l.insert(new Type(${textPair(r)}), ${name(r)});`,
  (r) => `l.insertAfter(new Type(${textPair(r)}), ${name(r)});`,
  () => 'l.add(null);',
  () => 'l.add(undefined);',
];
const LIST_ENDS = [
  (r) => `l.get(${name(r)})`,
  (r) => `l.has(${name(r)})`,
  (r) => `l.has(${name(r)}, ${r.pick(VALUES)})`,
  (r) => `l.one(${name(r)}) && l.one(${name(r)}).toJSON()`,
  () => 'l.all().length',
  () => 'l.count()',
  () => 'l.toObject()',
  () => 'l.toObject(true)',
  () => 'l.toObject(true, true)',
  () => 'l.toObject(false, false, true)',
  () => 'l.toObject(false, true, false, true)',
  () => 'l.toJSON()',
  () => 'l.toString()',
  () => "l.map((one) => one.key + '=' + one.value)",
  () => "l.filter((one) => one.key === 'a').length",
  () => "l.find((one) => one.value === '1') && 1",
  () => "l.reduce((sum, one) => sum + one.key, '')",
  () => 'l.idx(0) && l.idx(0).toJSON()',
  (r) => `l.indexOf(${name(r)})`,
  () => '{ let n = 0; l.each(() => { n += 1; return n < 2; }); return n; }',
  () => "l.find({ key: 'a' }) && 1",
  () => "l.map('key')",
  () => "l.filter({ key: 'a' }).length",
  () => 'l.members.length',
  () => 'Object.keys(l.reference)',
  () => 'l.has(l.idx(0))',
  () => 'l.indexOf(l.idx(1))',
];

function list(random) {
  const [make, Type] = random.pick([
    [`new sdk.HeaderList(null, ${pairs(random, textPair)})`, 'sdk.Header', textPair],
    [`new sdk.PropertyList(sdk.QueryParam, null, ${pairs(random)})`, 'sdk.QueryParam', pair],
    [`new sdk.VariableList(null, ${pairs(random)})`, 'sdk.Variable', pair],
    ["new sdk.HeaderList(null, 'A: 1\\r\\nb:two\\r\\nA: 3')", 'sdk.Header', textPair],
    ["new sdk.PropertyList(sdk.QueryParam, null, 'a=1&b&a=2&=x&c=')", 'sdk.QueryParam', pair],
    [`new sdk.PropertyList(sdk.FormParam, null, ${pairs(random)})`, 'sdk.FormParam', pair],
  ]);
  const steps = random.several(0, 2, () => random.pick(LIST_STEPS)(random)).join(' ');
  const end = random.pick(LIST_ENDS)(random);
  return `const Type = ${Type}; const l = ${make}; ${steps} ${end.startsWith('{') ? end : `return ${end};`}`;
}

const URL_STEPS = [
  (r) => `u.addQueryParams(${r.chance(0.5) ? "'x=1&y'" : pairs(r)});`,
  (r) => `u.removeQueryParams(${r.pick([name(r), "['a', 'd']", "[{ key: 'x' }]"])});`,
  (r) => `u.update(${url(r)});`,
  (r) => `u.variables.add(${textPair(r)});`,
  () => 'u.query.clear();',
  () => "u.host = ['x', 'y'];",
  () => "u.path = ['p', 'q'];",
  () => "u.protocol = 'https';",
  () => 'u.port = 81;',
  () => "u.query.upsert({ key: 'd', value: 'new' });",
  () => "u.variables.upsert({ key: 'id', value: '7' });",
];
const URL_ENDS = [
  'u.toString()',
  'u.toString(true)',
  'u.getHost()',
  'u.getPath()',
  'u.getPath(true)',
  'u.getQueryString()',
  'u.getPathWithQuery()',
  'u.getRemote()',
  'u.getRemote(true)',
  'u.toJSON()',
  'u.query.toObject()',
  'u.variables.toObject()',
  'u.host',
  'u.path',
  'u.port',
  'u.auth',
  'u.hash',
  'u.protocol',
  'JSON.stringify(u)',
  'u.query.count()',
  'u.getOAuth1BaseUrl()',
];

const urls = (random) => {
  const given = random.chance(0.8)
    ? url(random)
    : random.pick([
        "{ host: 'a.b', path: '/x/y', query: 'a=1' }",
        "{ protocol: 'http', host: ['a', 'b'], path: ['x', ':id'], query: [{ key: 'q', value: '1', disabled: true }], variable: [{ key: 'id', value: '5' }] }",
        "{ host: '{{h}}', port: 80, query: { a: '1', b: '2' } }",
        '{}',
        'undefined',
      ]);
  return `const u = new sdk.Url(${given}); ${random.several(0, 2, () => random.pick(URL_STEPS)(random)).join(' ')} return ${random.pick(URL_ENDS)};`;
};

const BODIES = [
  "'raw text'",
  '{ mode: \'raw\', raw: \'{"a":"{{a}}"}\' }',
  "{ mode: 'urlencoded', urlencoded: [{ key: 'a', value: 'b c' }, { key: 'd', value: 'e&f', disabled: true }] }",
  "{ mode: 'urlencoded', urlencoded: 'a=1&b=2' }",
  "{ mode: 'formdata', formdata: [{ key: 'a', value: 'b' }, { key: 'f', type: 'file', src: '/x' }] }",
  "{ mode: 'graphql', graphql: { query: '{ a }', variables: '{}' } }",
  "{ mode: 'file', file: { src: '/x' } }",
  "{ mode: 'file', file: '/x' }",
  "{ mode: 'raw' }",
  '{}',
  "{ mode: 'urlencoded' }",
  "{ mode: 'raw', raw: '', options: { raw: { language: 'json' } } }",
];
const BODY_ENDS = ['b.toString()', 'b.isEmpty()', 'b.toJSON()', 'b.mode', 'JSON.stringify(b)'];
const bodies = (random) => `const b = new sdk.RequestBody(${random.pick(BODIES)}); return ${random.pick(BODY_ENDS)};`;

const AUTHS = [
  "{ type: 'basic', basic: [{ key: 'username', value: 'u' }, { key: 'password', value: 'p' }] }",
  "{ type: 'bearer', bearer: [{ key: 'token', value: '{{t}}' }] }",
  "{ type: 'noauth' }",
  "{ type: 'apikey', apikey: { key: 'k', value: 'v' } }",
];
const REQUEST_STEPS = [
  (r) => `q.addHeader(${textPair(r)});`,
  (r) => `q.removeHeader(${name(r)}${r.chance(0.4) ? ', { ignoreCase: true }' : ''});`,
  (r) => `q.upsertHeader(${textPair(r)});`,
  (r) => `q.addQueryParams(${r.chance(0.5) ? "'x=1'" : pairs(r)});`,
  (r) => `q.removeQueryParams(${name(r)});`,
  (r) => `q.update({ url: ${url(r)}, method: 'put' });`,
  (r) => `q.update({ header: ${pairs(r, textPair)} });`,
  (r) => `q.update({ body: ${r.pick(BODIES)} });`,
  () => "q.authorizeUsing('bearer', { token: 'x' });",
  () => 'q.authorizeUsing(null);',
  () => "q.authorizeUsing({ type: 'basic', username: 'u' });",
  () => "q.method = 'patch';",
  () => "q.authorizeUsing('noauth');",
];
const REQUEST_ENDS = [
  'q.toJSON()',
  'q.clone().toJSON()',
  'q.size()',
  'q.getHeaders()',
  'q.getHeaders({ ignoreCase: true, enabled: true })',
  'q.headers.toJSON()',
  'q.url.toString()',
  'q.method',
  'q.body && q.body.toString()',
  'q.auth && q.auth.toJSON()',
  'q.auth && q.auth.type',
  'q.auth && q.auth.parameters() && q.auth.parameters().toObject()',
  'JSON.stringify(q)',
  '{ const seen = []; q.forEachHeader((header) => { seen.push(header.key); }); return seen; }',
];
const requests = (random) => {
  const parts = [`url: ${url(random)}`];
  if (random.chance(0.6)) parts.push(`method: '${random.pick(['GET', 'post', 'DELETE', 'x'])}'`);
  if (random.chance(0.6)) parts.push(`header: ${random.chance(0.85) ? pairs(random, textPair) : "'A: 1\\nB: 2'"}`);
  if (random.chance(0.5)) parts.push(`body: ${random.pick(BODIES.slice(1))}`);
  if (random.chance(0.3)) parts.push(`auth: ${random.pick(AUTHS)}`);
  const given = random.chance(0.9) ? `{ ${parts.join(', ')} }` : url(random);
  const end = random.pick(REQUEST_ENDS);
  return `const q = new sdk.Request(${given}); ${random.several(0, 2, () => random.pick(REQUEST_STEPS)(random)).join(' ')} ${end.startsWith('{') ? end : `return ${end};`}`;
};

const TEMPLATES = [
  "'{{a}} and {{b}}'",
  "'{{a}}{{missing}}'",
  "'{{nested}}'",
  "'no variables'",
  "''",
  "'{{ a }}'",
  "'{{a'",
  "'{{{a}}}'",
  "'{{loop}}'",
  "'{{obj}} {{num}} {{yes}} {{no}}'",
  "'{{fn}}'",
  "'{{}}'",
  'null',
  '5',
  "'{{x.y}}'",
];
const SCOPE =
  "{ a: '1', b: 'two', nested: '{{a}}-{{b}}', loop: '{{loop}}', num: 5, obj: { x: 1 }, yes: true, no: false, fn: () => 'made', zero: 0, 'x.y': 'dot', nothing: null }";
const OBJECTS = [
  "{ x: '{{a}}', y: ['{{b}}', 1], z: { w: '{{nested}}' } }",
  "['{{a}}', '{{b}}']",
  "{ n: null, d: 5, s: '{{a}}' }",
  "{ '{{a}}': '{{a}}' }",
  "'{{a}}'",
  'null',
  '{}',
];
const substitutions = (random) =>
  random.pick([
    () => `return sdk.Property.replaceSubstitutions(${random.pick(TEMPLATES)}, ${SCOPE});`,
    () => `return sdk.Property.replaceSubstitutions(${random.pick(TEMPLATES)}, { b: 'near' }, ${SCOPE});`,
    () => `return sdk.Property.replaceSubstitutions(${random.pick(TEMPLATES)}, [{ b: 'near' }, ${SCOPE}]);`,
    () => `return sdk.Property.replaceSubstitutionsIn(${random.pick(OBJECTS)}, [${SCOPE}]);`,
    () => `return sdk.Property.findSubstitutions(${random.pick(OBJECTS)});`,
    () => `const l = new sdk.VariableList(null, ${pairs(random)}); return l.replace(${random.pick(TEMPLATES)});`,
    () =>
      `const l = new sdk.VariableList(null, ${pairs(random)}); return l.substitute(${random.pick(OBJECTS)}, ${random.pick(['null', 'undefined', "[{ a: 'over' }]"])});`,
    () =>
      `const l = new sdk.VariableList(null, ${pairs(random)}); return [l.syncFromObject({ a: 5, n: 'new' }, true, ${random.chance(0.5)}), l.toJSON()];`,
    () =>
      `const l = new sdk.VariableList(null, ${pairs(random)}); return l.syncToObject(${random.pick(['undefined', '{ gone: 1 }', '{ a: 0 }'])});`,
  ])();

const SCOPE_STEPS = [
  (r) => `s.set(${name(r)}, ${r.pick(VALUES)});`,
  (r) => `s.unset(${name(r)});`,
  () => 's.clear();',
  () => "s.set('n', 5, 'number');",
  () => "s.set('o', { a: 1 });",
  () => "s.addLayer(new sdk.VariableList(null, [{ key: 'a', value: 'layer' }, { key: 'deep', value: 'yes' }]));",
  () => "s.syncVariablesFrom({ a: 'synced' });",
  () => 's.enableTracking();',
];
const SCOPE_ENDS = [
  (r) => `s.get(${name(r)})`,
  (r) => `s.has(${name(r)})`,
  () => 's.toObject()',
  () => 's.toObject(true)',
  () => '(({ id, ...rest }) => rest)(s.toJSON())',
  (r) => `s.replaceIn(${r.pick(TEMPLATES)})`,
  (r) => `s.replaceIn(${r.pick(OBJECTS)})`,
  () => 's.values.count()',
  () => 's.syncVariablesTo()',
  () => 's.values.map((one) => one.key + one.type)',
  () => 's.mutations && s.mutations.count()',
  () => 'typeof s.id',
  () => 's.variables()',
  () => 'sdk.VariableScope.isVariableScope(s)',
];
const scopes = (random) => {
  const given = random.pick([
    pairs(random),
    `{ values: ${pairs(random)}, name: 'env' }`,
    `new sdk.VariableList(null, ${pairs(random)})`,
    'undefined',
  ]);
  const layers = random.chance(0.25) ? `, new sdk.VariableList(null, ${pairs(random)})` : '';
  return `const s = new sdk.VariableScope(${given}${layers}); ${random.several(0, 3, () => random.pick(SCOPE_STEPS)(random)).join(' ')} return ${random.pick(SCOPE_ENDS)(random)};`;
};

const ITEM =
  "{ id: 'i1', name: 'first', request: { url: 'http://a.b/{{p}}', method: 'POST' }, event: [{ listen: 'test', script: { id: 's1', exec: ['a', 'b'] } }, { listen: 'prerequest', script: { id: 's2', exec: 'c' } }], response: [{ id: 'r1', name: 'ok', code: 200, status: 'OK', body: '{}' }] }";
const TREE = `{ id: 'c1', info: { id: 'c1', name: 'tree', version: '1.2.3-beta.1', description: 'about' }, variable: [{ key: 'p', value: 'path' }], auth: { type: 'basic', basic: [{ key: 'username', value: 'root' }] }, event: [{ listen: 'test', script: { id: 's0', exec: 'root' } }], item: [${ITEM}, { id: 'g1', name: 'folder', auth: { type: 'bearer', bearer: [{ key: 'token', value: 't' }] }, item: [{ id: 'i2', name: 'second', request: 'http://c.d/', protocolProfileBehavior: { x: 1 } }] }] }`;
const TREE_ENDS = [
  'c.items.count()',
  "c.items.one('i1').name",
  "c.items.map('name')",
  "c.oneDeep('second') && c.oneDeep('second').id",
  "c.oneDeep('i2').getPath()",
  "c.oneDeep('i2').getAuth().type",
  "c.oneDeep('i1').getAuth().type",
  'c.variables.toObject()',
  'c.toJSON()',
  '{ const seen = []; c.forEachItem((one) => { seen.push(one.name); }); return seen; }',
  '{ const seen = []; c.forEachItemGroup((one) => { seen.push(one.name); }); return seen; }',
  "c.oneDeep('i2').parent().name",
  "c.oneDeep('i1').events.listeners('test').map((one) => one.script.toSource())",
  "c.oneDeep('i1').toObjectResolved(null, []).request.url.path",
  'c.version.toString()',
  'c.version.major',
  'c.name',
  'String(c.description)',
  "c.oneDeep('i2').getProtocolProfileBehaviorResolved()",
  "c.oneDeep('none')",
  'c.syncVariablesTo()',
  '[c.syncVariablesFrom({ n: 1 }, true), c.variables.toObject()]',
  'sdk.Collection.isCollection(c) && sdk.ItemGroup.isItemGroup(c)',
  "sdk.Item.isItem(c.oneDeep('i1'))",
  "c.oneDeep('i1').responses.count()",
  "c.oneDeep('i1').request.url.toString()",
  'c.items.all().length',
  "c.oneDeep('i2').findInParents('auth').type",
  'c.events.count()',
  "c.oneDeep('i1').getEvents('prerequest').length",
  "(c.items.add({ id: 'i3', name: 'third', request: 'http://x/' }), c.items.map('id'))",
  "(c.items.remove('g1'), c.items.count())",
  "JSON.stringify(c.oneDeep('i1'))",
  "c.authorizeRequestsUsing('noauth') || c.auth.type",
];
const trees = (random) => {
  const end = random.pick(TREE_ENDS);
  return `const c = new sdk.Collection(${TREE}); ${end.startsWith('{') ? end : `return ${end};`}`;
};
const ITEM_ENDS = [
  'x.toJSON()',
  'x.getPath()',
  'x.events.toJSON()',
  'x.getEvents().length',
  "x.setProtocolProfileBehavior('a', 1).getProtocolProfileBehavior()",
  "x.unsetProtocolProfileBehavior('a') === x",
  'x.request.method',
  'x.responses.map((one) => one.code)',
  "x.authorizeRequestUsing('basic', { username: 'u' }) || x.request.auth.toJSON()",
  'x.meta()',
  'x.findSubstitutions()',
  "x.describe('text') || x.description.toString()",
];
const items = (random) => `const x = new sdk.Item(${ITEM}); return ${random.pick(ITEM_ENDS)};`;

const SINGLES = [
  (r) => `new sdk.Header(${textPair(r)}).toString()`,
  () => "new sdk.Header('A: b').toJSON()",
  () => "new sdk.Header('v', 'k').toJSON()",
  () => "sdk.Header.parse('A: 1\\r\\nB: 2\\nC')",
  () => "sdk.Header.parseSingle('A:b:c')",
  (r) => `sdk.Header.unparse(${pairs(r, textPair)})`,
  (r) => `sdk.QueryParam.unparse(${pairs(r)})`,
  () => "sdk.QueryParam.unparse({ a: 'b', c: 'd&e' })",
  () => "sdk.QueryParam.parse('a=b&&c&d=e=f&')",
  (r) => `new sdk.QueryParam(${pair(r)}).toString()`,
  () => "new sdk.QueryParam('a=b').toJSON()",
  () => "new sdk.Cookie('a=b; Path=/; HttpOnly; SameSite=Lax').toString()",
  () => "sdk.Cookie.parse('a=b; Domain=x.y; Max-Age=5; Secure')",
  () => "new sdk.Cookie({ name: 'a', value: 'b c' }).valueOf()",
  () => "sdk.Cookie.stringify({ name: 'a', value: 'b', domain: 'd' })",
  () => "sdk.Cookie.unparse([{ name: 'a', value: '1' }, { name: 'b', value: '2' }])",
  (r) => `new sdk.Variable(${pair(r)}).toJSON()`,
  () => "new sdk.Variable({ key: 'a', value: '5', type: 'number' }).get()",
  () => "new sdk.Variable({ key: 'a', value: '{\"x\":1}', type: 'object' }).valueOf()",
  () => "new sdk.Variable({ key: 'a', value: 'x', type: 'boolean' }).toJSON()",
  () =>
    "(() => { const v = new sdk.Variable({ key: 'a' }); v.set(5); v.valueType('string'); return [v.get(), v.toString(), v.cast(7)]; })()",
  () => "new sdk.Variable({ key: 'f', value: () => 'made' }).get()",
  () => "new sdk.Script({ id: 's', exec: 'a\\nb' }).toJSON()",
  () => "new sdk.Script({ exec: ['a', 'b'] }).toSource()",
  () => "new sdk.Script({ exec: ' ' }).isEmpty()",
  () => "new sdk.Event({ listen: 'test', script: 'x' }).script.exec",
  () => "new sdk.Version('1.2.3-a.b+c').toJSON()",
  () => "new sdk.Version('1.2').toString()",
  () => "new sdk.Description('text').toJSON()",
  () => "new sdk.Description({ content: 'c', type: 'text/markdown' }).toString()",
  (r) =>
    `(() => { const auth = new sdk.RequestAuth(${r.pick(AUTHS)}); return [auth.type, auth.parameters() && auth.parameters().toObject(), auth.toJSON()]; })()`,
  () =>
    "(() => { const auth = new sdk.RequestAuth({ type: 'basic' }); auth.update([{ key: 'username', value: 'u' }]); auth.use('bearer', { token: 't' }); auth.clear('basic'); return auth.toJSON(); })()",
  () => "sdk.RequestAuth.isValidType('type')",
  () => "new sdk.RequestAuth({ type: 'basic' }).current()",
  () => "new sdk.Property({ id: 'x', name: 'n', disabled: 1, description: 'd', _meta: 5 }).toJSON()",
  () => "new sdk.Property({ _a: 1, _b: 2 }).meta('a')",
  () => "new sdk.FormParam({ key: 'a', value: 'b' }).toString()",
  () => "new sdk.FormParam({ key: 'a', type: 'file', src: 'x' }).toJSON()",
  () => "new sdk.Response({ id: 'r', code: 404, header: [{ key: 'A', value: 'b' }], body: '{\"x\":1}' }).toJSON()",
  () => 'new sdk.Response({ code: 200, body: \'{"x":1}\' }).json()',
  () => 'new sdk.Response({ code: 418 }).reason()',
  () =>
    "new sdk.Response({ code: 200, header: [{ key: 'Content-Type', value: 'application/json; charset=utf-8' }] }).contentInfo()",
  () => 'new sdk.Response({ code: 204 }).details()',
  () => "new sdk.Response({ code: 200, body: 'x', header: [{ key: 'A', value: 'b' }] }).size()",
  () => 'new sdk.Response({ code: 200, body: \'f({"a":1})\' }).jsonp()',
  () => "sdk.Url.isUrl(new sdk.Url('x')) && sdk.Header.isHeader(new sdk.Header('a: b'))",
  () => 'Object.keys(sdk).length > 20',
  () => 'sdk.PropertyList.isPropertyList(new sdk.HeaderList(null, []))',
  () =>
    "(() => { const t = new sdk.MutationTracker(); t.track('set', 'a', 1); t.track('unset', 'b'); t.compact(); return [t.count(), t.toJSON()]; })()",
];
const singles = (random) => `return ${random.pick(SINGLES)(random)};`;

export function collection(random) {
  return `const sdk = require('postman-collection'); ${random.pick([list, list, urls, urls, requests, requests, bodies, substitutions, scopes, scopes, trees, items, singles, singles])(random)}`;
}
