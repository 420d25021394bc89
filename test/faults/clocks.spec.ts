import path from 'node:path';
import { newWebhookSecret } from '@redress/connectors';
import { ok, runOnce, settle, type CommandMeta, type Ports, type ReplyCodec } from '@redress/domain';
import type { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { DatabaseClock } from '../../libs/typeorm/src/database/database-clock';
import { openDatabase } from '../../libs/typeorm/src/database/data-source';
import { TenantPool } from '../../libs/typeorm/src/database/tenant-pool';
import { PostgresUnitOfWork } from '../../libs/typeorm/src/unit-of-work/postgres-unit-of-work';
import type { Answer } from '../support/app';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { bearer, sendTo, type Send } from '../support/http-client';
import { ownerOf, type Owner } from '../support/owner';
import { startService, stopServices, type RunningService } from '../support/service-process';
import { until } from '../support/until';
import { WebhookReceiver } from '../support/webhook-receiver';

const preload = path.resolve(__dirname, '../support/shifted-clock.cjs');
const tenant = 'acme';
const everything = bearer(tenant, 'ana@example.com');
/** Between a clock that follows the server and the server, on a busy machine. */
const slackMs = 2500;

let database: FreshDatabase;
let owner: Owner;
let receiver: WebhookReceiver;

/** A service whose machine's clock is wrong by so much. */
async function startShifted(ms: number): Promise<RunningService> {
  return startService(database.url, {
    NODE_OPTIONS: `--require ${preload}`,
    CLOCK_SHIFT_MS: String(ms),
    CONNECTIONS_TENANT: tenant,
    WEBHOOK_URL: receiver.url,
    WEBHOOK_SECRET: secret,
    EGRESS_ALLOW: receiver.origin,
    WORKERS: '1',
  });
}

const secret = newWebhookSecret();

beforeAll(async () => {
  database = await freshDatabase();
  owner = ownerOf(database.url);
  receiver = await WebhookReceiver.start(secret);
}, 60_000);

afterAll(async () => {
  await stopServices();
  await receiver.stop();
  await owner.end();
  await database.drop();
});

const post = (send: Send, route: string, body: object, key = newId()): Promise<Answer> =>
  send({
    path: route,
    headers: { ...everything, 'x-idempotency-key': key },
    body: JSON.stringify(body),
  });
const get = (send: Send, route: string): Promise<Answer> =>
  send({ method: 'GET', path: route, headers: everything });

const serverNow = async (): Promise<number> =>
  Number(
    (await owner.rows<{ ms: string }>('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms'))[0]!.ms,
  );
const inMs = async (ms: number): Promise<string> => new Date((await serverNow()) + ms).toISOString();

async function raise(send: Send, more: object = {}): Promise<string> {
  const raised = await post(send, '/v1/exceptions', { transactionId: newId(), reason: 'Mismatch', ...more });
  expect(raised.status).toBe(201);
  return raised.body.id as string;
}

async function expectServerTime(column: string, id: string, table = 'exception', after = 0): Promise<void> {
  const [row] = await owner.rows<{ off: string }>(
    `SELECT extract(epoch FROM ${column} - clock_timestamp()) * 1000 - ${after} AS off FROM ${table} WHERE id = '${id}'`,
  );
  expect(Math.abs(Number(row!.off))).toBeLessThan(slackMs);
}

describe.each([
  ['behind', -8000],
  ['ahead of', 8000],
])('a service whose clock is 8 s %s that of the database', (_, shift) => {
  let service: RunningService;
  let send: Send;

  beforeAll(async () => {
    service = await startShifted(shift);
    send = sendTo(service.url);
  }, 60_000);
  // Its jobs would go on beside those of the next one.
  afterAll(() => service.stop());

  it('dispatches with a key, and replays the final answer', async () => {
    const id = await raise(send);
    const key = newId();
    const dispatch = () => post(send, `/v1/exceptions/${id}/dispatch`, { targetSystem: 'WEBHOOK' }, key);
    const first = await dispatch();
    expect([first.status, first.body.acknowledged]).toEqual([200, true]);
    const again = await dispatch();
    expect([again.headers['x-idempotency-replayed'], again.text]).toEqual(['true', first.text]);
  });

  it('answers provisionally while the other side is slow, and a job of the database finds the end', async () => {
    await receiver.plan({ cut: true });
    const id = await raise(send);
    const dispatched = await post(send, `/v1/exceptions/${id}/dispatch`, { targetSystem: 'WEBHOOK' });
    expect([dispatched.status, dispatched.body.acknowledged]).toEqual([200, false]);
    // By the schedule five seconds later, give or take.
    await until(async () => {
      const { body } = await get(send, `/v1/exceptions/${id}/dispatches`);
      return body.items[0].state === 'CONFIRMED';
    }, 20_000);
  }, 30_000);

  it('keeps times and deadlines by the clock of the database', async () => {
    const id = await raise(send);
    await expectServerTime('created_at', id);
    await expectServerTime('due_at', id, 'exception', 168 * 3_600_000);
    const [kept] = await owner.rows<{ left: string }>(
      'SELECT extract(epoch FROM max(expires_at) - clock_timestamp()) * 1000 AS left FROM idempotency',
    );
    expect(Math.abs(Number(kept!.left) - 168 * 3_600_000)).toBeLessThan(slackMs);
  });

  it('agrees with itself about what is overdue', async () => {
    const id = await raise(send, { dueAt: await inMs(5000) });
    const overdue = async (): Promise<string[]> =>
      (await get(send, '/v1/exceptions?overdue=true')).body.items.map((item: { id: string }) => item.id);
    expect(await overdue()).not.toContain(id);
    await owner.rows(`UPDATE exception SET due_at = clock_timestamp() - interval '4 s' WHERE id = '${id}'`);
    expect(await overdue()).toContain(id);
  });

  it('keeps to it when its own clock is set forward by ten minutes', async () => {
    process.kill(service.pid, 'SIGUSR2');
    for (let i = 0; i < 3; i++) await expectServerTime('created_at', await raise(send));
  });
});

describe('a provisional answer', () => {
  let dataSource: DataSource;

  beforeAll(async () => {
    dataSource = await openDatabase({
      url: database.url,
      pool: 2,
      statementTimeoutMs: 10_000,
      lockTimeoutMs: 3000,
    });
  });
  afterAll(() => dataSource.destroy());

  const codec: ReplyCodec<string, string> = {
    present: (outcome) => (outcome.ok ? outcome.value : outcome.refusal.code),
    encode: (answer) => answer,
    decode: (kept) => kept,
    provisionalForMs: () => 5000,
  };

  async function settledBy(clock: () => Date): Promise<string> {
    const uow = new PostgresUnitOfWork(TenantPool.of(dataSource), { replyHours: 1, clock });
    const ports: Ports = { uow, clock, newId };
    const meta: CommandMeta<ReplyCodec<string, string>> = {
      tenant,
      actor: 'ana',
      idempotency: { key: newId(), fingerprint: 'f' },
      reply: codec,
    };
    await runOnce(
      ports,
      meta,
      async () => undefined,
      async () => ok('provisional'),
    );
    await settle(ports, meta, 'final');
    return runOnce(
      ports,
      meta,
      async () => undefined,
      async () => ok('anew'),
    );
  }

  it('is settled by the clock of the database', async () => {
    const clock = DatabaseClock.of(dataSource);
    await clock.sample();
    expect(await settledBy(clock.now)).toBe('final');
  });

  it('is lost with a clock that is 8 s behind', async () => {
    expect(await settledBy(() => new Date(Date.now() - 8000))).toBe('provisional');
  });

  it('follows the database from a wrong offset on', async () => {
    const clock = DatabaseClock.of(dataSource);
    (clock as unknown as { offsetMs: number }).offsetMs -= 8000;
    await clock.sample();
    const server = await serverNow();
    expect(Math.abs(clock.now().getTime() - server)).toBeLessThan(slackMs);
  });
});
