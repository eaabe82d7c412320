// An assertion library with the interface and the messages of chai 4.4: expect, should, assert and the means
// to extend them. The members are defined once, when this file is loaded; the assert and should styles are
// loaded when they are first read.

const { Assertion, AssertionError, expect } = require('vayu:chai/assertion');
const config = require('vayu:chai/config');
const values = require('vayu:chai/values');
const members = require('vayu:chai/members');
const numbers = require('vayu:chai/numbers');
const properties = require('vayu:chai/properties');
const functions = require('vayu:chai/functions');

// Plugins that are already in use.
const used = [];

values.defineWords();
values.defineTypes();
members.defineInclude();
values.defineChecks();
values.defineEquality();
numbers.defineOrder();
values.defineInstance();
properties.defineProperties();
numbers.defineLength();
values.defineTexts();
properties.defineKeys();
functions.defineCalls();
numbers.defineCloseness();
members.defineMembers();
functions.defineEffects();
values.defineStates();

expect.fail = function (actual, expected, message, operator) {
  const single = arguments.length < 2;
  const text = single ? actual : message;
  throw new AssertionError(text || 'expect.fail()',
    { actual: single ? undefined : actual, expected, operator }, expect.fail);
};

const chai = {
  version: '4.3.8', // what chai 4.4.1 says of itself,
  AssertionError,
  Assertion,
  config,
  expect,
  get util() { return require('vayu:chai/util'); },
  get assert() { return require('vayu:chai/assert'); },
  get should() { return require('vayu:chai/should'); },
  get Should() { return require('vayu:chai/should'); },
  use(plugin) {
    if (!used.includes(plugin)) {
      plugin(chai, chai.util);
      used.push(plugin);
    }
    return chai;
  },
};

module.exports = chai;
