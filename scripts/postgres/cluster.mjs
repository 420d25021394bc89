import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, link, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const UNFINISHED = 'unfinished-';

/** The folder of the cluster inside `home`. */
export const dataIn = (home) => path.join(home, 'data');

/**
 * The superuser's password: made up once, readable by us alone.
 *
 * @param {string} home
 * @returns {Promise<string>}
 */
export async function passwordIn(home) {
  const file = path.join(home, 'password');
  if (!existsSync(file)) await writeOnce(file, randomBytes(24).toString('hex'));
  return readFile(file, 'utf8');
}

// A hard link appears with its whole content or not at all, and never replaces what is there.
async function writeOnce(file, content) {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, content, { mode: 0o600 });
  await link(draft, file).catch(ignore('EEXIST'));
  await rm(draft);
}

/**
 * Creates the cluster in `home` when there is none. It is created elsewhere and moved into place when complete,
 * so that a start which is killed half-way leaves nothing that looks like a cluster.
 *
 * @param {{ home: string, binaries: { initdb: string, major: number }, user?: { uid: number, gid: number }, durable: boolean }} plan
 */
export async function ensureCluster({ home, binaries, user, durable }) {
  const versionFile = path.join(dataIn(home), 'PG_VERSION');
  if (existsSync(versionFile))
    return assertSameMajor(await readFile(versionFile, 'utf8'), binaries.major, home);
  await removeUnfinished(home);
  const draft = path.join(home, UNFINISHED + randomBytes(4).toString('hex'));
  const passwordFile = `${draft}.password`;
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, await passwordIn(home), { mode: 0o600 });
    if (user) await Promise.all([draft, passwordFile].map((entry) => chown(entry, user.uid, user.gid)));
    await initialize({ draft, passwordFile, binaries, user, durable });
    await rename(draft, dataIn(home)).catch(ignore('ENOTEMPTY', 'EEXIST'));
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

function assertSameMajor(version, major, home) {
  if (Number(version) === major) return;
  throw new Error(`The data in ${home} need PostgreSQL ${version.trim()}, but only ${major} is here.`);
}

async function removeUnfinished(home) {
  const leftovers = (await readdir(home)).filter((name) => name.startsWith(UNFINISHED));
  await Promise.all(leftovers.map((name) => rm(path.join(home, name), { recursive: true, force: true })));
}

async function initialize({ draft, passwordFile, binaries, user, durable }) {
  const options = [
    `--pgdata=${draft}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
  ];
  options.push('--encoding=UTF8', '--no-instructions', ...localeOptions(binaries.major));
  if (!durable) options.push('--no-sync');
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  await promisify(execFile)(binaries.initdb, options, { ...user, cwd: draft, env });
}

// The plain C locale knows no letters beyond ASCII: lower('É') would stay 'É'. The builtin one came with version 17.
function localeOptions(major) {
  if (major < 17) return ['--locale=C.UTF-8'];
  return ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
}

function ignore(...codes) {
  return (error) => {
    if (!codes.includes(error.code)) throw error;
  };
}
