// Settings that scripts may change (chai.config), with chai's defaults.
// includeStack is kept for those who set it; stacks are never cut here.

module.exports = {
  includeStack: false,
  showDiff: true,
  truncateThreshold: 40,
  useProxy: true,
  proxyExcludedKeys: ['then', 'catch', 'inspect', 'toJSON'],
  deepEqual: null,
};
