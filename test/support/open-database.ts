import type { DataSource } from 'typeorm';
import { openDatabase } from '../../libs/typeorm/src/database/data-source';
import { freshDatabase } from './database';

/** A database of its own, opened as the service opens one. */
export async function openFreshDatabase(): Promise<{ dataSource: DataSource; close: () => Promise<void> }> {
  const database = await freshDatabase();
  const timeouts = { statementTimeoutMs: 10_000, lockTimeoutMs: 3000 };
  const dataSource = await openDatabase({ url: database.url, pool: 10, ...timeouts });
  return {
    dataSource,
    close: async () => {
      await dataSource.destroy();
      await database.drop();
    },
  };
}
