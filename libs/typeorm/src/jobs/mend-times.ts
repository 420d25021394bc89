import { attemptDelaysMs } from '@redress/domain/integrations';
import type { DataSource } from 'typeorm';

/**
 * Brings back stored times that lie further ahead than any schedule reaches, as a clock that was ahead for a moment leaves
 * them behind. Returns how many.
 */
export async function mendTimes(dataSource: DataSource): Promise<number> {
  const [{ mended }] = await dataSource.query<[{ mended: number }]>(
    'SELECT redress_mend_times($1) AS mended',
    [attemptDelaysMs],
  );
  return mended;
}
