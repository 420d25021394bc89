import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { finished, root } from './support/command';
import { linkFolder, temporaryFolder } from './support/packed-library';

const folder = temporaryFolder();
const library = path.join(folder.path, 'libs/sample');

/** Checks the doc comments of a library that has `index` as its only source. */
async function problemsOf(index: string): Promise<string[]> {
  writeFileSync(path.join(library, 'src/index.ts'), index);
  const script = path.join(root, 'scripts/docs.mjs');
  const { code, output } = await finished(
    process.execPath,
    [script, '--root', folder.path, '--no-html'],
    folder.path,
  );
  const warnings = output.split('\n').filter((line) => line.includes('[warning]'));
  expect([code, output]).toEqual([warnings.length ? 1 : 0, output]);
  return warnings;
}

describe('the reference of the libraries', () => {
  beforeAll(() => {
    mkdirSync(path.join(library, 'src'), { recursive: true });
    for (const file of ['tsconfig.json', 'libs/tsconfig.docs.json'])
      cpSync(path.join(root, file), path.join(folder.path, file));
    linkFolder(path.join(root, 'node_modules'), path.join(folder.path, 'node_modules'));
    const manifest = { name: '@redress/sample', exports: { '.': './dist/index.js' } };
    writeFileSync(path.join(library, 'package.json'), JSON.stringify(manifest));
  });

  afterAll(() => folder.remove());

  it('accepts a library whose public names all have doc comments', async () => {
    expect(
      await problemsOf('/** A price. */\nexport type Price = { /** In cents. */ cents: number };\n'),
    ).toEqual([]);
  }, 120_000);

  it('refuses a public name without a doc comment, a type that is not exported, and a link to nothing', async () => {
    const problems = await problemsOf(`
      type Hidden = { cents: number };
      export const bare = 1;
      /** Doubles a price, as {@link Nowhere} does. */
      export const double = ({ cents }: Hidden): Hidden => ({ cents: 2 * cents });
    `);
    expect(problems).toEqual([
      expect.stringMatching(/Hidden.*not included in the documentation/),
      expect.stringMatching(/bare.*does not have any documentation/),
      expect.stringMatching(/Nowhere/),
    ]);
  }, 120_000);
});
