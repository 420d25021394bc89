import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const onlyFromPorts = [
  ["NewExpression[callee.name='Date'][arguments.length=0]", 'Ask the clock for the time.'],
  ["CallExpression[callee.object.name='Date'][callee.property.name='now']", 'Ask the clock for the time.'],
  ["CallExpression[callee.object.name='Math'][callee.property.name='random']", 'Ask for an id.'],
  ['Decorator', 'The domain knows no framework.'],
  ['ThrowStatement', 'Refuse with a value.'],
].map(([selector, message]) => ({ selector, message }));

const nodeGlobals = [
  'process',
  'console',
  'Buffer',
  'URL',
  'AbortController',
  'AbortSignal',
  'fetch',
  'performance',
];
const timers = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'structuredClone',
];
const commonJs = ['require', 'module', 'exports', '__dirname', '__filename', 'globalThis'];
const readonly = (names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

/** Files of the domain that may have more than 150 lines: each is one list, or one port, that splitting would hide. */
const longDomainFiles = [
  'libs/domain/src/index.ts',
  'libs/domain/src/in-memory/reads.ts',
  'libs/domain/src/ports/reads.ts',
];

export default defineConfig(
  { ignores: ['**/dist/', '**/coverage/', '**/generated/', '.data/', 'node_modules/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: 'tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Nest finds modules and controllers by their class, however empty.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true, allowEmpty: true }],
      // A port is asynchronous for the sake of the slowest adapter; another may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // A text is spread into code points on purpose, a DTO into a command.
      '@typescript-eslint/no-misused-spread': 'off',
      // TypeORM declares the options of an entity schema as a class, and means an object.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/restrict-plus-operands': ['error', { allowNumberAndString: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `return settle(x)` as an early end, and `() => count++`, are clear enough.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  {
    // Type imports would leave nothing for dependency injection to read at run time.
    files: ['apps/**/*.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    files: ['libs/domain/src/**/*.ts'],
    ignores: ['**/*.spec.ts', 'libs/domain/src/testing/**'],
    rules: { 'no-restricted-syntax': ['error', ...onlyFromPorts] },
  },
  {
    // A file is read in one go, and has one subject.
    files: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'],
    ignores: ['**/*.spec.ts', 'libs/domain/src/testing/**', 'libs/typeorm/src/migrations/**'],
    rules: { 'max-lines': ['error', 250] },
  },
  {
    files: ['libs/domain/src/**/*.ts'],
    ignores: ['**/*.spec.ts', 'libs/domain/src/testing/**', ...longDomainFiles],
    rules: { 'max-lines': ['error', 150] },
  },
  {
    // Tests look into answers whose shape is what they are about to prove.
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Settings of tools stand outside the TypeScript project.
    files: ['**/*.config.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { project: false } },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: readonly([...nodeGlobals, ...timers]) },
    rules: {
      eqeqeq: 'error',
      'no-const-assign': 'error',
      'no-dupe-keys': 'error',
      'no-undef': 'error',
      'no-unreachable': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: readonly(commonJs) },
  },
);
