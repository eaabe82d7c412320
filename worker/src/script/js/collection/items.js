// Collections as data: `Item` (a request with its events and saved responses), `ItemGroup` (a folder) and
// `Collection`. Nothing here is sent or run.

const { Property, isObject } = require('vayu:collection/property');
const PropertyList = require('vayu:collection/property_list');
const { EventList } = require('vayu:collection/events');
const { VariableList } = require('vayu:collection/variables');
const { RequestAuth } = require('vayu:collection/auth');
const Request = require('vayu:collection/request');
const Response = require('vayu:collection/response');

const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';

const authOf = (owner) => (RequestAuth.isValidType(owner?.auth?.type) ? owner.auth : undefined);
const behaviorOf = (owner) => (isObject(owner?.protocolProfileBehavior) ? owner.protocolProfileBehavior : {});

// The common part of requests and folders.
class Member extends Property {
  begin(definition) {
    this.giveId();
    this.events = new EventList(this, definition?.event);
    if (isObject(definition?.protocolProfileBehavior)) {
      this.protocolProfileBehavior = definition.protocolProfileBehavior;
    }
  }

  getProtocolProfileBehavior() {
    return behaviorOf(this);
  }

  // Includes the settings of its folders, the nearest first.
  getProtocolProfileBehaviorResolved() {
    let resolved = behaviorOf(this);
    this.forEachParent({ withRoot: true }, (owner) => {
      resolved = { ...behaviorOf(owner), ...resolved };
    });
    return resolved;
  }

  setProtocolProfileBehavior(key, value) {
    if (typeof key !== 'string') return this;
    this.protocolProfileBehavior ??= {};
    this.protocolProfileBehavior[key] = value;
    return this;
  }

  unsetProtocolProfileBehavior(key) {
    if (typeof key === 'string' && isObject(this.protocolProfileBehavior)) delete this.protocolProfileBehavior[key];
    return this;
  }
}

class PostmanItem extends Member {
  static isLinked = true;
  static indexKey = 'id';

  constructor(definition) {
    super(definition);
    if (definition) this.request = new Request(definition.request);
    this.responses = new PropertyList(Response, this, definition?.response);
    this.begin(definition);
  }

  // Returns the authentication of the request, or of the nearest folder that has one.
  getAuth() {
    return authOf(this.request) ?? this.findInParents('auth', authOf);
  }

  getEvents(name) {
    return name ? this.events.filter((event) => event.listen === name) : this.events.all();
  }

  authorizeRequestUsing(type, options) {
    this.request ??= new Request();
    return this.request.authorizeUsing(type, options);
  }

  // Returns the names of its folders, and its own.
  getPath() {
    const path = [this.name];
    this.forEachParent({ withRoot: true }, (owner) => path.unshift(owner.name));
    return path;
  }

  static isItem(value) {
    return value instanceof PostmanItem;
  }
}

class PostmanItemGroup extends Member {
  constructor(definition) {
    super(definition);
    this.items = new ItemList(this, definition?.item);
    if (definition?.auth) this.auth = new RequestAuth(definition.auth);
    this.begin(definition);
  }

  forEachItem(callback) {
    this.items.each((item) => (isGroup(item) ? item.forEachItem(callback) : callback(item, this)));
  }

  // The inner ones first.
  forEachItemGroup(callback) {
    for (const item of this.items.all()) {
      if (!isGroup(item)) continue;
      item.forEachItemGroup(callback);
      callback(item, this);
    }
  }

  oneDeep(idOrName) {
    if (typeof idOrName !== 'string') return undefined;
    for (const item of this.items.all()) {
      if (item.id === idOrName || item.name === idOrName) return item;
      const within = isGroup(item) ? item.oneDeep(idOrName) : undefined;
      if (within) return within;
    }
    return undefined;
  }

  authorizeRequestsUsing(type, options) {
    Request.authorize(this, type, options);
  }

  static isItemGroup(value) {
    return value instanceof PostmanItemGroup;
  }
}

const isGroup = PostmanItemGroup.isItemGroup;

class ItemList extends PropertyList {
  constructor(parent, items) {
    super(PostmanItem, parent, items);
  }

  make(item) {
    if (item instanceof PostmanItem || isGroup(item)) return item;
    return item?.item ? new PostmanItemGroup(item) : new PostmanItem(item);
  }
}

class PostmanCollection extends PostmanItemGroup {
  constructor(definition) {
    super(definition);
    this.variables = new VariableList(this, definition?.variable);
    if (definition?.info?.version) {
      const { Version } = require('vayu:collection/version');
      this.version = new Version(definition.info.version);
    }
  }

  syncVariablesFrom(object, track) {
    return this.variables.syncFromObject(object, track);
  }

  syncVariablesTo(object) {
    return this.variables.syncToObject(object);
  }

  toJSON() {
    const { id, name, version, description, ...others } = super.toJSON();
    const info = { _postman_id: this.id, name: this.name, version: this.version, schema: SCHEMA };
    if (description !== undefined) info.description = this.description;
    return { ...others, info };
  }

  static isCollection(value) {
    return value instanceof PostmanCollection;
  }
}

module.exports = { Item: PostmanItem, ItemGroup: PostmanItemGroup, Collection: PostmanCollection };
