import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { printed, root } from './support/command';
import { linkFolder, packLibrary, temporaryFolder } from './support/packed-library';
import { complaintsAbout, printedNames, runnableExample } from './support/published-package';
import { problemsOf, programOf } from './support/strict-types';

// It compiles and packs, on machines that may have other things to do.
jest.setTimeout(120_000);

const folder = temporaryFolder();
const consumer = path.join(folder.path, 'consumer');
const installed = path.join(consumer, 'node_modules/@redress/nestjs');
const words = (text: string): string[] => text.trim().split(/\s+/);

/** The exports of the entry points. Removing a name from this list breaks the code of its users. */
const published = {
  '@redress/nestjs': words('InjectDeskStore InjectReads RedressModule'),
  '@redress/nestjs/testing': words('RedressTesting RedressTestingModule TestClock'),
};

let tarball: string;

beforeAll(async () => {
  const [nestjs, domain] = await Promise.all([
    packLibrary(folder.path, 'nestjs'),
    packLibrary(folder.path, 'domain'),
  ]);
  tarball = nestjs;
  for (const [name, packed] of [
    ['nestjs', nestjs],
    ['domain', domain],
  ] as const) {
    const library = path.join(consumer, 'node_modules/@redress', name);
    mkdirSync(library, { recursive: true });
    await printed('tar', ['-xzf', path.relative(library, packed), '--strip-components=1'], library);
  }
  for (const name of ['@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs'])
    linkFolder(path.join(root, 'node_modules', name), path.join(consumer, 'node_modules', name));
}, 240_000);
afterAll(() => folder.remove());

const write = (file: string, text: string): void => writeFileSync(path.join(consumer, file), text);
const run = (file: string): Promise<string> => printed(process.execPath, [file], consumer);

describe('the packed module', () => {
  it('needs the domain and NestJS 10, 11 or 12 beside it, and no package', () => {
    const manifest = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'));
    expect(manifest.dependencies).toBeUndefined();
    expect(manifest.peerDependencies).toEqual({
      '@nestjs/common': '^10.0.0 || ^11.0.0 || ^12.0.0',
      '@nestjs/core': '^10.0.0 || ^11.0.0 || ^12.0.0',
      '@redress/domain': manifest.version,
    });
    expect(readdirSync(installed).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
  });

  it('imports nothing else', () => {
    const files = readdirSync(path.join(installed, 'dist'), { recursive: true, encoding: 'utf8' });
    const imported = files
      .filter((file) => file.endsWith('.mjs'))
      .flatMap((file) => {
        const text = readFileSync(path.join(installed, 'dist', file), 'utf8');
        return [...text.matchAll(/(?:from |import )"([^."][^"]*)"/g)].map(([, from]) => from);
      });
    expect([...new Set(imported)].sort()).toEqual([
      '@nestjs/common',
      '@nestjs/core',
      '@redress/domain',
      '@redress/domain/bulk',
      '@redress/domain/in-memory',
      '@redress/domain/integrations',
      '@redress/domain/settings',
      'node:crypto',
    ]);
  });

  it('is published without complaints of publint and attw', async () => {
    expect(await complaintsAbout(tarball, consumer)).toEqual([]);
  });

  it.each(Object.entries(published))('offers the published values of %s', async (name, values) => {
    for (const [extension, source] of printedNames(name)) {
      write(`keys.${extension}`, source);
      expect([extension, words(await run(`keys.${extension}`)).sort()]).toEqual([extension, values]);
    }
  });
});

describe('the example of its README', () => {
  const example = runnableExample('nestjs');

  it('compiles under the strictest settings', () => {
    write('example.mts', example.source);
    expect(problemsOf(programOf(consumer, ['example.mts'], { types: ['node'] }))).toEqual([]);
  });

  it('prints what the README says', async () => {
    write('example.mjs', example.module);
    expect(await run('example.mjs')).toBe(example.printed);
  });
});
