import { DataSource } from 'typeorm';
import { appRole } from './app-role';
import { entities } from './tables';

export type DatabaseOptions = Readonly<{
  url: string;
  pool: number;
  statementTimeoutMs: number;
  /** How long a statement waits for what somebody else is changing. */
  lockTimeoutMs: number;
}>;

/** How long a request waits for a connection before it is told to come back later. */
const connectTimeoutMs = 3000;

/** In a crowd each has its turn within this time, however short the wait for one and the same request is meant to be. */
const leastLockTimeoutMs = 1000;

/** The database as the service works with it: in its own role, with bounded statements. */
export function openDatabase({
  url,
  pool,
  statementTimeoutMs,
  lockTimeoutMs,
}: DatabaseOptions): Promise<DataSource> {
  const settings = {
    role: appRole,
    statement_timeout: statementTimeoutMs,
    // For every connection once: bounding each commit by itself would cost it a round trip.
    lock_timeout: Math.max(leastLockTimeoutMs, lockTimeoutMs),
    jit: 'off',
    timezone: 'UTC',
    datestyle: 'ISO',
    application_name: 'redress',
  };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return new DataSource({
    type: 'postgres',
    url,
    entities,
    poolSize: pool,
    connectTimeoutMS: connectTimeoutMs,
    extra: { options: options.join(' '), keepAlive: true },
  }).initialize();
}
