import type { DataSource } from 'typeorm';
import type { WaitCount } from '../../observability/pending-gauges';

/** What waits for somebody now, in all tenants together. */
export async function readWaits(dataSource: DataSource): Promise<readonly WaitCount[]> {
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
