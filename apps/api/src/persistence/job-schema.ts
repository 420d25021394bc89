import { runMigrations } from 'graphile-worker';
import { Pool } from 'pg';
import type { QueryRunner } from 'typeorm';
import { appRole } from './app-role';

/** Where the job engine keeps its jobs, in the same database, so that a job is committed with what it is about. */
export const jobSchema = 'graphile_worker';

/** Brings the job engine's own tables up to date, as the owner of the schema. */
export async function migrateJobs(url: string): Promise<void> {
  const pool = new Pool({ connectionString: url, max: 1 });
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  try {
    await runMigrations({ pgPool: pool, schema: jobSchema });
  } finally {
    await pool.end();
  }
}

const ignore = (): void => undefined;

const rights: Readonly<Record<string, string>> = {
  _private_jobs: 'SELECT, INSERT, UPDATE, DELETE',
  _private_job_queues: 'SELECT, INSERT, UPDATE, DELETE',
  _private_known_crontabs: 'SELECT, INSERT, UPDATE',
  _private_tasks: 'SELECT, INSERT',
  migrations: 'SELECT',
};

/**
 * Lets the service's role schedule and run jobs. The engine fences its tables in and leaves it to us to say who is let
 * in: jobs hold the ids of what they are about and nothing else, so that one worker may see those of every tenant.
 */
export async function grantJobs(db: QueryRunner): Promise<void> {
  await db.query(`GRANT USAGE ON SCHEMA ${jobSchema} TO ${appRole}`);
  for (const [table, granted] of Object.entries(rights))
    await db.query(`GRANT ${granted} ON ${jobSchema}.${table} TO ${appRole}`);
  // Only where it is missing, since each of these waits for everybody who uses the table.
  for (const table of Object.keys(rights).filter((name) => name !== 'migrations'))
    await db.query(`DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_policies WHERE schemaname = '${jobSchema}' AND tablename = '${table}' AND policyname = '${appRole}') THEN
        CREATE POLICY ${appRole} ON ${jobSchema}.${table} TO ${appRole} USING (true) WITH CHECK (true);
      END IF;
    END $$`);
  // Each scheduled job draws a number for a task that is there already: without this, jobs would end with the numbers.
  await db.query(`DO $$ BEGIN
    IF NOT (SELECT seqcycle FROM pg_sequence WHERE seqrelid = pg_get_serial_sequence('${jobSchema}._private_tasks', 'id')::regclass) THEN
      ALTER TABLE ${jobSchema}._private_tasks ALTER COLUMN id SET CYCLE;
    END IF;
  END $$`);
}
