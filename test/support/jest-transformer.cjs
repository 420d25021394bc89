// TypeScript, and whatever in node_modules is ESM only, becomes CommonJS; CommonJS packages pass through untouched.
const { createHash } = require('node:crypto');
const swc = require('@swc/core');

const looksLikeEsm = /^\s*(?:import\s*[\w{*'"]|export\s*[\w{*])|\bimport\.meta\b/m;

const typescript = {
  parser: { syntax: 'typescript', decorators: true, dynamicImport: true },
  transform: {
    legacyDecorator: true,
    decoratorMetadata: true,
    useDefineForClassFields: false,
    hidden: { jest: true },
  },
  target: 'es2022',
  keepClassNames: true,
};
const javascript = {
  parser: { syntax: 'ecmascript', dynamicImport: true, importMeta: true },
  target: 'es2022',
};

const cacheSalt = [
  require('@swc/core/package.json').version,
  process.version,
  JSON.stringify([typescript, javascript]),
].join();

module.exports = {
  getCacheKey: (source, file, { instrument }) =>
    createHash('sha256').update([cacheSalt, file, instrument, source].join('\0')).digest('hex').slice(0, 32),
  process(source, filename) {
    const fromPackage = filename.includes('node_modules');
    if (fromPackage && !looksLikeEsm.test(source)) return { code: source };
    return swc.transformSync(source, {
      filename,
      swcrc: false,
      configFile: false,
      sourceMaps: fromPackage ? false : 'inline',
      module: { type: 'commonjs' },
      jsc: fromPackage ? javascript : typescript,
    });
  },
};
