import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, tool } from './support/command';
import { linkFolder, temporaryFolder } from './support/packed-library';

const files = '.dependency-cruiser.cjs';
const folders = '.dependency-cruiser.folders.cjs';

const cruise = async (config: string, folder: string, ...places: string[]): Promise<string[]> => {
  const options = ['--config', config, '--output-type', 'json'];
  const { output } = await tool(
    'dependency-cruiser/bin/dependency-cruise.mjs',
    [...options, ...places],
    folder,
  );
  const { summary } = JSON.parse(output) as {
    summary: { totalCruised: number; violations: { rule: { name: string }; from: string }[] };
  };
  expect(summary.totalCruised).toBeGreaterThan(20);
  return summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
};

/** A file that breaks a rule, and what it imports to do so. */
const offences: readonly (readonly [rule: string, file: string, imported: string])[] = [
  ['domain-is-pure', 'libs/domain/src/reads-a-file.ts', 'node:fs'],
  ['domain-is-pure', 'libs/domain/src/needs-a-package.ts', 'rxjs'],
  ['testing-kit-asserts-only', 'libs/domain/src/testing/reads-a-file.ts', 'node:fs'],
  ['rules-know-no-ports', 'libs/domain/src/exception/asks-a-store.ts', '../ports/stores'],
  ['domain-without-its-kits', 'libs/domain/src/keeps-in-memory.ts', './in-memory'],
  [
    'packages-through-their-entry-points',
    'apps/api/src/http/looks-inside.ts',
    '../../../../libs/domain/src/desks/use-case',
  ],
  ['http-without-adapters', 'apps/api/src/http/writes-rows.ts', '@redress/typeorm'],
  ['http-without-adapters', 'apps/api/src/http/sends.ts', '@redress/connectors'],
  [
    'adapters-import-the-domain-only',
    'libs/connectors/src/looks-at-the-service.ts',
    '../../../apps/api/src/storage/a-store',
  ],
  ['adapters-import-the-domain-only', 'libs/typeorm/src/sends.ts', '@redress/connectors'],
  ['connectors-through-the-registry', 'libs/connectors/src/kit/knows-jira.ts', '../jira/a-connector'],
  [
    'connectors-do-not-know-each-other',
    'libs/connectors/src/servicenow/knows-jira.ts',
    '../jira/a-connector',
  ],
  ['nestjs-imports-the-domain-and-nest', 'libs/nestjs/src/finds-routes.ts', '@nestjs/core'],
  ['nestjs-http-imports-nest', 'libs/nestjs/src/http/raises.ts', '@redress/domain'],
  ['persistence-without-nest', 'libs/typeorm/src/injects.ts', '@nestjs/common'],
  ['client-is-alone', 'libs/client/src/reads-a-file.ts', 'node:fs'],
  ['client-is-alone', 'libs/client/src/knows-the-domain.ts', '@redress/domain'],
  [
    'packages-through-their-entry-points',
    'apps/api/src/http/calls-itself.ts',
    '../../../../libs/client/src/tries',
  ],
  [
    'packages-through-the-entry-points-of-others',
    'libs/client/src/looks-inside.ts',
    '../../domain/src/desks/use-case',
  ],
  ['features-through-their-modules', 'apps/api/src/east/looks-inside.ts', '../west/writes'],
  ['kernel-knows-no-feature', 'apps/api/src/http/knows-a-feature.ts', '../west/west.module'],
  ['no-cycles', 'apps/api/src/http/itself.ts', './the-other'],
  ['resolvable', 'apps/api/src/http/nowhere.ts', './does-not-exist'],
];
const bystanders = {
  'libs/client/src/tries.ts': 'export const tries = 1;\n',
  'libs/connectors/src/index.ts': 'export const connectors = 1;\n',
  'libs/typeorm/src/index.ts': 'export const store = 1;\n',
  // Two folders that need each other, though no two files do.
  'apps/api/src/east/reads.ts': `export * from '../west/writes';\n`,
  'apps/api/src/east/writes.ts': 'export const east = 1;\n',
  'apps/api/src/west/reads.ts': `export * from '../east/writes';\n`,
  'apps/api/src/west/writes.ts': 'export const west = 1;\n',
  'apps/api/src/west/west.module.ts': 'export const module = 1;\n',
  'apps/api/src/south/imports-its-module.ts': `export * from '../west/west.module';\n`,
  'libs/connectors/src/jira/a-connector.ts': 'export const connector = 1;\n',
  'apps/api/src/storage/a-store.ts': 'export const a = 1;\n',
  'apps/api/src/http/the-other.ts': `import { a } from './itself';\nexport const b = a;\n`,
};

describe('the dependency rules', () => {
  it('hold', async () => {
    expect(await cruise(files, root, 'apps', 'libs', 'test')).toEqual([]);
    expect(await cruise(folders, root, 'apps', 'libs')).toEqual([]);
  }, 60_000);

  describe('broken on purpose', () => {
    const folder = temporaryFolder();
    let reported: string[];

    beforeAll(async () => {
      for (const part of [files, folders, 'tsconfig.json', 'package.json', 'libs/domain/src'])
        cpSync(path.join(root, part), path.join(folder.path, part), { recursive: true });
      linkFolder(path.join(root, 'node_modules'), path.join(folder.path, 'node_modules'));
      const sources = offences.map(([, file, from]) => [
        file,
        `import * as a from '${from}';\nexport { a };\n`,
      ]);
      for (const [file, source] of [...Object.entries(bystanders), ...sources]) {
        mkdirSync(path.dirname(path.join(folder.path, file!)), { recursive: true });
        writeFileSync(path.join(folder.path, file!), source!);
      }
      reported = [
        ...(await cruise(files, folder.path, 'apps', 'libs')),
        ...(await cruise(folders, folder.path, 'apps', 'libs')),
      ];
    }, 60_000);
    afterAll(() => folder.remove());

    it.each(offences)('are reported: %s by %s', (rule, file) => {
      expect(reported).toContain(`${rule}: ${file}`);
    });

    it('are not: features that import the module of another', () => {
      expect(reported.filter((line) => line.includes('south'))).toEqual([]);
    });

    it('are reported: folders that form a circle', () => {
      expect(reported).toContain('no-folder-circles: apps/api/src/east');
      expect(reported).toContain('no-folder-circles: apps/api/src/west');
    });

    it('are reported of these files and folders alone', () => {
      const offenders = new Set([
        ...offences.map(([, file]) => file),
        ...Object.keys(bystanders),
        'apps/api/src/east',
        'apps/api/src/west',
      ]);
      // A rule that asks a store closes circles of the domain's folders, too.
      const consequence = /^no-folder-circles: libs\/domain\/src\//;
      const others = reported.filter(
        (line) => !offenders.has(line.split(': ')[1]!) && !consequence.test(line),
      );
      expect(others).toEqual([]);
    });
  });
});
