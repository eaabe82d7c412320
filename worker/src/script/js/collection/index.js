// What require('postman-collection') returns to scripts: the classes of `pm.request`, `pm.response` and
// `pm.cookies`, and collections as data. Certificates, proxies and URL patterns are not supported; their
// members throw an error that says so.

const { Header, HeaderList } = require('vayu:collection/headers');
const { QueryParam, FormParam } = require('vayu:collection/params');
const { Variable, VariableList, VariableScope } = require('vayu:collection/variables');
const { Cookie, CookieList } = require('vayu:collection/cookies');
const { PropertyBase, Property, Description } = require('vayu:collection/property');
const { Script, Event, EventList } = require('vayu:collection/events');
const { Item, ItemGroup, Collection } = require('vayu:collection/items');

const MISSING = [
  'Certificate',
  'CertificateList',
  'ProxyConfig',
  'ProxyConfigList',
  'UrlMatchPattern',
  'UrlMatchPatternList',
];

const missing = (name) =>
  function () {
    throw new Error(`postman-collection: ${name} is not supported by this engine; see docs/scripting.md`);
  };

module.exports = {
  PropertyList: require('vayu:collection/property_list'),
  PropertyBase,
  Property,
  Description,
  Header,
  HeaderList,
  QueryParam,
  FormParam,
  Variable,
  VariableList,
  VariableScope,
  Cookie,
  CookieList,
  Script,
  Event,
  EventList,
  Item,
  ItemGroup,
  Collection,
  Url: require('vayu:collection/url'),
  RequestBody: require('vayu:collection/body'),
  RequestAuth: require('vayu:collection/auth').RequestAuth,
  Request: require('vayu:collection/request'),
  Response: require('vayu:collection/response'),
  MutationTracker: require('vayu:collection/mutations').MutationTracker,
  Version: require('vayu:collection/version').Version,
};
for (const name of MISSING) module.exports[name] = missing(name);
