/** The rules about imports look at generated files, too. */
module.exports = async function generateClientTypes() {
  require('../../scripts/setup.mjs').ensureClientTypes();
};
