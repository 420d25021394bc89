import { ExceptionDesk } from '@redress/domain';
import { newId } from '../../apps/api/src/ids';
import { TenantPool } from '../../libs/typeorm/src/database/tenant-pool';
import { PostgresReads } from '../../libs/typeorm/src/reads/postgres-reads';
import { PostgresUnitOfWork } from '../../libs/typeorm/src/unit-of-work/postgres-unit-of-work';
import { freshDatabase } from '../support/database';
import { openDatabase } from '../../libs/typeorm/src/database/data-source';
import { runSql } from '../support/clusters';

/* The next version migrates while this one is at work: what its sessions have prepared does not fit the tables any more. */

const options = { pool: 4, statementTimeoutMs: 10_000, lockTimeoutMs: 3000 };

it('a migration of a later version fails no request of this one', async () => {
  const database = await freshDatabase();
  const dataSource = await openDatabase({ ...options, url: database.url });
  try {
    const pool = TenantPool.of(dataSource);
    const [uow, reads] = [new PostgresUnitOfWork(pool, { replyHours: 1 }), new PostgresReads(pool)];
    const desk = new ExceptionDesk({ uow, clock: () => new Date(), newId });
    const meta = { tenant: 'acme', actor: 'ana' };
    const round = async () => {
      const raised = await desk.raise({ transactionId: newId(), reason: 'FEE' }, meta);
      if (!raised.ok) throw new Error(raised.refusal.code);
      const { id } = raised.value.state;
      const done = await desk.handle(id, { type: 'assign', assignee: 'bo' }, meta);
      const listed = await reads.exceptions('acme', {}, 'id', { limit: 50, order: 'asc' });
      const history = await reads.history('acme', id, { limit: 50, order: 'asc' });
      return [done.ok, listed.items.length > 0, history?.items.length];
    };
    const rounds = () => Promise.all(Array.from({ length: 12 }, round));
    await rounds();
    const failures: unknown[] = [];
    pool.observe(({ phase, failed }) => {
      if (phase === 'statement' && failed) failures.push(phase);
    });
    for (const table of ['exception', 'history', 'dispute', 'dispatch'])
      await runSql(database.url, `ALTER TABLE ${table} ADD later_version text`);
    expect(await rounds()).toEqual(Array(12).fill([true, true, 2]));
    // Otherwise nothing was put to the test.
    expect(failures.length).toBeGreaterThan(0);
  } finally {
    await dataSource.destroy();
    await database.drop();
  }
}, 60_000);
