const { paths } = require('./tsconfig.json').compilerOptions;

const common = {
  rootDir: __dirname,
  testEnvironment: 'node',
  // Packages of this repository are tested as their sources.
  moduleNameMapper: Object.fromEntries(
    Object.entries(paths).map(([name, [source]]) => [`^${name}$`, source.replace(/^\./, '<rootDir>')]),
  ),
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/(libs|apps)/.*/dist/', '<rootDir>/.data/'],
  transform: { '\\.[cm]?[jt]s$': '<rootDir>/test/support/jest-transformer.cjs' },
  // NestJS 12 and several of its dependencies are ESM only, which Jest on Node 20 cannot require as they are.
  transformIgnorePatterns: [],
};

const database = {
  globalSetup: '<rootDir>/test/support/start-database.cjs',
  globalTeardown: '<rootDir>/test/support/stop-database.cjs',
};

module.exports = {
  coverageProvider: 'v8',
  // Jest leaves one processor idle, while many tests wait for PostgreSQL or a deadline.
  maxWorkers: '100%',
  // A guard against tests that hang, not a promise of speed: the machine may be busy.
  testTimeout: 30_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/{libs,apps,scripts,examples,test/model}/**/*.spec.ts'],
    },
    {
      ...common,
      globalSetup: '<rootDir>/test/support/generate-client-types.cjs',
      displayName: 'architecture',
      testMatch: ['<rootDir>/test/architecture/**/*.spec.ts'],
    },
    {
      ...common,
      ...database,
      displayName: 'postgres',
      testMatch: ['<rootDir>/test/{contract,e2e,faults}/**/*.spec.ts'],
    },
  ],
};
