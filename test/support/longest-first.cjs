const { default: TestSequencer } = require('@jest/test-sequencer');

/** The test files that take longest, the longest first. */
const longest = [
  'faults/production-roles',
  'faults/silent-database',
  'faults/crash',
  'faults/idempotency.kill',
  'faults/inbound',
  'faults/failing-starts',
  'e2e/bad-input',
  'e2e/identity',
  'faults/event-delivery',
  'faults/races',
  'architecture/',
  'e2e/generated-requests',
  'faults/idempotency',
  'faults/',
  'e2e/dispatch',
  'e2e/import',
];

/**
 * The order of test files: those that take long start first, so that none of them is left for the end, when only one
 * worker has something to do. Jest itself knows how long they took the last time, which is nothing in a fresh clone.
 */
module.exports = class LongestFirst extends TestSequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};

function rank({ path }) {
  const index = longest.findIndex((part) => path.replaceAll('\\', '/').includes(`/test/${part}`));
  return index < 0 ? longest.length : index;
}
