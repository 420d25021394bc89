import {
  checkMigrated,
  migrate,
  openDatabase,
  openHostJobPool,
  openJobPool,
  roleSetBy,
  sessionScopeOf,
} from '@redress/typeorm';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config';

/** Injection token of the `Database`. */
export const DATABASE = Symbol('Database');

/** The database that this application works on, with what is opened and closed together with the application. */
export type Database = Readonly<{
  dataSource: DataSource;
  /** Opens a pool of its own for background jobs, of at most so many connections. */
  openJobPool: (connections: number) => Promise<Pool>;
  /** Closes what was opened for this application alone. */
  close: () => Promise<void>;
}>;

/** Brings the database up to date, as the login that owns its tables. */
export const migrateDatabase = (config: Config): Promise<void> =>
  migrate(config.migrationsDatabaseUrl, {
    serviceUrl: config.databaseUrl,
    timeoutMs: config.migrationTimeoutSeconds * 1000,
    pooler: config.databasePooler,
  });

/** The same at a start; where migrating is a step of its own, makes sure that it was done. */
export const prepareDatabase = (config: Config): Promise<void> =>
  config.migrateOnStart ? migrateDatabase(config) : checkMigrated(config.databaseUrl);

/** The database of `DATABASE_URL`. `warn` logs what makes it slower than it could be. */
export async function ownDatabase(config: Config, warn: (message: string) => void): Promise<Database> {
  const { databaseUrl: url, statementTimeoutMs } = config;
  const dataSource = await openDatabase({
    url,
    pool: config.databasePool,
    statementTimeoutMs,
    lockTimeoutMs: config.idempotencyWaitMs,
    pooler: config.databasePooler,
    warn,
  });
  return {
    dataSource,
    openJobPool: async (pool) =>
      openJobPool({
        url,
        pool,
        statementTimeoutMs,
        role: await roleSetBy(dataSource),
        scope: sessionScopeOf(dataSource),
      }),
    close: () => dataSource.destroy(),
  };
}

/** A data source of the host application, which opens and closes it. */
export const hostDatabase = (dataSource: DataSource): Database => ({
  dataSource,
  openJobPool: async (connections) => openHostJobPool(dataSource, connections),
  close: () => Promise.resolve(),
});
