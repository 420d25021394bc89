import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, tool } from './support/command';
import { linkFolder, temporaryFolder } from './support/packed-library';

const cruise = async (folder: string, ...places: string[]): Promise<string[]> => {
  const options = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
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
  ['sides-do-not-know-each-other', 'apps/api/src/http/writes-rows.ts', '../persistence/a-store'],
  ['sides-do-not-know-each-other', 'apps/api/src/persistence/sends.ts', '@redress/connectors'],
  [
    'adapters-import-the-domain-only',
    'libs/connectors/src/looks-at-the-service.ts',
    '../../../apps/api/src/persistence/a-store',
  ],
  ['adapters-import-the-domain-only', 'libs/typeorm/src/sends.ts', '@redress/connectors'],
  ['connectors-through-the-registry', 'libs/connectors/src/kit/knows-jira.ts', '../jira/a-connector'],
  [
    'connectors-do-not-know-each-other',
    'libs/connectors/src/servicenow/knows-jira.ts',
    '../jira/a-connector',
  ],
  ['persistence-without-nest', 'apps/api/src/persistence/injects.ts', '@nestjs/common'],
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
  ['no-cycles', 'apps/api/src/http/itself.ts', './the-other'],
  ['resolvable', 'apps/api/src/http/nowhere.ts', './does-not-exist'],
];
const bystanders = {
  'libs/client/src/tries.ts': 'export const tries = 1;\n',
  'libs/connectors/src/index.ts': 'export const connectors = 1;\n',
  'libs/connectors/src/jira/a-connector.ts': 'export const connector = 1;\n',
  'apps/api/src/persistence/a-store.ts': 'export const a = 1;\n',
  'apps/api/src/http/the-other.ts': `import { a } from './itself';\nexport const b = a;\n`,
};

describe('the dependency rules', () => {
  it('hold', async () => {
    expect(await cruise(root, 'apps', 'libs', 'test')).toEqual([]);
  }, 30_000);

  describe('broken on purpose', () => {
    const folder = temporaryFolder();
    let reported: string[];

    beforeAll(async () => {
      for (const part of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json', 'libs/domain/src'])
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
      reported = await cruise(folder.path, 'apps', 'libs');
    }, 30_000);
    afterAll(() => folder.remove());

    it.each(offences)('are told to be: %s by %s', (rule, file) => {
      expect(reported).toContain(`${rule}: ${file}`);
    });

    it('are reported for no other file', () => {
      const offenders = new Set([...offences.map(([, file]) => file), ...Object.keys(bystanders)]);
      expect(reported.filter((line) => !offenders.has(line.split(': ')[1]!))).toEqual([]);
    });
  });
});
