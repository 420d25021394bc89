import { runMigrations } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Query } from '../database/app-role';
import { quoted } from '../database/grants';

/** Where the job engine keeps its jobs, in the same database, so that a job is committed with what it is about. */
export const jobSchema = 'graphile_worker';

/** Brings the job engine's own tables up to date, as the owner of the schema. */
export async function migrateJobs(pool: Pool): Promise<void> {
  await runMigrations({ pgPool: pool, schema: jobSchema });
}

const rights: Readonly<Record<string, string>> = {
  _private_jobs: 'SELECT, INSERT, UPDATE, DELETE',
  _private_job_queues: 'SELECT, INSERT, UPDATE, DELETE',
  _private_known_crontabs: 'SELECT, INSERT, UPDATE',
  _private_tasks: 'SELECT, INSERT',
  migrations: 'SELECT',
};

/**
 * Lets the role that the service works as, or its login, schedule and run jobs. Jobs hold the ids of what they are about
 * and nothing else, so that one worker may see those of every tenant.
 */
export async function grantJobs(query: Query, role: string): Promise<void> {
  await query(`GRANT USAGE ON SCHEMA ${jobSchema} TO ${quoted(role)}`);
  for (const [table, granted] of Object.entries(rights))
    await query(`GRANT ${granted} ON ${jobSchema}.${table} TO ${quoted(role)}`);
  // As PUBLIC may, unless the owner's default privileges say otherwise; they run with the rights of their caller.
  await query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${jobSchema} TO ${quoted(role)}`);
  for (const table of Object.keys(rights).filter((name) => name !== 'migrations'))
    await openToGrantees(query, table);
  await query(cycleTaskIds);
}

/** Each scheduled job draws a number for a task that is there already: without this, jobs would end with the numbers. */
export const cycleTaskIds = `DO $$ BEGIN
    IF NOT (SELECT seqcycle FROM pg_sequence WHERE seqrelid = pg_get_serial_sequence('${jobSchema}._private_tasks', 'id')::regclass) THEN
      ALTER TABLE ${jobSchema}._private_tasks ALTER COLUMN id SET CYCLE;
    END IF;
  END $$`;

/**
 * The engine puts row-level security on its tables without any policy, so that only their owner sees rows. Who may use
 * them is said by the grants above, so that one policy for all roles is enough; earlier versions made one for
 * `redress_app` alone. Only where there is something to change, since that waits for everyone who uses the table.
 */
const openToGrantees = (query: Query, table: string): Promise<unknown> =>
  query(`DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_policies WHERE schemaname = '${jobSchema}' AND tablename = '${table}' AND policyname = 'granted') THEN
      CREATE POLICY granted ON ${jobSchema}.${table} USING (true) WITH CHECK (true);
      DROP POLICY IF EXISTS redress_app ON ${jobSchema}.${table};
    END IF;
  END $$`);
