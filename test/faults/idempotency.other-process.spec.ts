import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { scopeOf } from '@redress/formats';
import { newId } from '../../apps/api/src/ids';
import type { Answer } from '../support/app';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { bearer, essence, replayed, sendTo, type Outgoing, type Send } from '../support/http-client';
import { ownerOf, type Owner } from '../support/owner';
import { startService, stopServices } from '../support/service-process';

const waitMs = 1000;

let database: FreshDatabase;
let owner: Owner;
let blocker: Client;
/** Two processes: one that would wait for long, one that does not. */
let patient: Send;
let hasty: Send;

beforeAll(async () => {
  database = await freshDatabase();
  owner = ownerOf(database.url);
  const start = (ms: number) => startService(database.url, { IDEMPOTENCY_WAIT_MS: String(ms) });
  const [one, other] = await Promise.all([start(9000), start(waitMs)]);
  [patient, hasty] = [sendTo(one.url), sendTo(other.url)];
}, 60_000);

afterAll(async () => {
  await stopServices();
  await owner.end();
  await database.drop();
});

beforeEach(async () => {
  blocker = new Client({ connectionString: database.url });
  await blocker.connect();
  await blocker.query('BEGIN');
});

afterEach(() => blocker.end());

const tenant = `tenant-${newId()}`;
const actor = 'ana@example.com';
const everything = bearer(tenant, actor);
const report = () => JSON.stringify({ transactionId: newId(), reason: 'Mismatch' });

async function raised(): Promise<string> {
  return (await patient({ path: '/v1/exceptions', headers: everything, body: report() })).body.id as string;
}

async function held(request: Outgoing): Promise<Answer> {
  const asked = performance.now();
  const answer = await hasty(request);
  const took = performance.now() - asked;
  expect(took).toBeGreaterThan(waitMs * 0.9);
  // Well before the database would give the statement up.
  expect(took).toBeLessThan(7000);
  return answer;
}

const isInProgress = (answer: Answer): void =>
  expect([answer.status, answer.body.title, answer.headers['retry-after'], replayed(answer)]).toEqual([
    ...[409, 'request_in_progress', '1', 'false'],
  ]);

describe('a request that is being committed by another process', () => {
  it('is told after a while to come back, and then gets the answer to the first', async () => {
    const id = await raised();
    const request = {
      path: `/v1/exceptions/${id}/assign`,
      headers: { ...everything, 'x-idempotency-key': newId() },
      body: JSON.stringify({ assignee: 'ben' }),
    };
    await blocker.query('SELECT 1 FROM exception WHERE id = $1 FOR UPDATE', [id]);
    const first = patient(request);
    await pause(200);
    isInProgress(await held(request));
    await blocker.query('ROLLBACK');
    const done = await first;
    expect([done.status, replayed(done)]).toEqual([200, 'false']);
    const again = await hasty(request);
    expect([essence(again), replayed(again)]).toEqual([essence(done), 'true']);
    expect(await owner.rows('SELECT version FROM exception WHERE id = $1', [id])).toEqual([{ version: 2 }]);
  }, 20_000);

  it('waits for its key where there is nothing else to wait for', async () => {
    const key = newId();
    const request = {
      path: '/v1/exceptions',
      headers: { ...everything, 'x-idempotency-key': key },
      body: report(),
    };
    const scope = scopeOf({ tenant, actor, method: 'POST', path: '/v1/exceptions', query: '', key });
    await blocker.query(
      `INSERT INTO idempotency (tenant_id, key, fingerprint, answer, expires_at) VALUES ($1, $2, 'x', '', now() + interval '1 day')`,
      [tenant, scope],
    );
    isInProgress(await held(request));
    await blocker.query('ROLLBACK');
    const done = await hasty(request);
    expect([done.status, replayed(done), done.body.seenCount]).toEqual([201, 'false', 1]);
  }, 20_000);

  it('has no answer of its own to wait for without a key, and waits for its turn', async () => {
    const id = await raised();
    await blocker.query('SELECT 1 FROM exception WHERE id = $1 FOR UPDATE', [id]);
    const body = JSON.stringify({ assignee: 'ben' });
    const waiting = hasty({ path: `/v1/exceptions/${id}/assign`, headers: everything, body });
    await pause(waitMs * 1.5);
    await blocker.query('ROLLBACK');
    expect((await waiting).status).toBe(200);
  }, 20_000);
});
