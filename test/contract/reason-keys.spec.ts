import { ExceptionDesk, textKey } from '@redress/domain';
import type { DataSource } from 'typeorm';
import { newId } from '../../apps/api/src/ids';
import { openDatabase } from '../../libs/typeorm/src/database/data-source';
import { TenantPool } from '../../libs/typeorm/src/database/tenant-pool';
import { migrate } from '../../libs/typeorm/src/migrations/migrate';
import { ReasonKeys1700000000023 } from '../../libs/typeorm/src/migrations/0023-reason-keys';
import { PostgresUnitOfWork } from '../../libs/typeorm/src/unit-of-work/postgres-unit-of-work';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { ownerOf, type Owner } from '../support/owner';
import { undoFrom } from '../support/undo-migrations';

/* A database from before reasons were compared in one form, with exceptions that are the same by now. */

let database: FreshDatabase;
let owner: Owner;
let dataSource: DataSource;

beforeAll(async () => {
  database = await freshDatabase();
  owner = ownerOf(database.url);
  await undoFrom(database.url, ReasonKeys1700000000023);
}, 60_000);
afterAll(async () => {
  await dataSource.destroy();
  await owner.end();
  await database.drop();
});

const transactionId = newId();

async function stored(
  reason: string,
  over: Readonly<{ status?: string; tenant?: string }> = {},
): Promise<string> {
  const id = newId();
  const { status = 'OPEN', tenant = 't' } = over;
  const resolved = status === 'RESOLVED' ? `'FORCE_MATCH', now(), 'ana'` : 'NULL, NULL, NULL';
  await owner.rows(
    `INSERT INTO exception (tenant_id, id, version, status, transaction_id, reason, severity, due_at, seen_count, last_seen_at,
       created_at, updated_at, history_seq, history_head, resolution_type, resolved_at, resolved_by)
     VALUES ($1, $2, 1, $3, $4, $5, 'LOW', now(), 1, now(), now(), now(), 0, '\\x00', ${resolved})`,
    [tenant, id, status, transactionId, reason],
  );
  return id;
}

/** Each is one break, in every way of writing it. */
const breaks: readonly (readonly string[])[] = [
  ['Late fee', 'LATE FEE', ' late fee\t'],
  ['CAF\u00c9', 'Cafe\u0301', 'caf\u00e9\u2003'],
  ['\u0391\u03a3', '\u03b1\u03c2'],
  ['\u0130zmir', 'i\u0307zmir'],
  ['\ufeffmark', 'Mark'],
];

it('takes what was there into account, and lets what is the same by now stay as it is', async () => {
  const ids = await Promise.all(breaks.map((texts) => inTurn(texts, (reason) => stored(reason))));
  const resolved = await inTurn(breaks[0]!, (reason) => stored(reason, { status: 'RESOLVED' }));
  const elsewhere = await stored('LATE FEE', { tenant: 'another' });
  const rows = () =>
    owner.rows<{ id: string; reason: string; reason_key: string | null }>(
      'SELECT id, reason, reason_key FROM exception ORDER BY id',
    );
  const before = (await owner.rows('SELECT id, reason FROM exception ORDER BY id')) as unknown;
  await migrate(database.url);

  const found = await rows();
  expect(found.map(({ id, reason }) => ({ id, reason }))).toEqual(before);
  const keyOf = new Map(found.map((row) => [row.id, row.reason_key]));
  for (const [i, texts] of breaks.entries()) {
    // One of each break has the key that the service looks for; the others are compared by their own letters.
    const keys = ids[i]!.map((id) => keyOf.get(id));
    expect(keys.filter((key) => key !== null)).toEqual([textKey(texts[0]!)]);
  }
  for (const id of [...resolved, elsewhere]) expect(keyOf.get(id)).toBe('late fee');

  dataSource = await openDatabase({
    url: database.url,
    pool: 4,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 3000,
  });
  const uow = new PostgresUnitOfWork(TenantPool.of(dataSource), { replyHours: 1 });
  const desk = new ExceptionDesk({ uow, clock: () => new Date(), newId });
  const meta = { tenant: 't', actor: 'ana' };
  for (const [i, texts] of breaks.entries())
    for (const reason of texts) {
      const raised = await desk.raise({ transactionId, reason }, meta);
      if (!raised.ok) throw new Error(raised.refusal.code);
      expect(ids[i]).toContain(raised.value.state.id);
    }
  // Each of those that are the same by now can still be resolved.
  for (const id of ids.flat()) {
    const outcome = await desk.handle(id, { type: 'resolve', resolution: 'Paid.' }, meta);
    expect(outcome.ok).toBe(true);
  }
  // An instance of the version before, which runs beside this one, writes no keys.
  const older = await stored('Wire FEE ');
  const taken = await stored('wire fee');
  const [row] = await owner.rows('SELECT reason, reason_key FROM exception WHERE id = $1', [taken]);
  expect(row).toEqual({ reason: 'wire fee', reason_key: `wire fee ${taken}` });
  for (const reason of ['WIRE FEE', 'Wire FEE '])
    expect(await desk.raise({ transactionId, reason }, meta)).toMatchObject({
      value: { state: { id: older } },
    });
  expect((await desk.handle(taken, { type: 'resolve', resolution: 'Paid.' }, meta)).ok).toBe(true);
  expect((await desk.handle(older, { type: 'resolve', resolution: 'Paid.' }, meta)).ok).toBe(true);
  const anew = await desk.raise({ transactionId, reason: 'LATE FEE' }, meta);
  expect(anew).toMatchObject({ ok: true, value: { basedOn: 0 } });
}, 60_000);

it('is undone with all rows, and done once more', async () => {
  const ids = async () => (await owner.rows('SELECT id, reason FROM exception ORDER BY id')) as unknown;
  const before = await ids();
  await undoFrom(database.url, ReasonKeys1700000000023);
  expect(await ids()).toEqual(before);
  await migrate(database.url);
  expect(await ids()).toEqual(before);
  const [unlike] = await owner.rows(
    `SELECT count(*)::int AS count FROM exception WHERE status <> 'RESOLVED' AND reason_key IS NULL`,
  );
  expect(unlike).toEqual({ count: 0 });
}, 60_000);

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
