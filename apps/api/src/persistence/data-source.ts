import { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { appRole } from './app-role';
import { entities } from './tables';

export type DatabaseOptions = Readonly<{ url: string; pool: number; statementTimeoutMs: number }>;

/** How long a request waits for a connection before it is told to come back later. */
const connectTimeoutMs = 3000;

/** The database as the service works with it: in its own role, with bounded statements. */
export function openDatabase({ url, pool, statementTimeoutMs }: DatabaseOptions): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    url,
    entities,
    poolSize: pool,
    connectTimeoutMS: connectTimeoutMs,
    extra: { options: sessionOptions(statementTimeoutMs), keepAlive: true },
  }).initialize();
}

/** A pool beside it, for the job engine: one connection listens all the time, others come and go with the jobs. */
export function openJobPool({ url, pool, statementTimeoutMs }: DatabaseOptions): Pool {
  const jobs = new Pool({
    connectionString: url,
    max: pool,
    connectionTimeoutMillis: connectTimeoutMs,
    options: sessionOptions(statementTimeoutMs),
    keepAlive: true,
  });
  // What breaks while it is used fails where it is used; unheard, it would end the process.
  jobs.on('error', () => undefined);
  jobs.on('connect', (client) => client.on('error', () => undefined));
  return jobs;
}

function sessionOptions(statementTimeoutMs: number): string {
  const settings = {
    role: appRole,
    statement_timeout: statementTimeoutMs,
    jit: 'off',
    timezone: 'UTC',
    datestyle: 'ISO',
    application_name: 'redress',
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}
