import { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';

/**
 * A pool for the job engine beside a data source of the host, with the same login and settings: taken from the host's own
 * pool, jobs could keep its requests waiting.
 */
export function openHostJobPool(dataSource: DataSource, connections: number): Pool {
  const { options } = (dataSource.driver as PostgresDriver).master as Pool;
  // The driver hides the password from copies of its options.
  const jobs = new Pool({ ...options, password: options.password, max: connections });
  // What breaks while it is used fails where it is used; without listeners it would end the process.
  jobs.on('error', () => undefined);
  jobs.on('connect', (client) => client.on('error', () => undefined));
  return jobs;
}
