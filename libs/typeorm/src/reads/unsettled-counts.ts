import type { DataSource } from 'typeorm';

/** Work of all tenants together that is not over, or was given up, by its name (target or task) and state. */
export type Unsettled = Readonly<{
  kind: 'dispatch' | 'delivery' | 'mismatch' | 'job';
  name: string;
  state: string;
  count: number;
  /** The age of the oldest; below 0 for a job that is due later. */
  oldestSeconds: number;
}>;

/** Reads the counts. For metrics: it sees all tenants, and no data of any. */
export async function readUnsettled(dataSource: DataSource): Promise<readonly Unsettled[]> {
  const rows = await dataSource.query<Record<string, string>[]>(
    'SELECT kind, name, state, count, oldest_seconds FROM redress_unsettled()',
  );
  return rows.map(({ kind, name = '', state = '', count, oldest_seconds: oldest }) => ({
    kind: kind as Unsettled['kind'],
    name,
    state,
    count: Number(count),
    oldestSeconds: Number(oldest),
  }));
}
