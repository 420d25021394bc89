import type { DataSource } from 'typeorm';

/** Pending exceptions of all tenants together, by what they wait for. */
export type PendingCount = Readonly<{
  wait: string;
  waiting: number;
  flagged: number;
  oldestSeconds: number;
}>;

/** Reads the counts, one row for each kind of wait. For metrics: it sees all tenants, and no data of any. */
export async function readPendingCounts(dataSource: DataSource): Promise<readonly PendingCount[]> {
  const rows = await dataSource.query<Record<string, string>[]>(
    'SELECT wait, waiting, flagged, oldest_seconds FROM redress_waits()',
  );
  return rows.map(({ wait = '', waiting, flagged, oldest_seconds: oldest }) => ({
    wait,
    waiting: Number(waiting),
    flagged: Number(flagged),
    oldestSeconds: Number(oldest),
  }));
}
