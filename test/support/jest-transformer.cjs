// Sources of this repository become CommonJS, from TypeScript or from ESM.
const { createHash } = require('node:crypto');
const swc = require('@swc/core');

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
    return swc.transformSync(source, {
      filename,
      swcrc: false,
      configFile: false,
      sourceMaps: 'inline',
      module: { type: 'commonjs' },
      jsc: filename.endsWith('ts') ? typescript : javascript,
    });
  },
};
