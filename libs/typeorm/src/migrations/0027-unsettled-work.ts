import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whatever fails is listed, counted and flagged: dispatches, deliveries, jobs, and books that differ. */
export class UnsettledWork1700000000027 implements MigrationInterface {
  readonly name = 'UnsettledWork1700000000027';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of up) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const statement of down) await db.query(statement);
  }
}

const up = [
  'ALTER TABLE exception ADD ledger_mismatches json',
  // In the order of a list that asks for no other.
  'CREATE INDEX exception_ledger_mismatch ON exception (tenant_id, created_at, id) WHERE ledger_mismatches IS NOT NULL',
  'CREATE INDEX dispatch_by_state ON dispatch (tenant_id, state, requested_at, id)',
  'CREATE INDEX dispatch_by_requested ON dispatch (tenant_id, requested_at, id)',
  'CREATE INDEX dispatch_by_updated ON dispatch (tenant_id, updated_at, id)',
  'CREATE INDEX delivery_by_event ON delivery (tenant_id, event_id, endpoint_id)',
  `CREATE INDEX delivery_dead ON delivery (tenant_id, event_id, endpoint_id) WHERE state = 'DEAD'`,
  // Of all tenants, for the counts below.
  `CREATE INDEX dispatch_unsettled ON dispatch (target, state, requested_at)
     WHERE state IN ('RESERVED', 'SENDING', 'UNKNOWN', 'DEAD')`,
  `CREATE INDEX delivery_unsettled ON delivery (state, created_at) WHERE state IN ('PENDING', 'SENDING', 'DEAD')`,
  // No tenant is named: how many there are, by name and state, and how old the oldest is.
  `CREATE FUNCTION redress_unsettled() RETURNS TABLE (kind text, name text, state text, count int8, oldest_seconds float8)
   LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
     SELECT 'dispatch', d.target, d.state, count(*), extract(epoch FROM now() - min(d.requested_at))::float8
     FROM dispatch d WHERE d.state IN ('RESERVED', 'SENDING', 'UNKNOWN', 'DEAD') GROUP BY d.target, d.state
     UNION ALL
     SELECT 'delivery', '', d.state, count(*), extract(epoch FROM now() - min(d.created_at))::float8
     FROM delivery d WHERE d.state IN ('PENDING', 'SENDING', 'DEAD') GROUP BY d.state
     UNION ALL
     SELECT 'mismatch', '', '', count(*), 0 FROM exception e WHERE e.ledger_mismatches IS NOT NULL
     UNION ALL
     SELECT 'job', j.task, j.state, count(*), extract(epoch FROM now() - min(j.run_at))::float8 FROM (
       SELECT t.identifier AS task, p.run_at, CASE WHEN p.attempts >= p.max_attempts THEN 'dead'
         WHEN p.locked_at IS NOT NULL THEN 'running' WHEN p.run_at <= now() THEN 'due' ELSE 'scheduled' END AS state
       FROM graphile_worker._private_jobs p JOIN graphile_worker._private_tasks t ON t.id = p.task_id
     ) AS j GROUP BY j.task, j.state
   $$`,
  'REVOKE ALL ON FUNCTION redress_unsettled FROM PUBLIC',
];

const down = [
  'DROP FUNCTION redress_unsettled',
  'DROP INDEX delivery_unsettled, dispatch_unsettled, delivery_dead, delivery_by_event',
  'DROP INDEX dispatch_by_updated, dispatch_by_requested, dispatch_by_state',
  // The index on it goes with the column.
  'ALTER TABLE exception DROP COLUMN ledger_mismatches',
];
