import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One job for each webhook endpoint. When each of its lanes is due is kept in a table of our own. */
export class WebhookLanes1700000000030 implements MigrationInterface {
  readonly name = 'WebhookLanes1700000000030';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of up) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const statement of down) await db.query(statement);
  }
}

const own = `tenant_id = current_setting('redress.tenant', true)`;
const tell =
  'redress_tell_endpoints(tenant text, exceptions text[], seqs text[], ids text[], types text[], ats text[])';
const open = `d.state IN ('PENDING', 'SENDING')`;
const lanesOf = `w.tenant_id = tenant AND w.endpoint_id = endpoint`;
const key = `hashtextextended('redress endpoints of ' || tenant, 0)`;

/** `held`: that process will look again by itself, or leaves the endpoint alone, so new events do not ring earlier. */
const job = (endpoint: string, runAt: string, held: string): string =>
  `ROW('deliver', json_build_object('tenant', tenant, 'id', ${endpoint}, 'held', ${held}), NULL, ${runAt}, 25,
    'deliver:' || ${endpoint}, 300, NULL)::graphile_worker.job_spec`;

const inserted = `INSERT INTO delivery (tenant_id, endpoint_id, event_id, exception_id, seq, type, state, attempts, attempts_before,
      next_attempt_at, created_at)
    SELECT tenant, e.id, h.id::uuid, h.exception_id::uuid, h.seq::int4, h.type, CASE e.state WHEN 'ENABLED' THEN 'PENDING' ELSE 'SKIPPED' END,
      0, 0, CASE e.state WHEN 'ENABLED' THEN h.at::timestamptz END, h.at::timestamptz
    FROM webhook_endpoint e JOIN unnest(exceptions, seqs, ids, types, ats) AS h(exception_id, seq, id, type, at)
      ON e.events IS NULL OR e.events::jsonb ? h.type
    WHERE e.tenant_id = tenant AND e.deleted_at IS NULL`;

const up = [
  // A lane has a row as long as it has something to send, and is due when its first delivery is. What changes deliveries
  // locks the row first.
  `CREATE TABLE webhook_lane (
    tenant_id text COLLATE "C" NOT NULL,
    endpoint_id uuid NOT NULL,
    exception_id uuid NOT NULL,
    due_at timestamptz(3) NOT NULL,
    PRIMARY KEY (tenant_id, endpoint_id, exception_id)
  )`,
  'CREATE INDEX webhook_lane_due ON webhook_lane (tenant_id, endpoint_id, due_at)',
  'ALTER TABLE webhook_lane ENABLE ROW LEVEL SECURITY',
  `CREATE POLICY tenant ON webhook_lane USING (${own}) WITH CHECK (${own})`,
  `INSERT INTO webhook_lane (tenant_id, endpoint_id, exception_id, due_at)
     SELECT DISTINCT ON (tenant_id, endpoint_id, exception_id) tenant_id, endpoint_id, exception_id, coalesce(lease_until, next_attempt_at)
     FROM delivery d WHERE ${open} ORDER BY tenant_id, endpoint_id, exception_id, seq`,
  `DELETE FROM graphile_worker._private_jobs WHERE key LIKE 'deliver:%' AND locked_at IS NULL`,
  // Sets the job of an endpoint; asked for a moment at which that job begins, the engine makes none, and is asked again.
  `CREATE FUNCTION redress_set_endpoint_job(tenant text, endpoint uuid, at timestamptz, held text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
   BEGIN
     FOR attempt IN 1..5 LOOP
       PERFORM FROM graphile_worker.add_jobs(ARRAY[${job('endpoint', 'at', 'held')}]);
       EXIT WHEN FOUND;
     END LOOP;
   END $$`,
  // Rings endpoints, unless their jobs are due or held. The advisory lock lasts until the commit: a worker that finds nothing
  // more to send, and cannot have the lock alone, looks again, since it may not see yet what is being committed.
  `CREATE FUNCTION redress_ring_endpoints(tenant text, endpoints uuid[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
   DECLARE
     silent uuid;
   BEGIN
     PERFORM pg_advisory_xact_lock_shared(${key});
     FOR silent IN
       SELECT e FROM unnest(endpoints) AS e WHERE NOT EXISTS (
         SELECT FROM graphile_worker._private_jobs j WHERE j.key = 'deliver:' || e AND j.locked_at IS NULL
           AND j.attempts < j.max_attempts AND (j.run_at <= now() OR j.payload->>'held' IS NOT NULL))
       ORDER BY e
     LOOP
       PERFORM redress_set_endpoint_job(tenant, silent, now(), NULL);
     END LOOP;
   END $$`,
  // Lines of history become deliveries. A disabled endpoint gets no delivery now, but can get it later.
  `CREATE OR REPLACE FUNCTION ${tell} RETURNS int8 LANGUAGE plpgsql VOLATILE AS $$
   DECLARE
     told_endpoints uuid[];
     told_exceptions uuid[];
     dues timestamptz[];
   BEGIN
     WITH told AS (
       ${inserted}
       RETURNING endpoint_id, exception_id, next_attempt_at
     ), lane AS (
       SELECT endpoint_id, exception_id, min(next_attempt_at) AS due FROM told WHERE next_attempt_at IS NOT NULL GROUP BY 1, 2
     ) SELECT array_agg(endpoint_id ORDER BY endpoint_id, exception_id), array_agg(exception_id ORDER BY endpoint_id, exception_id),
         array_agg(due ORDER BY endpoint_id, exception_id)
       INTO told_endpoints, told_exceptions, dues FROM lane;
     IF told_endpoints IS NULL THEN RETURN 0; END IF;
     INSERT INTO webhook_lane AS w SELECT tenant, x.* FROM unnest(told_endpoints, told_exceptions, dues) AS x
       ON CONFLICT (tenant_id, endpoint_id, exception_id) DO UPDATE SET due_at = w.due_at;
     PERFORM redress_ring_endpoints(tenant, ARRAY(SELECT DISTINCT e FROM unnest(told_endpoints) AS e));
     RETURN 0;
   END $$`,
  // The lane is due when its first delivery is, and is over when there is none.
  `CREATE FUNCTION redress_settle_lane(tenant text, endpoint uuid, subject uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
   DECLARE
     due timestamptz;
   BEGIN
     SELECT coalesce(d.lease_until, d.next_attempt_at) INTO due FROM delivery d
       WHERE d.tenant_id = tenant AND d.endpoint_id = endpoint AND d.exception_id = subject AND ${open} ORDER BY d.seq LIMIT 1;
     IF due IS NULL THEN
       DELETE FROM webhook_lane w WHERE ${lanesOf} AND w.exception_id = subject;
     ELSE
       INSERT INTO webhook_lane AS w VALUES (tenant, endpoint, subject, due)
         ON CONFLICT (tenant_id, endpoint_id, exception_id) DO UPDATE SET due_at = excluded.due_at;
     END IF;
   END $$`,
  // Leases the first deliveries of the lanes that are due, the longest due first, and sets the job of the endpoint for the
  // time when it is to be looked at again.
  `CREATE FUNCTION redress_claim_deliveries(tenant text, endpoint uuid, at timestamptz, lease timestamptz, most int4, holder text)
   RETURNS TABLE (exception_id uuid, event_id uuid, attempts int4, attempts_before int4, payload text, url text, secrets bytea)
   LANGUAGE plpgsql VOLATILE AS $$
   #variable_conflict use_column
   DECLARE
     lanes uuid[];
     claimed int8;
     look_at timestamptz;
   BEGIN
     SELECT array_agg(l.id) INTO lanes FROM (
       SELECT w.exception_id AS id FROM webhook_lane w WHERE ${lanesOf} AND w.due_at <= at
       ORDER BY w.due_at LIMIT most FOR UPDATE SKIP LOCKED
     ) AS l;
     RETURN QUERY WITH head AS (
       SELECT x.id, h.event_id, h.due FROM unnest(lanes) AS x(id) LEFT JOIN LATERAL (
         SELECT d.event_id, coalesce(d.lease_until, d.next_attempt_at) AS due FROM delivery d
         WHERE d.tenant_id = tenant AND d.endpoint_id = endpoint AND d.exception_id = x.id AND ${open} ORDER BY d.seq LIMIT 1
       ) AS h ON true
     ), ended AS (
       DELETE FROM webhook_lane w USING head WHERE ${lanesOf} AND w.exception_id = head.id AND head.event_id IS NULL
     ), moved AS (
       UPDATE webhook_lane w SET due_at = CASE WHEN head.due <= at THEN lease ELSE head.due END
       FROM head WHERE ${lanesOf} AND w.exception_id = head.id AND head.event_id IS NOT NULL
     ), taken AS (
       UPDATE delivery d SET state = 'SENDING', attempts = d.attempts + 1, lease_until = lease, next_attempt_at = NULL
       FROM head WHERE d.tenant_id = tenant AND d.endpoint_id = endpoint AND d.event_id = head.event_id AND head.due <= at AND ${open}
       RETURNING d.exception_id, d.event_id, d.seq, d.attempts, d.attempts_before
     ) SELECT t.exception_id, t.event_id, t.attempts, t.attempts_before, h.payload, e.url, e.secrets FROM taken t
         LEFT JOIN history h ON h.tenant_id = tenant AND h.exception_id = t.exception_id AND h.seq = t.seq
         LEFT JOIN webhook_endpoint e ON e.tenant_id = tenant AND e.id = endpoint AND e.state = 'ENABLED' AND e.deleted_at IS NULL;
     GET DIAGNOSTICS claimed = ROW_COUNT;
     IF claimed >= most THEN
       PERFORM redress_set_endpoint_job(tenant, endpoint, lease, holder);
       RETURN;
     END IF;
     IF NOT pg_try_advisory_xact_lock(${key}) THEN look_at := now(); END IF;
     SELECT least(look_at, min(w.due_at)) INTO look_at FROM webhook_lane w WHERE ${lanesOf};
     IF look_at IS NULL THEN
       PERFORM graphile_worker.remove_job('deliver:' || endpoint);
     ELSE
       -- What is due by now is locked by another process: a moment later it is not.
       PERFORM redress_set_endpoint_job(tenant, endpoint, greatest(look_at, now() + interval '100 ms'), NULL);
     END IF;
   END $$`,
  `CREATE FUNCTION redress_report_delivery(tenant text, endpoint uuid, subject uuid, event uuid, number int4, next_state text,
     next_at timestamptz, answer int4, fault text, began timestamptz, took int4) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
   BEGIN
     PERFORM FROM webhook_lane w WHERE ${lanesOf} AND w.exception_id = subject FOR UPDATE;
     INSERT INTO delivery_attempt (tenant_id, endpoint_id, event_id, attempt, at, status, problem, ms)
       VALUES (tenant, endpoint, event, number, began, answer, fault, took) ON CONFLICT DO NOTHING;
     UPDATE delivery d SET state = next_state, next_attempt_at = next_at, lease_until = NULL, last_status = answer, last_problem = fault,
       delivered_at = CASE next_state WHEN 'DELIVERED' THEN began + took * interval '1 ms' ELSE d.delivered_at END
       WHERE d.tenant_id = tenant AND d.endpoint_id = endpoint AND d.event_id = event AND d.attempts = number AND d.state = 'SENDING';
     IF FOUND THEN PERFORM redress_settle_lane(tenant, endpoint, subject); END IF;
   END $$`,
  `CREATE FUNCTION redress_release_delivery(tenant text, endpoint uuid, subject uuid, event uuid, number int4, until timestamptz)
   RETURNS void LANGUAGE plpgsql VOLATILE AS $$
   BEGIN
     PERFORM FROM webhook_lane w WHERE ${lanesOf} AND w.exception_id = subject FOR UPDATE;
     UPDATE delivery d SET state = 'PENDING', attempts = d.attempts - 1, next_attempt_at = until, lease_until = NULL
       WHERE d.tenant_id = tenant AND d.endpoint_id = endpoint AND d.event_id = event AND d.attempts = number AND d.state = 'SENDING';
     IF FOUND THEN PERFORM redress_settle_lane(tenant, endpoint, subject); END IF;
   END $$`,
  // Skips what is to be sent to an endpoint, in one of its lanes or in all.
  `CREATE FUNCTION redress_skip_deliveries(tenant text, endpoint uuid, subject uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
   BEGIN
     DELETE FROM webhook_lane w WHERE ${lanesOf} AND (subject IS NULL OR w.exception_id = subject);
     UPDATE delivery d SET state = 'SKIPPED', next_attempt_at = NULL, lease_until = NULL
       WHERE d.tenant_id = tenant AND d.endpoint_id = endpoint AND (subject IS NULL OR d.exception_id = subject) AND ${open};
   END $$`,
  `SELECT redress_set_endpoint_job(w.tenant_id, w.endpoint_id, min(w.due_at), NULL) FROM webhook_lane w GROUP BY w.tenant_id, w.endpoint_id`,
];

const down = [
  `DELETE FROM graphile_worker._private_jobs WHERE key LIKE 'deliver:%' AND locked_at IS NULL`,
  `CREATE OR REPLACE FUNCTION ${tell} RETURNS int8 LANGUAGE sql VOLATILE AS $$
     WITH told AS (
       ${inserted}
       RETURNING endpoint_id, exception_id, state
     ), lanes AS (
       SELECT DISTINCT endpoint_id || '.' || exception_id AS id FROM told WHERE state = 'PENDING'
     ), rung AS (
       SELECT 1 FROM (
         SELECT array_agg(ROW('deliver', json_build_object('tenant', tenant, 'id', id), NULL, NULL, 25, 'deliver:' || id, NULL, NULL)
           ::graphile_worker.job_spec ORDER BY id) AS jobs FROM lanes HAVING count(*) > 0
       ) j, graphile_worker.add_jobs(j.jobs)
     ) SELECT (SELECT count(*) FROM rung) - (SELECT count(*) FROM lanes)
   $$`,
  `SELECT FROM graphile_worker.add_jobs((SELECT array_agg(ROW('deliver',
       json_build_object('tenant', w.tenant_id, 'id', w.endpoint_id || '.' || w.exception_id), NULL, w.due_at, 25,
       'deliver:' || w.endpoint_id || '.' || w.exception_id, NULL, NULL)::graphile_worker.job_spec) FROM webhook_lane w))
     WHERE EXISTS (SELECT FROM webhook_lane)`,
  'DROP FUNCTION redress_skip_deliveries, redress_release_delivery, redress_report_delivery, redress_claim_deliveries, redress_settle_lane',
  'DROP FUNCTION redress_ring_endpoints, redress_set_endpoint_job',
  'DROP TABLE webhook_lane',
];
