import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { realpathSync, rmdirSync, statSync, symlinkSync, unlinkSync } from 'node:fs';

const ROOT = 0;
const NOBODY = 65_534;

/**
 * The user PostgreSQL is to run as, since it refuses to run as root: the owner of the data when there is data,
 * else `postgres`, else the unprivileged account of the system. Undefined when we are not root: PostgreSQL then runs as
 * we do.
 *
 * @param {string} data the folder of the cluster, which need not exist yet
 * @returns {{ uid: number, gid: number } | undefined}
 */
export function serverUser(data) {
  if (process.getuid?.() !== ROOT) return undefined;
  return ownerOf(data) ?? account('postgres') ?? account('nobody') ?? { uid: NOBODY, gid: NOBODY };
}

function ownerOf(folder) {
  const { uid, gid } = statSync(folder, { throwIfNoEntry: false }) ?? { uid: ROOT };
  return uid === ROOT ? undefined : { uid, gid };
}

function account(name) {
  const accounts = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : [];
  const [, , uid, gid] = accounts.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
  return uid === undefined ? undefined : { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
}

/** Whether `user` gets into `folder`: asked of the kernel, which knows about groups, ACLs and mounts. */
export function canEnter(folder, user) {
  return (
    spawnSync('/bin/sh', ['-c', 'cd -- "$0"', folder], { ...user, cwd: '/', stdio: 'ignore' }).status === 0
  );
}

/**
 * Creates `folder` and returns where it really is. When `user` cannot get there (a checkout under /root) the
 * real folder is a new one in /var/tmp and `folder` a link to it, so that removing the link forgets the data.
 *
 * @param {string} folder
 * @param {{ uid: number, gid: number } | undefined} user
 */
export function reachableFolder(folder, user) {
  forgetDanglingLink(folder);
  const isNew = mkdirSync(folder, { recursive: true }) !== undefined;
  if (user && isNew) chmodSync(folder, 0o711);
  if (user && !canEnter(realpathSync(folder), user)) replaceByLink(folder, user);
  return realpathSync(folder);
}

function forgetDanglingLink(folder) {
  const isLink = lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink();
  if (isLink && !existsSync(folder)) unlinkSync(folder);
}

function replaceByLink(folder, user) {
  try {
    rmdirSync(folder);
  } catch {
    throw new Error(`PostgreSQL is to run as the user ${user.uid}, who cannot enter ${folder}.`);
  }
  const elsewhere = mkdtempSync('/var/tmp/redress-postgres-');
  chmodSync(elsewhere, 0o711);
  symlinkSync(elsewhere, folder);
}
