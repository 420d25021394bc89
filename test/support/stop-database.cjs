/** Ends the PostgreSQL of this test run, if it started one, and removes its data. */
module.exports = async function stopDatabase() {
  await globalThis.stopTestDatabase?.();
};
