import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = [20, 19];
const BUILD = 'dist/apps/api';
const MAIN = `${BUILD}/apps/api/src/main.js`;
/** The libraries that the app is compiled with. */
const LIBRARIES = ['domain', 'formats', 'connectors', 'typeorm'];
const RESULTS = 'node_modules/.cache/redress';

/** The folder of the repository. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const inRoot = (...names) => path.join(root, ...names);

/** Makes what package-lock.json lists present, and says so only when there is something to do. */
export function ensureInstalled() {
  assertNodeIsRecent();
  if (isInstalled()) return;
  console.log('Installing the dependencies, which takes about a minute ...');
  runNpm('ci', '--ignore-scripts', '--include=dev', '--loglevel=error');
}

function assertNodeIsRecent() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  console.error(`Redress needs Node ${OLDEST_NODE.join('.')} or later; this is ${process.version}.`);
  process.exit(1);
}

// npm notes what it installed, last of all, in node_modules/.package-lock.json. Comparing the two lists, rather than
// the times of files, survives git checkouts, copied folders and interrupted installations.
function isInstalled() {
  const installed = inRoot('node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const present = packagesOf(installed);
  return Object.entries(packagesOf(inRoot('package-lock.json')))
    .filter(([folder, { link }]) => folder.startsWith('node_modules/') && !link)
    .every(([folder, wanted]) => isSame(wanted, present[folder]));
}

const packagesOf = (lockfile) => JSON.parse(readFileSync(lockfile, 'utf8')).packages;

// An optional package may be absent: it is for another platform.
function isSame(wanted, present) {
  return present ? wanted.integrity === present.integrity : wanted.optional === true;
}

function runNpm(...options) {
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const shell = process.platform === 'win32' && command === 'npm';
  run(command, [...first, ...options], { shell, stdio: ['ignore', 'ignore', 'inherit'] });
}

function run(command, options, spawnOptions) {
  const { status, error } = spawnSync(command, options, { cwd: root, stdio: 'inherit', ...spawnOptions });
  if (error) console.error(error.message);
  if (status !== 0) process.exit(status ?? 1);
}

/** Generates the types of the client unless they are newer than what they are made from. */
export function ensureClientTypes() {
  const client = (name) => inRoot('libs/client', name);
  const types = client('src/generated/schema.ts');
  const made = existsSync(types) ? statSync(types).mtimeMs : 0;
  const sources = ['openapi.json', 'generate.mjs'];
  if (sources.every((source) => statSync(client(source)).mtimeMs < made)) return;
  run(process.execPath, [client('generate.mjs')]);
}

/**
 * Compiles the app unless the last build was made from the same sources.
 *
 * @returns {string} the compiled main file
 */
export function ensureBuilt() {
  const main = inRoot(MAIN);
  const stamp = inRoot(BUILD, '.sources.sha256');
  const sources = hashOfSources();
  if (existsSync(main) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return main;
  console.log('Building the app ...');
  // Nest would have the app use the packed libraries where there are any, however old they are.
  for (const library of LIBRARIES) rmSync(inRoot('libs', library, 'dist'), { recursive: true, force: true });
  run(process.execPath, [inRoot('node_modules/@nestjs/cli/bin/nest.js'), 'build', 'api'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(stamp, sources);
  return main;
}

function hashOfSources() {
  const hash = createHash('sha256');
  for (const file of sourceFiles()) hash.update(`${path.relative(root, file)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

function sourceFiles() {
  const settings = readdirSync(root).filter((name) =>
    /^(tsconfig.*|nest-cli|package-lock)\.json$/.test(name),
  );
  const folders = [inRoot('apps'), ...LIBRARIES.map((library) => inRoot('libs', library, 'src'))];
  return [...settings.map((name) => inRoot(name)), ...folders.flatMap(filesUnder)];
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true }).sort();
  return names.map((name) => path.join(folder, name)).filter((entry) => statSync(entry).isFile());
}

/**
 * Where the counts of `npm test` and of `npm run check` are kept for a summary of both.
 *
 * @param {'tests' | 'check'} what
 */
export function countsFile(what) {
  mkdirSync(inRoot(RESULTS), { recursive: true });
  return inRoot(RESULTS, `${what}.json`);
}
