import type { DataSource } from 'typeorm';

const batch = 1000;

/** Deletes expired replies to idempotency keys in small batches. Returns how many. */
export async function purgeReplies(dataSource: DataSource): Promise<number> {
  for (let total = 0; ;) {
    const [{ gone }] = await dataSource.query<[{ gone: string }]>('SELECT redress_reap_replies($1) AS gone', [
      batch,
    ]);
    total += Number(gone);
    if (Number(gone) < batch) return total;
  }
}
