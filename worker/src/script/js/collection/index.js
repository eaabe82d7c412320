// The objects behind `pm.request`, `pm.response` and `pm.cookies`, and what require('postman-collection')
// gives to scripts. Collections, items, events, certificates, proxies, variable scopes and version numbers
// of that package are not here.

const { Header, HeaderList } = require('vayu:collection/headers');
const { QueryParam, FormParam, Variable, VariableList } = require('vayu:collection/params');
const { Cookie, CookieList } = require('vayu:collection/cookies');
const { Property, Description } = require('vayu:collection/property');

module.exports = {
  PropertyList: require('vayu:collection/property_list'),
  Property, Description,
  Header, HeaderList,
  QueryParam, FormParam, Variable, VariableList,
  Cookie, CookieList,
  Url: require('vayu:collection/url'),
  RequestBody: require('vayu:collection/body'),
  RequestAuth: require('vayu:collection/auth').RequestAuth,
  Request: require('vayu:collection/request'),
  Response: require('vayu:collection/response'),
};
