import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ensureInstalled } from '../setup.mjs';
import { PACKAGE, addMissingLinks, debianInstallations, majorVersion, packagedNative } from './binaries.mjs';

/** The other major versions that the tests of database roles run on, besides the one in package.json. */
const OTHERS = {
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
};

const cache = fileURLToPath(new URL('../../node_modules/.cache/redress/postgres', import.meta.url));
const prefixOf = (major) => path.join(cache, major);
const nativeOf = (major) => path.join(prefixOf(major), 'node_modules', PACKAGE, 'native');

/**
 * Every major version of PostgreSQL that runs on this machine: npm's own, the ones fetched by this script, and those
 * installed on the system. Oldest first; `installation` is what `startPostgres` takes.
 *
 * @returns {{ major: number, installation: string }[]}
 */
export function postgresVersions() {
  const folders = [packagedNative(), ...Object.keys(OTHERS).map(nativeOf), ...debianInstallations()];
  const byMajor = new Map();
  for (const installation of folders.filter((folder) => folder && existsSync(folder))) {
    addMissingLinks(installation);
    const major = majorVersion(path.join(installation, 'bin', 'postgres'));
    if (major && !byMajor.has(major)) byMajor.set(major, installation);
  }
  return [...byMajor].sort(([a], [b]) => a - b).map(([major, installation]) => ({ major, installation }));
}

async function fetch(major, version) {
  if (existsSync(nativeOf(major))) return;
  mkdirSync(prefixOf(major), { recursive: true });
  const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const install = ['install', '--prefix', prefixOf(major), ...options, `${PACKAGE}@${version}`];
  try {
    await promisify(execFile)('npm', install, { shell: process.platform === 'win32' });
  } catch (error) {
    console.error(`PostgreSQL ${major} could not be fetched:\n${error.stderr || error.message}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled();
  await Promise.all(Object.entries(OTHERS).map(([major, version]) => fetch(major, version)));
  const majors = postgresVersions().map(({ major }) => major);
  console.log(`The tests of database roles run on PostgreSQL ${majors.join(', ')}.`);
}
