const { writeFileSync } = require('node:fs');

const PATIENCE_MS = 10_000;

/** Leaves the number of passed and failed tests in the file REDRESS_COUNTS_FILE names, and lets no run hang. */
module.exports = class RunReporter {
  constructor({ watch, watchAll }) {
    this.runsOnce = !watch && !watchAll;
  }

  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    // A file that does not load has no tests to count, and yet it failed.
    const counts = { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
    writeFileSync(process.env.REDRESS_COUNTS_FILE, JSON.stringify(counts));
    if (this.runsOnce) setTimeout(endByForce, PATIENCE_MS).unref();
  }
};

function endByForce() {
  console.error(
    'Ending the run by force: a test has left something open, which --detectOpenHandles may name.',
  );
  // Without a code: Jest has its own by now and sets it on exit.
  process.exit();
}
