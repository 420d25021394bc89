import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '../../apps/api/src/ids';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { bearer, sendTo, type Send } from '../support/http-client';
import { historyFlaws, ownerOf, type Owner } from '../support/owner';
import { itWithSeed } from '../support/seed';
import { startService, stopServices } from '../support/service-process';

const tenant = 'acme';
const waiting = 200;
const kills = 8;

let database: FreshDatabase;
let owner: Owner;
let door: Send;

beforeAll(async () => {
  database = await freshDatabase();
  owner = ownerOf(database.url);
  door = sendTo((await startService(database.url)).url);
}, 60_000);

afterAll(async () => {
  await stopServices();
  await owner.end();
  await database.drop();
});

const headers = bearer(tenant, 'ana');
const post = async (path: string, body: object) => {
  const { status, text, body: answer } = await door({ path, headers, body: JSON.stringify(body) });
  if (status >= 300) throw new Error(text);
  return answer;
};

/** Dispatches `waiting` exceptions and makes them overdue. */
async function overdue(): Promise<void> {
  const ids: string[] = [];
  for (let i = 0; i < waiting; i++)
    ids.push((await post('/v1/exceptions', { transactionId: newId(), reason: 'Off' })).id as string);
  await post('/v1/exceptions/bulk/dispatch', { exceptionIds: ids, targetSystem: 'MANUAL' });
  await owner.rows(`UPDATE exception SET pending_since = now() - interval '1 year'`);
  await owner.rows('UPDATE graphile_worker._private_jobs SET run_at = now()');
}

const flagged = async (): Promise<number> =>
  (await owner.rows('SELECT 1 FROM exception WHERE flagged_at IS NOT NULL')).length;

/** Counts exceptions by how many overdue events each has. */
const overdueCounts = async (): Promise<Record<string, number>> => {
  const rows = await owner.rows<{ times: number }>(
    `SELECT count(*)::int4 AS times FROM history WHERE type = 'exception.waits_too_long' GROUP BY exception_id`,
  );
  const counts: Record<string, number> = {};
  for (const { times } of rows) counts[times] = (counts[times] ?? 0) + 1;
  return counts;
};

/** What a killed process held is let go of after two minutes, which are over now. Answers how much it was. */
const letGo = async (): Promise<number> =>
  (
    await owner.rows(
      'UPDATE graphile_worker._private_jobs SET locked_at = NULL, locked_by = NULL WHERE locked_at IS NOT NULL RETURNING 1',
    )
  ).length;

describe('processes that are killed while they flag what waits too long', () => {
  itWithSeed(
    `flag each once, ${kills} times killed`,
    async (random) => {
      await overdue();
      let interrupted = 0;
      for (let kill = 0; kill < kills; kill++) {
        const worker = await startService(database.url, { WORKERS: '3' });
        await pause(random.below(120));
        await worker.kill('SIGKILL');
        interrupted += await letGo();
      }
      expect(interrupted).toBeGreaterThan(0);
      const worker = await startService(database.url, { WORKERS: '3' });
      for (let patience = 200; (await flagged()) < waiting && patience > 0; patience--) await pause(50);
      await worker.stop();
      expect(await overdueCounts()).toEqual({ 1: waiting });

      // Each once more, as if all had been killed just before they could say that they were done.
      await owner.rows(
        `SELECT graphile_worker.add_job('deadline', json_build_object('tenant', tenant_id, 'id', id)) FROM exception`,
      );
      const again = await startService(database.url, { WORKERS: '3' });
      for (let patience = 200; patience > 0; patience--) {
        if (!(await owner.rows('SELECT 1 FROM graphile_worker._private_jobs LIMIT 1')).length) break;
        await pause(50);
      }
      await again.stop();
      expect(await owner.rows('SELECT 1 FROM graphile_worker._private_jobs')).toEqual([]);
      expect(await overdueCounts()).toEqual({ 1: waiting });
      expect(await historyFlaws(owner)).toEqual([]);
    },
    120_000,
  );

  it('would tell of one twice that forgot that it had', async () => {
    await owner.rows(
      `UPDATE exception SET flagged_at = NULL WHERE id = (SELECT id FROM exception ORDER BY id LIMIT 1)`,
    );
    await owner.rows(
      `SELECT graphile_worker.add_job('deadline', json_build_object('tenant', tenant_id, 'id', id)) FROM exception WHERE flagged_at IS NULL`,
    );
    const worker = await startService(database.url, { WORKERS: '1' });
    for (let patience = 200; (await flagged()) < waiting && patience > 0; patience--) await pause(50);
    await worker.stop();
    expect(await overdueCounts()).toEqual({ 1: waiting - 1, 2: 1 });
  }, 60_000);
});
