const SPEC = '\\.spec\\.ts$';
const KITS = '^libs/domain/src/(in-memory|testing)/';
const DOMAIN_ENTRY_POINTS = ['^libs/domain/src/index\\.ts$', '^libs/domain/src/[^/]+/index\\.ts$'];
const ENTRY_POINTS = ['^libs/[^/]+/src/index\\.ts$', '^libs/[^/]+/src/[^/]+/index\\.ts$'];

/** Folders of the app that features share. A folder that is not named here is a feature. */
const KERNEL =
  '^apps/api/src/(access-records|auth|config|exception-dto|http|idempotency|observability|problems|storage)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'domain-is-pure',
      comment: 'The domain imports nothing but itself: no package, nothing of Node, nothing of the app.',
      severity: 'error',
      from: { path: '^libs/domain/src/', pathNot: [SPEC, '^libs/domain/src/testing/'] },
      to: { pathNot: '^libs/domain/src/' },
    },
    {
      name: 'testing-kit-asserts-only',
      comment: 'The testing kit works with any test runner: it imports the domain and node:assert.',
      severity: 'error',
      from: { path: '^libs/domain/src/testing/', pathNot: SPEC },
      to: { pathNot: ['^libs/domain/src/', '^(node:)?assert(/strict)?$'] },
    },
    {
      name: 'rules-know-no-ports',
      comment: 'What may happen and what it means is pure; only a desk asks for stores, time and ids.',
      severity: 'error',
      from: {
        path: '^libs/domain/src/',
        pathNot: ['^libs/domain/src/(desks|ports)/', ...ENTRY_POINTS, KITS, SPEC],
      },
      to: { path: '^libs/domain/src/ports/' },
    },
    {
      name: 'domain-without-its-kits',
      comment: 'The in-memory adapter and the testing kit know the domain, never the other way round.',
      severity: 'error',
      from: { path: '^libs/domain/src/', pathNot: [KITS, SPEC] },
      to: { path: KITS },
    },
    {
      name: 'packages-through-their-entry-points',
      comment: 'Apps import a package as its users do.',
      severity: 'error',
      from: { pathNot: ['^libs/', '^test/'] },
      to: { path: '^libs/[^/]+/src/', pathNot: ENTRY_POINTS },
    },
    {
      name: 'tests-through-entry-points',
      comment:
        'Tests use the domain and the client as their users do; of an adapter they may look at the inside.',
      severity: 'error',
      from: { path: '^test/' },
      to: { path: '^libs/(domain|client)/src/', pathNot: ENTRY_POINTS },
    },
    {
      name: 'packages-through-the-entry-points-of-others',
      comment: 'A package imports another one as its users do.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/[^/]+/src/', pathNot: ['^libs/$1/', ...ENTRY_POINTS] },
    },
    {
      name: 'client-is-alone',
      comment: 'The client runs in browsers too, and knows the service by its description only.',
      severity: 'error',
      from: { path: '^libs/client/src/', pathNot: SPEC },
      to: { pathNot: ['^libs/client/src/', 'node_modules/openapi-fetch/'] },
    },
    {
      name: 'adapters-import-the-domain-only',
      comment:
        'A library beside the domain is an adapter for any service: it imports the domain and installed packages.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/src/', pathNot: ['^libs/(domain|client)/', SPEC] },
      to: {
        path: ['^apps/', '^test/', '^scripts/', '^libs/'],
        pathNot: ['^libs/$1/', ...DOMAIN_ENTRY_POINTS],
      },
    },
    {
      name: 'nestjs-imports-the-domain-and-nest',
      comment: 'The module works with any store and any connectors: they are handed in.',
      severity: 'error',
      from: { path: '^libs/nestjs/src/', pathNot: ['^libs/nestjs/src/http/', SPEC] },
      to: {
        pathNot: [
          '^libs/nestjs/src/',
          '^libs/domain/src/',
          'node_modules/@nestjs/common/',
          '^(node:)?crypto$',
        ],
      },
    },
    {
      name: 'nestjs-http-imports-nest',
      comment: 'Mounting an API needs the HTTP adapter of the host and nothing of the desk.',
      severity: 'error',
      from: { path: '^libs/nestjs/src/http/', pathNot: SPEC },
      to: { pathNot: ['^libs/nestjs/src/http/', 'node_modules/@nestjs/(common|core)/', '^(node:)?http$'] },
    },
    {
      name: 'connectors-through-the-registry',
      comment: 'What connectors share knows none of them; the registry alone has one line for each.',
      severity: 'error',
      from: { path: '^libs/connectors/src/(kit|egress)/', pathNot: SPEC },
      to: { path: '^libs/connectors/src/', pathNot: '^libs/connectors/src/(kit|egress)/' },
    },
    {
      name: 'connectors-do-not-know-each-other',
      comment: 'One folder for each external system, which can be added or removed alone.',
      severity: 'error',
      from: { path: '^libs/connectors/src/([^/]+)/', pathNot: [SPEC, '^libs/connectors/src/(kit|egress)/'] },
      to: { path: '^libs/connectors/src/', pathNot: '^libs/connectors/src/($1|kit|egress)/' },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'http-without-adapters',
      comment: 'The HTTP kernel knows neither the database nor external systems.',
      severity: 'error',
      from: { path: '^apps/api/src/http/', pathNot: SPEC },
      to: { path: ['^libs/(connectors|typeorm)/', 'node_modules/(typeorm|pg)/'] },
    },
    {
      name: 'features-through-their-modules',
      comment:
        'A feature imports another one by its Nest module, which also exports the providers that others may inject.',
      severity: 'error',
      from: { path: '^apps/api/src/([^/]+)/', pathNot: SPEC },
      to: {
        path: '^apps/api/src/[^/]+/',
        pathNot: ['^apps/api/src/$1/', KERNEL, '^apps/api/src/(?<feature>[^/]+)/\\k<feature>\\.module\\.ts$'],
      },
    },
    {
      name: 'kernel-knows-no-feature',
      comment: 'What features share can be read without any of them.',
      severity: 'error',
      from: { path: KERNEL, pathNot: SPEC },
      to: { path: '^apps/api/src/[^/]+/', pathNot: KERNEL },
    },
    {
      name: 'module-is-the-root',
      comment: 'Only the start of the process, and tests, build the module.',
      severity: 'error',
      from: { path: '^apps/', pathNot: ['^apps/api/src/(main|app)\\.ts$', SPEC] },
      to: { path: '^apps/api/src/app\\.module\\.ts$' },
    },
    {
      name: 'persistence-without-nest',
      comment: 'Storing is a matter of TypeORM and PostgreSQL, not of the web framework.',
      severity: 'error',
      from: { path: '^libs/typeorm/src/' },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'app-without-tests',
      comment: 'What runs in production needs neither tests nor development tools.',
      severity: 'error',
      from: { path: '^apps/', pathNot: SPEC },
      to: { path: ['^test/', '^scripts/', SPEC] },
    },
    {
      name: 'app-without-development-packages',
      comment: 'They are not installed in production.',
      severity: 'error',
      from: { path: '^apps/', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Our own build output only: packages have a dist as well, and their imports count.
    exclude: { path: ['^dist/', '^(libs|apps)/[^/]+/dist/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types count as well.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'types', 'default'],
    },
  },
};
