// A version number of a collection, by the rules of semver 2.0.0. A value that is not a version is kept as it
// is.

const { PropertyBase } = require('vayu:collection/property');

const NUMBER = '(0|[1-9]\\d*)';
const PATTERN = new RegExp(
  `^\\s*[v=]*${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-([0-9A-Za-z.-]+))?(?:\\+([0-9A-Za-z.-]+))?\\s*$`,
);

class PostmanPropertyVersion extends PropertyBase {
  constructor(definition) {
    super(undefined);
    if (definition) this.set(definition);
  }

  set(value) {
    const found = typeof value === 'string' ? PATTERN.exec(value) : null;
    if (found === null) {
      const { raw, major, minor, patch, prerelease, build, string } = Object(value);
      Object.assign(this, { raw, major, minor, patch, prerelease, build, string });
      return;
    }
    const [, major, minor, patch, prerelease, build] = found;
    // If there is none, Postman has an empty list.
    const dotted = (text) => text?.replaceAll('.', ',') ?? [];
    Object.assign(this, {
      raw: value,
      major: Number(major),
      minor: Number(minor),
      patch: Number(patch),
      prerelease: dotted(prerelease),
      build: dotted(build),
      string: `${major}.${minor}.${patch}${prerelease === undefined ? '' : `-${prerelease}`}`,
    });
  }

  toString() {
    return this.string || this.raw;
  }
}

module.exports = { Version: PostmanPropertyVersion };
