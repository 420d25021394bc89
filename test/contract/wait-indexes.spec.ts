import { Client } from 'pg';
import { fill } from '../../bench/support/rows';
import { tenant } from '../../bench/support/setting';
import { appRole } from '../../libs/typeorm/src/database/app-role';
import { listExceptions } from '../../libs/typeorm/src/reads/exception-list';
import { columnsOf } from '../../libs/typeorm/src/entities/entity-schemas';
import { exceptionSortKeys, type ExceptionFilter, type ExceptionSortKey } from '@redress/domain';
import { exceptionColumns } from '../support/exception-rows';
import { freshDatabase, type FreshDatabase } from '../support/database';

let database: FreshDatabase;
let client: Client;

/** Of 10,000 exceptions of each tenant 125 wait, and 10 have waited too long. */
beforeAll(async () => {
  database = await freshDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await fill(client, 10_000);
  await client.query('UPDATE exception SET pending_since = updated_at WHERE pending IS NOT NULL');
  await client.query(
    `UPDATE exception SET flagged_at = now() WHERE id IN (
       SELECT id FROM exception WHERE pending IS NOT NULL ORDER BY pending_since LIMIT 10)`,
  );
  await client.query(
    `INSERT INTO exception (${exceptionColumns}) SELECT 'tenant ' || k, ${columnsOf('exception').join(', ')}
     FROM exception, generate_series(1, 4) k`,
  );
  await client.query('VACUUM ANALYZE exception');
}, 60_000);

afterAll(async () => {
  await client.end();
  await database.drop();
});

/** The index that the service would read a list from, behind row-level security. */
async function indexOf(filter: ExceptionFilter, sort: ExceptionSortKey = 'created_at'): Promise<string> {
  const plans: string[] = [];
  const explain = async (text: string, values: readonly unknown[]) => {
    const { rows } = await client.query(`EXPLAIN ${text}`, [...values]);
    plans.push(...rows.map((row) => row['QUERY PLAN'] as string));
    return [];
  };
  await client.query(`SET ROLE ${appRole}`);
  await client.query(`SELECT set_config('redress.tenant', $1, false)`, [tenant]);
  await listExceptions(explain, tenant, filter, sort, { limit: 20, order: 'desc' });
  await client.query('RESET ROLE');
  return (
    /Index Scan(?: Backward)? using (\w+)|Bitmap Index Scan on (\w+)/.exec(plans.join('\n'))?.[1] ??
    plans.join('\n')
  );
}

const longAgo = new Date(Date.now() - 700 * 86_400_000).toISOString();

describe('a list of what waits', () => {
  it.each<[string, ExceptionFilter]>([
    [
      'for what, since when and in which status',
      { pending: ['external'], pendingBefore: longAgo, status: ['PENDING_RESOLUTION'] },
    ],
    ['for what and since when', { pending: ['external'], pendingBefore: longAgo }],
    ['since when', { pendingBefore: longAgo }],
    ['since when, whatever the status', { pendingBefore: longAgo, status: ['PENDING_RESOLUTION'] }],
  ])('is read from its index, by %s', async (_by, filter) => {
    expect(await indexOf(filter)).toBe('exception_pending');
  });

  it.each(exceptionSortKeys)('for too long is read from its index, by %s', async (sort) => {
    expect(await indexOf({ flagged: true }, sort)).toBe('exception_flagged');
  });
});

describe('what reaches across tenants', () => {
  it('counts what waits from an index alone', async () => {
    const { rows } = await client.query(
      `EXPLAIN SELECT pending, count(*), count(flagged_at), min(pending_since) FROM exception
       WHERE pending IS NOT NULL GROUP BY pending`,
    );
    expect(JSON.stringify(rows)).toContain('Index Only Scan using exception_waits');
  });
});
