const { paths } = require('./tsconfig.json').compilerOptions;

const common = {
  rootDir: __dirname,
  // Packages are loaded by Node, once for each worker: docs/decisions/0020-packages-are-loaded-by-node-in-tests.md
  testEnvironment: '<rootDir>/test/support/single-realm-environment.cjs',
  runtime: '<rootDir>/test/support/native-packages-runtime.cjs',
  // Node itself needs these two.
  fakeTimers: { doNotFake: ['nextTick', 'queueMicrotask'] },
  // Packages of this repository are tested as their sources.
  moduleNameMapper: Object.fromEntries(
    Object.entries(paths).map(([name, [source]]) => [`^${name}$`, source.replace(/^\./, '<rootDir>')]),
  ),
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/(libs|apps)/.*/dist/', '<rootDir>/.data/'],
  setupFiles: ['<rootDir>/test/support/no-dns.cjs'],
  transform: { '\\.[cm]?[jt]s$': '<rootDir>/test/support/jest-transformer.cjs' },
};

const database = {
  globalSetup: '<rootDir>/test/support/start-database.cjs',
  globalTeardown: '<rootDir>/test/support/stop-database.cjs',
};

module.exports = {
  coverageProvider: 'v8',
  // Jest leaves one processor idle, while many tests wait for PostgreSQL or a deadline.
  maxWorkers: '100%',
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
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
