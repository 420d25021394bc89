import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './support/command';
import { temporaryFolder } from './support/packed-library';

type Check = { lockfileDefects: (root: string) => string[] };
const { lockfileDefects } = jest.requireActual<Check>('../../scripts/lockfile-check.mjs');

describe('the lockfile', () => {
  it('names no registry, and has every optional package of every platform', () => {
    expect(lockfileDefects(root)).toEqual([]);
  });

  describe('made unsound', () => {
    const folder = temporaryFolder();
    afterAll(() => folder.remove());

    const native = {
      version: '1.0.0',
      optionalDependencies: { 'native-linux': '1.0.0', 'native-darwin': '1.0.0' },
    };
    const unsound: [string, object][] = [
      ['registry', { 'node_modules/a': { resolved: 'https://registry.example.com/a/-/a-1.0.0.tgz' } }],
      ['native-darwin', { 'node_modules/native': native, 'node_modules/native-linux': { version: '1.0.0' } }],
      ['native-linux', { '': native, 'node_modules/native-darwin': { version: '1.0.0' } }],
    ];

    it.each(unsound)('is told to be so for its %s', (what, packages) => {
      const place = path.join(folder.path, what);
      mkdirSync(place);
      writeFileSync(path.join(place, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
      expect(lockfileDefects(place)).toEqual([expect.stringContaining(what)]);
    });

    it('is not told to be so without a reason', () => {
      const packages = {
        'node_modules/a': { resolved: 'libs/a', link: true },
        'libs/a': { version: '1.0.0' },
      };
      writeFileSync(
        path.join(folder.path, 'package-lock.json'),
        JSON.stringify({ lockfileVersion: 3, packages }),
      );
      expect(lockfileDefects(folder.path)).toEqual([]);
    });
  });
});
