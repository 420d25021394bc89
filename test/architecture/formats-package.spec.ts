import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { printed } from './support/command';
import { packLibrary, temporaryFolder } from './support/packed-library';
import { complaintsAbout, printedNames, runnableExample } from './support/published-package';
import { problemsOf, programOf } from './support/strict-types';

// It compiles and packs, on machines that may have other things to do.
jest.setTimeout(120_000);

const folder = temporaryFolder();
const consumer = path.join(folder.path, 'consumer');
const words = (text: string): string[] => text.trim().split(/\s+/);

/** The exports of the entry point. Removing a name from this list breaks the code of its users. */
const values = words(`
  EventLoopTurn JsonNumber WrongFile byteOrderMark canonicalJson canonicalQuery csvLines csvRecord decimal
  differencesOf editLines fingerprintOf givenMembers isJsonObject isNotGiven isRecord lexemeOf lineLimits
  maxDepth maxKeyLength maxLexeme messageLimits messageReader ndjsonLines neutralCell originalText
  parseStrictJson plainJson readIdempotencyKey readReport requestLimits scopeOf validateAmount validateChoice
  validateCurrency validateDifferences validateMetadata validateTextValue validateTime validateUuid`);

let tarball: string;

beforeAll(async () => {
  for (const name of ['formats', 'domain'] as const) {
    const packed = await packLibrary(folder.path, name);
    if (name === 'formats') tarball = packed;
    const library = path.join(consumer, 'node_modules/@redress', name);
    mkdirSync(library, { recursive: true });
    await printed('tar', ['-xzf', path.relative(library, packed), '--strip-components=1'], library);
  }
}, 240_000);
afterAll(() => folder.remove());

const write = (file: string, text: string): void => writeFileSync(path.join(consumer, file), text);
const run = (file: string): Promise<string> => printed(process.execPath, [file], consumer);

describe('the packed formats', () => {
  it('need the domain beside them, and no package', () => {
    const installed = path.join(consumer, 'node_modules/@redress/formats');
    const manifest = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'));
    expect([manifest.dependencies, Object.keys(manifest.peerDependencies)]).toEqual([
      undefined,
      ['@redress/domain'],
    ]);
    expect(readdirSync(installed).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
  });

  it('are published without complaints of publint and attw', async () => {
    expect(await complaintsAbout(tarball, consumer)).toEqual([]);
  });

  it.each(printedNames('@redress/formats'))('offer the published values to %s', async (extension, source) => {
    write(`keys.${extension}`, source);
    expect(words(await run(`keys.${extension}`)).sort()).toEqual(values);
  });
});

describe('the example of their README', () => {
  const example = runnableExample('formats');

  it('compiles under the strictest settings', () => {
    write('example.mts', example.source);
    expect(problemsOf(programOf(consumer, ['example.mts'], { types: ['node'] }))).toEqual([]);
  });

  it('prints what the README says', async () => {
    write('example.mjs', example.module);
    expect(await run('example.mjs')).toBe(example.printed);
  });
});
