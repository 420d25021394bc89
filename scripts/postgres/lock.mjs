import { rm, stat, readFile, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const HEARTBEAT_MS = 1_000;
const SILENT_TOO_LONG_MS = 15_000;

/**
 * Runs `work` while no other process runs under the same lock file; waits for its turn.
 *
 * A lock whose owner died is taken over. Two waiters may take over at the same instant, so nothing may rest on
 * this lock alone: it saves the slower of two starts from failing, the atomic rename of a new cluster and
 * PostgreSQL's own postmaster.pid are what protect the data.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, work) {
  while (!(await acquire(file))) await sleep(50);
  const heartbeat = setInterval(() => void keepAlive(file), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(file, { force: true });
  }
}

async function acquire(file) {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (await isAbandoned(file)) await rm(file, { force: true });
  return false;
}

async function isAbandoned(file) {
  try {
    const [owner, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    // A pid alone proves nothing: after a container restart the same number belongs to another process.
    return isDead(Number(owner)) || Date.now() - mtimeMs > SILENT_TOO_LONG_MS;
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Whether no process has this pid. A pid of 0 or NaN (a file still being written) counts as alive.
 *
 * @param {number} pid
 */
export function isDead(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

const keepAlive = (file) => utimes(file, new Date(), new Date()).catch(() => {});
