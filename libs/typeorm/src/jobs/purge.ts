import type { DataSource } from 'typeorm';

const batch = 1000;

/** Deletes expired replies to idempotency keys in small batches. Returns how many. */
export const purgeReplies = (dataSource: DataSource): Promise<number> =>
  inBatches(dataSource, 'SELECT redress_reap_replies($1) AS gone', [batch]);

/** Deletes access records that are older than so many days, 30 at least, in small batches. Returns how many. */
export const purgeAccessRecords = (dataSource: DataSource, days: number): Promise<number> =>
  inBatches(dataSource, 'SELECT redress_purge_access_records($2, $1) AS gone', [batch, days]);

async function inBatches(dataSource: DataSource, statement: string, values: number[]): Promise<number> {
  for (let total = 0; ;) {
    const [{ gone }] = await dataSource.query<[{ gone: string }]>(statement, values);
    total += Number(gone);
    if (Number(gone) < batch) return total;
  }
}
