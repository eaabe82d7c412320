// Scripts of collections as data: `Script`, the `Event` it listens to and the list of these. Nothing here runs them.

const { Property, isObject } = require('vayu:collection/property');
const PropertyList = require('vayu:collection/property_list');

class PostmanScript extends Property {
  constructor(definition) {
    super(definition);
    this.giveId();
    if (definition) this.update(definition);
  }

  update(definition) {
    const isText = typeof definition === 'string' || Array.isArray(definition);
    const given = isText ? { exec: definition } : definition;
    if (!given) return;
    this.type = given.type || 'text/javascript';
    this.packages = given.packages;
    if (Object.hasOwn(given, 'src')) {
      const Url = require('vayu:collection/url');
      this.src = new Url(given.src);
    }
    if (this.src || !Object.hasOwn(given, 'exec')) return;
    const { exec } = given;
    this.exec = typeof exec === 'string' ? exec.split(/\r?\n/) : Array.isArray(exec) ? exec : undefined;
  }

  toSource() {
    return this.exec ? this.exec.join('\n') : undefined;
  }

  isEmpty() {
    return (this.toSource() ?? '').trim() === '';
  }

  static isScript(value) {
    return value instanceof PostmanScript;
  }
}

class PostmanEvent extends Property {
  static isLinked = true;
  static indexKey = 'id';

  constructor(definition) {
    super(definition);
    this.update(definition);
  }

  update(definition) {
    if (!isObject(definition)) return;
    const { listen, script } = definition;
    if (typeof listen === 'string') this.listen = listen;
    if (PostmanScript.isScript(script)) this.script = script;
    else if (typeof script === 'string' || isObject(script)) this.script = new PostmanScript(script);
  }

  static isEvent(value) {
    return value instanceof PostmanEvent;
  }
}

class PostmanEventList extends PropertyList {
  constructor(parent, events) {
    super(PostmanEvent, parent, events);
  }

  listenersOwn(name) {
    return this.filter((event) => !event.disabled && event.listen === name);
  }

  // Returns the listeners of its ancestors before its own, the outermost first.
  listeners(name) {
    const found = this.listenersOwn(name);
    for (let owner = this.__parent?.__parent; owner; owner = owner.__parent) {
      if (PostmanEventList.isEventList(owner.events)) found.unshift(...owner.events.listenersOwn(name));
    }
    return found;
  }

  static isEventList(value) {
    return value instanceof PostmanEventList;
  }
}

module.exports = { Script: PostmanScript, Event: PostmanEvent, EventList: PostmanEventList };
