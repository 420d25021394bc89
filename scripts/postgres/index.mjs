import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findBinaries } from './binaries.mjs';
import { dataIn, ensureCluster, passwordIn } from './cluster.mjs';
import { isDead, withLock } from './lock.mjs';
import { launch, readPostmaster } from './server.mjs';
import { reachableFolder, serverUser } from './unprivileged-user.mjs';

const PATIENCE_MS = 30_000;
const FORGETFUL = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * @typedef {object} Postgres
 * @property {string} url connects as the superuser to the database `postgres`
 * @property {number} port on 127.0.0.1
 * @property {boolean} attached whether the server was already running; then it is not ours to stop
 * @property {string} home where the data really is
 * @property {Promise<void>} ended settles when the server we started has ended, for whatever reason
 * @property {() => Promise<void>} stop ends the server we started and waits until it has
 */

/**
 * Starts a PostgreSQL whose data lives in `dataDir`, or attaches to the one that already runs there.
 * For trying out and for tests: it serves this machine only, and ends when this process ends.
 *
 * @param {object} options
 * @param {string} options.dataDir
 * @param {string} [options.log] the file PostgreSQL writes its log to
 * @param {Record<string, string | number>} [options.settings] as in postgresql.conf
 * @param {boolean} [options.durable] false gives up safety against a crash for speed
 * @param {string} [options.installation] the folder, with `bin` in it, of another PostgreSQL than the one npm installed
 * @returns {Promise<Postgres>}
 */
export async function startPostgres({ dataDir, log, settings = {}, durable = true, installation }) {
  const folder = path.resolve(dataDir);
  try {
    mkdirSync(path.dirname(folder), { recursive: true });
    return await withLock(`${folder}.lock`, () =>
      startOrAttach({ folder, log, settings, durable, installation }),
    );
  } catch (error) {
    if (error.code !== 'EACCES') throw error;
    throw new Error(`${error.path} belongs to another user. Choose another DATA_DIR.`, { cause: error });
  }
}

async function startOrAttach({ folder, log, settings, durable, installation }) {
  const user = serverUser(dataIn(folder));
  const home = reachableFolder(folder, user);
  const data = dataIn(home);
  const urlOn = urlWith(await passwordIn(home));

  const portInUse = await portOfRunningServer(data, urlOn);
  if (portInUse) return attachedTo(urlOn(portInUse), portInUse, home);

  const binaries = findBinaries({ home, user, installation });
  await ensureCluster({ home, binaries, user, durable });
  const { port, ended, stop } = await launch({
    binaries,
    data,
    user,
    log: log ?? path.join(home, 'server.log'),
    settings: durable ? settings : { ...FORGETFUL, ...settings },
  });
  return { url: urlOn(port), port, attached: false, home, ended, stop };
}

const urlWith = (password) => (port) => `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;

function attachedTo(url, port, home) {
  return { url, port, attached: true, home, ended: new Promise(() => {}), stop: async () => {} };
}

/** The port of the server that runs on `data`, undefined when none does; waits for one that starts or stops. */
async function portOfRunningServer(data, urlOn) {
  const patienceEnds = Date.now() + PATIENCE_MS;
  for (;;) {
    const postmaster = readPostmaster(data);
    if (!postmaster || isDead(postmaster.pid)) return undefined;
    if (isAnotherProgram(postmaster.pid)) {
      rmSync(path.join(data, 'postmaster.pid'), { force: true });
      return undefined;
    }
    // Only the server of this folder knows the password, so a server that accepts it is that one.
    if (postmaster.isReady && (await accepts(urlOn(postmaster.port)))) return postmaster.port;
    if (Date.now() > patienceEnds) {
      throw new Error(
        `Process ${postmaster.pid} holds ${data} but does not answer. End it; if it is no PostgreSQL, ` +
          `remove ${path.join(data, 'postmaster.pid')}.`,
      );
    }
    await sleep(50);
  }
}

// A killed PostgreSQL leaves its pid behind, which the system gives to another program sooner or later. A zombie
// keeps its name: PostgreSQL would refuse to start beside it, so it has to be waited for.
function isAnotherProgram(pid) {
  if (process.platform !== 'linux') return false;
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes('(postgres)');
  } catch {
    return false;
  }
}

async function accepts(url) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
