const { writeFileSync } = require('node:fs');

/** A Jest reporter that leaves the number of passed and failed tests in the file REDRESS_COUNTS_FILE names. */
module.exports = class CountReporter {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    // A file that does not load has no tests to count, and yet it failed.
    const counts = { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
    writeFileSync(process.env.REDRESS_COUNTS_FILE, JSON.stringify(counts));
  }
};
