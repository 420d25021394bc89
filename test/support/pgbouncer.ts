import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { closedPort } from './failing-servers';
import { until } from './until';

const nobody = 65_534;
const places = ['pgbouncer', '/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'];

/** The PgBouncer of this machine, which scripts/system-programs.mjs installs in a build; undefined where there is none. */
export const pgBouncer = (): string | undefined =>
  places.find((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0);

export type RunningPgBouncer = Readonly<{
  /** The same database as the same login, through the pooler. */
  urlOf: (url: string) => string;
  stop: () => Promise<void>;
}>;

/** A PgBouncer in front of a server, with pools of a few sessions, so that clients have to share them. */
export async function startPgBouncer(
  program: string,
  /** The URLs, with passwords, of the logins that it lets in. */
  logins: readonly string[],
  { mode, sessions }: Readonly<{ mode: 'session' | 'transaction'; sessions: number }>,
): Promise<RunningPgBouncer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'redress-pgbouncer-'));
  chmodSync(folder, 0o711);
  const file = (name: string, lines: readonly string[]): string => {
    const place = path.join(folder, name);
    writeFileSync(place, `${lines.join('\n')}\n`, { mode: 0o644 });
    return place;
  };
  const users = logins.map((login) => {
    const { username, password } = new URL(login);
    return `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"`;
  });
  const port = await closedPort();
  const [server] = logins.map((login) => new URL(login));
  const ini = file('pgbouncer.ini', [
    '[databases]',
    `* = host=${server!.hostname} port=${server!.port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${file('users.txt', users)}`,
    `pool_mode = ${mode}`,
    `default_pool_size = ${sessions}`,
    'max_client_conn = 200',
  ]);
  const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  const child = spawn(program, ['-q', ini], { stdio: 'ignore', ...user });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const urlOf = (direct: string) => Object.assign(new URL(direct), { hostname: '127.0.0.1', port }).href;
  await until(() => answers(urlOf(logins[0]!)), 10_000);
  return {
    urlOf,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
