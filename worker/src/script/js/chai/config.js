// Settings that scripts may change (chai.config), with chai's defaults. `deepEqual` is defined with the
// assertions that compare (chai/values.js). includeStack is kept for scripts that set it; stacks are never
// cut here.

const { settings } = require('vayu:settings');

module.exports = settings(() => ({
  includeStack: false,
  showDiff: true,
  truncateThreshold: 40,
  useProxy: true,
  proxyExcludedKeys: ['then', 'catch', 'inspect', 'toJSON'],
}));
