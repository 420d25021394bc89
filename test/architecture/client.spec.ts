import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { printed, root } from './support/command';
import { installOffline, pack, packLibrary, temporaryFolder } from './support/packed-library';
import { complaintsAbout } from './support/published-package';
import { problemsOf, programOf } from './support/strict-types';

// It compiles and packs, on machines that may have other things to do.
jest.setTimeout(60_000);

const folder = temporaryFolder();
const consumer = path.join(folder.path, 'consumer');
const installed = path.join(consumer, 'node_modules/@redress/client');
const client = path.join(root, 'libs/client');
const ours = 'openapi-fetch';
const theirs = 'openapi-typescript-helpers';

/** The exports of the entry point. Removing a name from this list breaks the code of its users. */
const values = ['NoAnswer', 'RefusedError', 'UnexpectedAnswer', 'createClient', 'ndjson', 'unwrap'];

let tarball: string;

beforeAll(async () => {
  const packages = [ours, theirs].map((name) => path.join(root, 'node_modules', name));
  const [packed, ...needed] = await Promise.all([
    packLibrary(folder.path, 'client'),
    ...packages.map((place) => pack(place, folder.path)),
  ]);
  tarball = packed!;
  mkdirSync(consumer);
  write('package.json', JSON.stringify({ name: 'consumer', version: '1.0.0', private: true }));
  await installOffline([tarball, ...needed], consumer);
}, 120_000);
afterAll(() => folder.remove());

const write = (file: string, text: string): void => writeFileSync(path.join(consumer, file), text);
const run = (file: string, env?: NodeJS.ProcessEnv): Promise<string> =>
  printed(process.execPath, [file], consumer, env);
const required = (imports: string): string =>
  imports.replace(/import (\{.*\}) from ('.*');/g, 'const $1 = require($2);');

describe('the description of the API', () => {
  it('is that of these sources; `npm run openapi` writes down what has changed', async () => {
    const now = await printed(process.execPath, ['scripts/openapi.mjs', '--print'], root);
    expect(JSON.parse(now)).toEqual(JSON.parse(readFileSync(path.join(client, 'openapi.json'), 'utf8')));
  });
});

describe('the packed client', () => {
  it('needs one package, and what that needs', () => {
    const manifest = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'));
    expect(Object.keys(manifest.dependencies)).toEqual([ours]);
    for (const kind of ['peerDependencies', 'optionalDependencies', 'bundleDependencies']) {
      expect(Object.keys(manifest[kind] ?? {})).toEqual([]);
    }
    const present = readdirSync(path.join(consumer, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(present.sort()).toEqual(['@redress', ours, theirs]);
  });

  it('has nothing in it but what was built, and what tells about it', () => {
    expect(readdirSync(installed).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
    expect(readdirSync(path.join(installed, 'dist')).sort()).toEqual([
      'index.cjs',
      'index.d.cts',
      'index.d.mts',
      'index.mjs',
    ]);
  });

  it('is published without complaints of publint and attw', async () => {
    expect(await complaintsAbout(tarball, consumer)).toEqual([]);
  });

  it.each([
    ['mjs', `import * as entry from '@redress/client'; console.log(Object.keys(entry).sort().join(' '));`],
    ['cjs', `console.log(Object.keys(require('@redress/client')).sort().join(' '));`],
  ])('offers the published values to %s', async (extension, source) => {
    write(`keys.${extension}`, source);
    expect((await run(`keys.${extension}`)).trim().split(' ')).toEqual(values);
  });

  it.each(['index.mjs', 'index.cjs'])('asks nothing of Node in %s', (file) => {
    const text = readFileSync(path.join(installed, 'dist', file), 'utf8');
    const imported = [...text.matchAll(/(?:from |require\(|import\()["']([^"']+)["']/g)].map(
      ([, from]) => from,
    );
    expect(new Set(imported)).toEqual(new Set([ours]));
    expect(text).not.toMatch(/\b(process|Buffer|__dirname|setImmediate)\b/);
  });
});

describe('the example of its README', () => {
  const readme = readFileSync(path.join(client, 'README.md'), 'utf8');
  const fence = (name: string): string => new RegExp(`\`\`\`${name}\\n([^]*?)\`\`\``).exec(readme)![1]!;
  const example = fence('ts runnable');
  const imports = /^import .*;\n/gm;
  const asModule = [...example.matchAll(imports)].join('');
  const body = `async function main() {\n${example.replace(imports, '')}}\nvoid main();\n`;

  it('has twenty lines', () => {
    expect(example.split('\n').filter((line) => line.trim()).length).toBeLessThanOrEqual(20);
  });

  it.each([
    ['imported', 'mjs', example],
    ['required', 'cjs', required(asModule) + body],
  ])('prints what the README says when it is %s', async (_how, extension, source) => {
    const desk = await startStub();
    write(`example.${extension}`, source);
    const env = { REDRESS_URL: desk.url, REDRESS_TOKEN: 'a token' };
    const output = await run(`example.${extension}`, env).finally(desk.stop);
    expect(output).toBe(fence('text printed'));
    expect(desk.lost()).toBe(1);
  });

  it('compiles under the strictest settings, as ESM and as CommonJS', () => {
    write('example.mts', example);
    write('example.cts', asModule + body);
    expect(problemsOf(programOf(consumer, ['example.mts', 'example.cts'], { types: ['node'] }))).toEqual([]);
  });
});

describe('the declarations', () => {
  const everything = `export * from '@redress/client';\n`;

  it.each([
    ['Node', { types: ['node'] }],
    ['browsers', { lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'], types: [] }],
  ])('stand alone among those of %s', (_where, options) => {
    write('all.mts', everything);
    write('all.cts', everything);
    const program = programOf(consumer, ['all.mts', 'all.cts'], { ...options, skipLibCheck: false });
    expect(problemsOf(program)).toEqual([]);
  });

  const head = `
    import { createClient } from '@redress/client';
    const desk = createClient({ baseUrl: '', token: '' });
    const path = { exceptionId: '' };
    export const made = `;

  const judged = [
    [`desk.get('/v1/exceptions/{exceptionId}', { path });`, undefined],
    [`desk.get('/v1/nothing');`, `'"/v1/nothing"' is not assignable to parameter`],
    [`desk.get('/v1/exceptions/{exceptionId}', {});`, `Property 'path' is missing`],
    [`desk.post('/v1/exceptions', { body: { reason: 'Late' } });`, `'transactionId' is missing`],
    [`desk.get('/v1/exceptions', { ifMatch: 1 });`, `'ifMatch' does not exist`],
  ] as const;
  const judgedFile = (index: number): string => `judged-${index}.mts`;
  let judgements: readonly string[];
  beforeAll(() => {
    for (const [index, [source]] of judged.entries()) write(judgedFile(index), head + source);
    judgements = problemsOf(programOf(consumer, [...judged.keys()].map(judgedFile), { types: ['node'] }));
  });

  it.each(judged.map(([source, problem], index) => [source, problem, judgedFile(index)] as const))(
    'judge %s',
    (_source, problem, file) => {
      expect(judgements.filter((one) => one.includes(file))).toEqual(
        problem === undefined ? [] : [expect.stringContaining(problem)],
      );
    },
  );

  it('explain what they are about above it', () => {
    const text = readFileSync(path.join(installed, 'dist/index.d.mts'), 'utf8');
    expect(text).toMatch(/^ +\/\*\* .*\*\/\n +baseUrl: string;$/m);
  });
});

/** As much of a desk as the example needs. The first answer to the force match gets lost. */
async function startStub() {
  const keys: unknown[] = [];
  const event = (type: string) => ({ type: `exception.${type}`, actor: 'ana' });
  const answers: Record<string, () => [status: number, body: object, headers?: Record<string, string>]> = {
    'POST /v1/exceptions': () => [201, { id: 'e1', status: 'OPEN', version: 1 }],
    'POST /v1/exceptions/e1/force-match': () =>
      keys.length === 2
        ? [200, { status: 'RESOLVED' }, { etag: '"2"' }]
        : [
            412,
            {
              title: 'stale_version',
              message: 'Version 1 was asked for, but it is at version 2; read it again.',
            },
          ],
    'GET /v1/exceptions/e1/history': () => [
      200,
      { items: [event('raised')], hasMore: true, nextCursor: 'c' },
    ],
    'GET /v1/exceptions/e1/history?cursor=c': () => [
      200,
      { items: [event('force_matched')], hasMore: false },
    ],
  };
  const server = http.createServer(({ method, url, headers }, response) => {
    if (url?.endsWith('force-match') && keys.push(headers['x-idempotency-key']) === 1) {
      response.destroy();
      return;
    }
    const known = headers.authorization === 'Bearer a token' ? answers[`${method} ${url}`] : undefined;
    const [status, body, more] = known?.() ?? [404, { title: 'route_not_found', message: 'No.' }];
    response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop,
    /** How many requests were sent again with their key. */
    lost: () => keys.length - new Set(keys).size,
  };
}
