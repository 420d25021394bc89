import { spawn, execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ATTEMPTS = 3;

/**
 * What PostgreSQL says about itself in postmaster.pid, or undefined when the file is absent.
 *
 * @param {string} data
 * @returns {{ pid: number, port: number, isReady: boolean } | undefined}
 */
export function readPostmaster(data) {
  const lines = readIfThere(path.join(data, 'postmaster.pid'))?.split('\n');
  return lines && { pid: Number(lines[0]), port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' };
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Starts PostgreSQL on a free port of 127.0.0.1 and waits until it accepts connections. It survives neither
 * `stop()` nor the death of this process, however sudden.
 *
 * @param {{ binaries: { postgres: string, pgCtl: string }, data: string, log: string, settings: Record<string, string | number>, user?: { uid: number, gid: number } }} plan
 */
export async function launch(plan) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launchOnce(plan, await freePort());
    } catch (error) {
      // Another process may have taken the port since we asked for a free one.
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function launchOnce({ binaries, data, log, settings, user }, port) {
  const fixed = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '' };
  const settingOptions = Object.entries({ ...settings, ...fixed }).map(
    ([name, value]) => `--${name}=${value}`,
  );
  const output = openSync(log, 'a', 0o600);
  const logStart = statSync(log).size;
  const child = spawnGuarded([binaries.postgres, '-D', data, ...settingOptions], {
    ...user,
    cwd: data,
    detached: true,
    stdio: ['pipe', output, output],
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  closeSync(output);
  const ended = endOf(child);
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  while (!isReady(child, data)) {
    if (hasEnded) throw failure(log, logStart);
    await sleep(10);
  }
  return { port, ended, stop: () => stop(child, ended, binaries, data) };
}

// The watchdog holds the other end of our pipe. A line through it means that PostgreSQL ended; the end of the pipe
// means that we did, and then PostgreSQL is asked to end, more than once as it may be too young to listen. The
// watchdog is there before PostgreSQL is (`exec` keeps the pid), and is no child of its, which would puzzle it.
const WATCHDOG = `
exec 3<&0 </dev/null
( { read -r _ <&3 || for try in 1 2 3 4 5; do kill -INT $$ && sleep 1; done; } >/dev/null 2>&1 & )
exec 3<&-
exec "$0" "$@"`;

function spawnGuarded([command, ...options], spawnOptions) {
  const child =
    process.platform === 'win32'
      ? spawn(command, options, { ...spawnOptions, windowsHide: true })
      : spawn('/bin/sh', ['-c', WATCHDOG, command, ...options], spawnOptions);
  child.stdin.on('error', () => {});
  child.unref();
  child.stdin.unref();
  return child;
}

function endOf(child) {
  return new Promise((resolve) => {
    const end = () => {
      child.stdin.end('ended\n');
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
}

// The file may be a leftover of an earlier server until ours has written it anew.
function isReady(child, data) {
  const postmaster = readPostmaster(data);
  return Boolean(postmaster?.isReady) && postmaster.pid === child.pid;
}

function failure(log, from) {
  const said = readFileSync(log).subarray(from).toString('utf8').trim();
  return new Error(`PostgreSQL ended while starting. Its log, ${log}, says:\n${said}`);
}

async function stop(child, ended, binaries, data) {
  child.ref();
  // Windows knows no SIGINT between processes: Node would end PostgreSQL the hard way.
  if (process.platform === 'win32') execFileSync(binaries.pgCtl, ['stop', '-D', data, '-m', 'fast']);
  else child.kill('SIGINT');
  await ended;
}
