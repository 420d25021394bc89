import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where a tenant's own systems hear of events, and what became of telling them. */
export class WebhookEndpoints1700000000009 implements MigrationInterface {
  readonly name = 'WebhookEndpoints1700000000009';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP FUNCTION redress_tell_endpoints');
    await db.query('DROP TABLE delivery_attempt, delivery, webhook_endpoint');
  }
}

const own = `tenant_id = current_setting('redress.tenant', true)`;

const statements = [
  // A row stays when its endpoint is deleted, without secrets, so that its deliveries can still be listed.
  `CREATE TABLE webhook_endpoint (
    tenant_id text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    version int4 NOT NULL CHECK (version > 0),
    url text NOT NULL,
    events json,
    description text,
    state text NOT NULL CONSTRAINT webhook_endpoint_state CHECK (state IN ('ENABLED', 'DISABLED')),
    disabled_reason text,
    secrets bytea,
    created_at timestamptz(3) NOT NULL,
    created_by text NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    updated_by text NOT NULL,
    deleted_at timestamptz(3),
    PRIMARY KEY (tenant_id, id),
    CHECK ((secrets IS NULL) = (deleted_at IS NOT NULL)),
    CHECK ((disabled_reason IS NOT NULL) = (state = 'DISABLED'))
  )`,
  // No foreign keys: rows are made from rows of both tables in one statement, and neither ever loses any.
  `CREATE TABLE delivery (
    tenant_id text COLLATE "C" NOT NULL,
    endpoint_id uuid NOT NULL,
    event_id uuid NOT NULL,
    exception_id uuid NOT NULL,
    seq int4 NOT NULL,
    type text NOT NULL,
    state text NOT NULL CONSTRAINT delivery_state CHECK (state IN ('PENDING', 'SENDING', 'DELIVERED', 'DEAD', 'SKIPPED')),
    attempts int4 NOT NULL,
    attempts_before int4 NOT NULL,
    next_attempt_at timestamptz(3),
    lease_until timestamptz(3),
    last_status int4,
    last_problem text,
    delivered_at timestamptz(3),
    created_at timestamptz(3) NOT NULL,
    PRIMARY KEY (tenant_id, endpoint_id, event_id),
    CHECK ((next_attempt_at IS NOT NULL) = (state = 'PENDING')),
    CHECK ((lease_until IS NOT NULL) = (state = 'SENDING'))
  )`,
  // A lane: the deliveries of one exception to one endpoint, in order. The first row here is the next to be sent.
  `CREATE INDEX delivery_lane ON delivery (tenant_id, endpoint_id, exception_id, seq) WHERE state IN ('PENDING', 'SENDING')`,
  `CREATE TABLE delivery_attempt (
    tenant_id text COLLATE "C" NOT NULL,
    endpoint_id uuid NOT NULL,
    event_id uuid NOT NULL,
    attempt int4 NOT NULL,
    at timestamptz(3) NOT NULL,
    ms int4 NOT NULL,
    status int4,
    problem text,
    PRIMARY KEY (tenant_id, endpoint_id, event_id, attempt)
  )`,
  ...['webhook_endpoint', 'delivery', 'delivery_attempt'].flatMap((table) => [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `CREATE POLICY tenant ON ${table} USING (${own}) WITH CHECK (${own})`,
  ]),
  `CREATE TRIGGER delivery_attempt_keeps_rows BEFORE UPDATE OR DELETE ON delivery_attempt
     FOR EACH ROW EXECUTE FUNCTION redress_refuse_change()`,
  `CREATE TRIGGER delivery_attempt_keeps_all BEFORE TRUNCATE ON delivery_attempt
     FOR EACH STATEMENT EXECUTE FUNCTION redress_refuse_change()`,
  'ALTER TABLE delivery_attempt ENABLE ALWAYS TRIGGER delivery_attempt_keeps_rows',
  'ALTER TABLE delivery_attempt ENABLE ALWAYS TRIGGER delivery_attempt_keeps_all',
  // Lines of history become deliveries, and each lane gets a job in the same commit. A disabled endpoint gets no delivery
  // now, but can get it later. What is answered is below zero where the job of a lane began while the engine was about to make another.
  `CREATE FUNCTION redress_tell_endpoints(tenant text, exceptions text[], seqs text[], ids text[], types text[], ats text[])
   RETURNS int8 LANGUAGE sql VOLATILE AS $$
     WITH told AS (
       INSERT INTO delivery (tenant_id, endpoint_id, event_id, exception_id, seq, type, state, attempts, attempts_before,
         next_attempt_at, created_at)
       SELECT tenant, e.id, h.id::uuid, h.exception_id::uuid, h.seq::int4, h.type, CASE e.state WHEN 'ENABLED' THEN 'PENDING' ELSE 'SKIPPED' END,
         0, 0, CASE e.state WHEN 'ENABLED' THEN h.at::timestamptz END, h.at::timestamptz
       FROM webhook_endpoint e JOIN unnest(exceptions, seqs, ids, types, ats) AS h(exception_id, seq, id, type, at)
         ON e.events IS NULL OR e.events::jsonb ? h.type
       WHERE e.tenant_id = tenant AND e.deleted_at IS NULL
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
];
