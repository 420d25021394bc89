import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Nothing waits unseen: what has waited too long is flagged, and an exception without a job to look at it is found. */
export class Deadlines1700000000017 implements MigrationInterface {
  readonly name = 'Deadlines1700000000017';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP FUNCTION redress_waits, redress_set_missing_alarms');
    // The indexes on it go with the column.
    await db.query('ALTER TABLE exception DROP COLUMN flagged_at');
  }
}

const statements = [
  'ALTER TABLE exception ADD flagged_at timestamptz(3)',
  // In the order of a list that asks for no other.
  'CREATE INDEX exception_flagged ON exception (tenant_id, created_at, id) WHERE flagged_at IS NOT NULL',
  // Of all tenants: what is overdue and not flagged yet is one stretch of it for each wait, and all of it is counted.
  'CREATE INDEX exception_waits ON exception (pending, flagged_at, pending_since) WHERE pending IS NOT NULL',
  // The longest waiting first; a proposal has its own time as well. A job that is due and not given up will be run. Any
  // other is replaced by one that is: it does no harm when one that is set at this very moment rings too early.
  `CREATE FUNCTION redress_set_missing_alarms(waits text[], hours float8[], batch int4) RETURNS int8
   LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
     WITH overdue AS (
       SELECT e.tenant_id, e.id FROM unnest(waits, hours) AS w(wait, hours) CROSS JOIN LATERAL (
         SELECT x.tenant_id, x.id FROM exception x
         WHERE x.pending = w.wait AND x.flagged_at IS NULL AND x.pending_since < now() - w.hours * interval '1 hour'
           AND (x.pending <> 'approval' OR coalesce((x.proposal->>'expiresAt')::timestamptz <= now(), true))
           AND NOT EXISTS (SELECT FROM graphile_worker._private_jobs j
             WHERE j.key = 'deadline:' || x.id AND j.attempts < j.max_attempts AND j.run_at <= now())
         ORDER BY x.pending_since LIMIT batch
       ) AS e LIMIT batch
     ), alarms AS (
       SELECT array_agg(ROW('deadline', json_build_object('tenant', tenant_id, 'id', id), NULL, NULL, 25, 'deadline:' || id, NULL, NULL)
         ::graphile_worker.job_spec) AS jobs FROM overdue HAVING count(*) > 0
     ) SELECT count(*) FROM alarms a, graphile_worker.add_jobs(a.jobs)
   $$`,
  // How many wait for what, in all, and since when: no tenant is named.
  `CREATE FUNCTION redress_waits() RETURNS TABLE (wait text, waiting int8, flagged int8, oldest_seconds float8)
   LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
     SELECT pending, count(*), count(flagged_at), extract(epoch FROM now() - min(pending_since))::float8
     FROM exception WHERE pending IS NOT NULL GROUP BY pending
   $$`,
  'REVOKE ALL ON FUNCTION redress_set_missing_alarms, redress_waits FROM PUBLIC',
];
