import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled, root } from './setup.mjs';

const options = readOptions();
ensureInstalled();
const service = ensureBuilt();
packLibrary();
const { transformFileSync } = await import('@swc/core');
const { run } = await import(pathToFileURL(compileBench()));
const folder = mkdtempSync(path.join(os.tmpdir(), 'redress-bench-'));
// mkdtemp lets only its owner in, while PostgreSQL may have to run as another user.
chmodSync(folder, 0o711);
const database = await startDatabase();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void finish(1));
try {
  await run({ ...options, service, adminUrl: database.url });
  await finish(0);
} catch (error) {
  console.error(error);
  await finish(1);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string', default: '5' },
      rows: { type: 'string', default: '1000000' },
    },
  });
  const [rounds, rows] = [Number(values.rounds), Number(values.rows)];
  if (!(rounds >= 1) || !(rows >= 1000)) throw new Error('--rounds takes 1 or more, --rows 1000 or more.');
  return { only: values.only, rounds, rows };
}

/** The rules are measured as others would install them. */
function packLibrary() {
  const shell = process.platform === 'win32';
  const { status, stderr } = spawnSync('npm', ['run', '--silent', 'package'], {
    cwd: root,
    shell,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

/** Compiles the benchmark file by file; what it measures is the build of `nest build`, not this. */
function compileBench() {
  const from = path.join(root, 'bench');
  const to = path.join(root, 'dist/bench');
  rmSync(to, { recursive: true, force: true });
  for (const name of readdirSync(from, { recursive: true }).filter((file) => file.endsWith('.ts'))) {
    const target = path.join(to, name.replace(/\.ts$/, '.js'));
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, compiled(path.join(from, name)));
  }
  return path.join(to, 'main.js');
}

function compiled(file) {
  return transformFileSync(file, {
    swcrc: false,
    module: { type: 'commonjs' },
    jsc: {
      target: 'es2022',
      keepClassNames: true,
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    },
  }).code;
}

/** A real server with everything that makes it durable switched on, as in production. */
async function startDatabase() {
  const { startPostgres } = await import('./postgres/index.mjs');
  return startPostgres({
    dataDir: path.join(folder, 'postgres'),
    settings: { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', shared_buffers: '512MB' },
  });
}

async function finish(code) {
  await database.stop();
  for (const place of [database.home, folder]) rmSync(place, { recursive: true, force: true });
  process.exit(code);
}
