import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { newId } from '../../apps/api/src/ids';
import { migrate } from '../../libs/typeorm/src/migrations/migrate';
import { startTestApp, type Person, type TestApp } from '../support/app';
import { startDeskLoad, type DeskLoad } from '../support/desk-load';
import { expectGoodService, expectOnce, served, slackMs } from '../support/desk-proofs';
import { listen, type Listener } from '../support/listener';
import { ownerOf } from '../support/owner';
import { PostgresStarter } from '../support/postgres-starter';
import { lookUntil, until } from '../support/until';

/*
 * Real PostgreSQL servers that stand still, crash and are replaced by their standby, while the service is under load.
 * The address stays the same, as with a virtual one or a load balancer.
 */

const statementTimeoutMs = 1000;
/** As docs/running.md says. */
const promised = { answeredWithinMs: statementTimeoutMs + 5000, servedWithinMs: 5000 };
/** For a look that a busy machine makes late. */
const patientlyMs = 20_000;

type Server = Readonly<{ starter: PostgresStarter; url: string; data: string; pid: number }>;

async function startServer(dataDir: string): Promise<Server> {
  const starter = new PostgresStarter(dataDir, { durable: true });
  const { url, home } = await starter.started;
  const data = path.join(home, 'data');
  const pid = Number(readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  return { starter, url, data, pid };
}

/** The postmaster and all its backends. */
const processesOf = ({ pid }: Server): number[] => [
  pid,
  ...readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number),
];
function parentOf(pid: string): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1]);
  } catch {
    return undefined;
  }
}
const signal = (server: Server, name: NodeJS.Signals): void => {
  for (const pid of processesOf(server)) process.kill(pid, name);
};

/** `pg_ctl stop -m immediate`: no shutdown checkpoint, sessions are cut. */
async function crash(server: Server): Promise<void> {
  process.kill(server.pid, 'SIGQUIT');
  await server.starter.stop();
}

/** One address, which leads to one server or another. */
async function virtualAddress(first: Server) {
  let target = first.url;
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const { port, hostname } = new URL(target);
    const far = connect(Number(port), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => void (sockets.delete(socket), other.destroy()));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    url: Object.assign(new URL(first.url), { hostname: '127.0.0.1', port: String(port) }).href,
    leadTo: (server: Server) => (target = server.url),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

let folder: string;
let primary: Server;
let address: Awaited<ReturnType<typeof virtualAddress>>;
let service: TestApp;
let listener: Listener;
let ana: Person;
let load: DeskLoad;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'redress-servers-'));
  chmodSync(folder, 0o711);
  primary = await startServer(path.join(folder, 'primary'));
  await migrate(primary.url);
  address = await virtualAddress(primary);
  listener = await listen();
  service = await startTestApp({
    DATABASE_URL: address.url,
    STATEMENT_TIMEOUT_MS: String(statementTimeoutMs),
    WORKERS: '2',
    EGRESS_ALLOW: listener.origin,
  });
  ana = service.person();
  const { body } = await ana.post('/v1/webhook-endpoints', { url: listener.url });
  listener.secrets.push(body.secret);
}, 60_000);

afterAll(async () => {
  await service.close();
  await address.close();
  await listener.close();
  const places = ['primary', 'standby'].map((name) => realpathSync(path.join(folder, name)));
  await Promise.all(PostgresStarter.all.splice(0).map((starter) => starter.stop()));
  for (const place of [...places, folder]) rmSync(place, { recursive: true, force: true });
}, 60_000);

beforeEach(async () => {
  load = startDeskLoad(ana, 10);
  await until(() => load.finished.length > 10);
});

const ready = async () => (await service.send('GET', '/health/ready')).status;
const readyIs = (status: number) => lookUntil(ready, (seen) => seen === status, patientlyMs);

/** Requests, readiness and background work are as they were, soon after the healing, and nothing is lost or doubled. */
async function expectHealed(server: Server, healedAt: number): Promise<void> {
  await served(load, healedAt, promised);
  await readyIs(200);
  await load.stop();
  expectGoodService(load, healedAt, promised);
  const owner = ownerOf(server.url);
  all.push(...load.finished);
  await expectOnce(owner, { ...load, finished: all });
  await owner.end();
  const last = load.finished.at(-1)!;
  const isDelivered = () =>
    listener.taken.some(({ body }) => body.data.exceptionId === last && body.type === 'exception.resolved');
  await until(isDelivered, patientlyMs);
}
/** Everything that was finished in this file. */
const all: string[] = [];

describe('a service whose PostgreSQL', () => {
  it('stands still and goes on answers 503 in time, and serves again', async () => {
    const naive = new Client({ connectionString: primary.url });
    await naive.connect();
    signal(primary, 'SIGSTOP');
    const stoppedAt = performance.now();
    let naiveAnswered = false;
    const asked = naive.query('SELECT 1').then(() => (naiveAnswered = true));
    await readyIs(503);
    await until(
      () => load.requests.some(({ status, sentAt }) => status === 503 && sentAt > stoppedAt),
      promised.answeredWithinMs + slackMs,
    );
    // Everything that was asked meanwhile has its answer, while a client without deadlines has none.
    await pause(1000);
    expect(
      load.waiting().filter((at) => performance.now() - at > promised.answeredWithinMs + slackMs),
    ).toEqual([]);
    expect(naiveAnswered).toBe(false);
    signal(primary, 'SIGCONT');
    await expectHealed(primary, performance.now());
    await asked;
    await naive.end();
  }, 60_000);

  it('crashes and starts again loses nothing, and serves again', async () => {
    await crash(primary);
    await readyIs(503);
    primary = await startServer(path.join(folder, 'primary'));
    address.leadTo(primary);
    await expectHealed(primary, performance.now());
  }, 60_000);

  it('is replaced by its standby serves reads, and changes when that is promoted', async () => {
    const standby = await startStandby();
    await crash(primary);
    address.leadTo(standby);
    // Reads are served, changes are refused, and it says so.
    await lookUntil(
      async () => (await ana.get('/v1/exceptions')).status,
      (status) => status === 200,
      patientlyMs,
    );
    const refused = await ana.post('/v1/exceptions', { transactionId: newId(), reason: 'x' });
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    expect((await service.send('GET', '/health/ready')).body.message).toMatch(/standby/);
    const owner = ownerOf(standby.url);
    await owner.rows('SELECT pg_promote()');
    await owner.end();
    await expectHealed(standby, performance.now());
  }, 90_000);
});

/** A base backup by the functions that pg_basebackup uses, and a server that follows the primary and is waited for. */
async function startStandby(): Promise<Server> {
  const from = realpathSync(path.join(folder, 'primary'));
  const to = path.join(folder, 'standby');
  mkdirSync(to, { mode: 0o711 });
  const client = new Client({ connectionString: primary.url }).on('error', () => undefined);
  await client.connect();
  await client.query(`SELECT pg_backup_start('standby', true)`);
  // Files may change while they are copied: the backup is made whole by the log that follows.
  execFileSync('sh', ['-c', `cp -a '${from}/.' '${to}/' || true`], { stdio: 'ignore' });
  const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop()');
  const data = path.join(to, 'data');
  for (const leftover of ['postmaster.pid', 'postmaster.opts'])
    rmSync(path.join(data, leftover), { force: true });
  const { uid, gid } = statSync(data);
  for (const [name, content] of [
    ['backup_label', rows[0]!.labelfile],
    ['standby.signal', ''],
  ] as const) {
    const file = path.join(data, name);
    writeFileSync(file, content);
    chownSync(file, uid, gid);
  }
  const { port, username, password } = new URL(primary.url);
  appendFileSync(
    path.join(data, 'postgresql.auto.conf'),
    `\nprimary_conninfo = 'host=127.0.0.1 port=${port} user=${username} password=${password} application_name=standby'\n`,
  );
  const standby = await startServer(to);
  // From now on a commit is answered when the standby has it, so that the failover loses nothing.
  await client.query(`ALTER SYSTEM SET synchronous_standby_names = 'standby'`);
  await client.query('SELECT pg_reload_conf()');
  await lookUntil(
    async () =>
      (await client.query(`SELECT sync_state FROM pg_stat_replication`)).rows[0]?.sync_state as unknown,
    (state) => state === 'sync',
    patientlyMs,
  );
  await client.end();
  return standby;
}
