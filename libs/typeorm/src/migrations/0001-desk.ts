import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The desk: exceptions, disputes, what was posted and handed over, and the history of it all.
 * The tenant is first in every key. Lists of allowed values are written out here, since a migration must not change
 * when the code does; a test compares them with the domain's tables.
 */
export class Desk1700000000001 implements MigrationInterface {
  readonly name = 'Desk1700000000001';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of [...tables, ...indexes, ...functions, ...guards]) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE evidence, dispute, adjustment, dispatch, history, idempotency, exception');
    await db.query('DROP FUNCTION redress_all_or_nothing, redress_refuse_change, redress_reap_replies');
  }
}

const tables = [
  `CREATE TABLE exception (
    tenant_id text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    version int4 NOT NULL CHECK (version > 0),
    status text NOT NULL CONSTRAINT exception_status CHECK (status IN ('OPEN', 'ASSIGNED', 'PENDING_RESOLUTION', 'RESOLVED')),
    transaction_id uuid NOT NULL,
    reason text NOT NULL,
    severity text NOT NULL CONSTRAINT exception_severity CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    amount numeric,
    currency text,
    source text,
    occurred_at timestamptz(3),
    due_at timestamptz(3) NOT NULL,
    differences json,
    metadata json,
    assigned_to text,
    pending text CONSTRAINT exception_pending CHECK (pending IN ('external', 'approval', 'ledger')),
    proposal json,
    external_system text CONSTRAINT exception_target CHECK (external_system IN ('JIRA', 'SERVICENOW', 'WEBHOOK', 'MANUAL')),
    external_issue_id text,
    resolution_type text CONSTRAINT exception_resolution_type CHECK (resolution_type IN ('FORCE_MATCH', 'ADJUST_ENTRY')),
    resolution_reason text,
    resolution_notes text,
    resolved_at timestamptz(3),
    resolved_by text,
    seen_count int4 NOT NULL,
    last_seen_at timestamptz(3) NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    history_seq int4 NOT NULL,
    history_head bytea NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CHECK ((amount IS NULL) = (currency IS NULL)),
    CHECK ((pending IS NOT NULL) = (status = 'PENDING_RESOLUTION'))
  )`,
  `CREATE TABLE history (
    tenant_id text COLLATE "C" NOT NULL,
    exception_id uuid NOT NULL,
    seq int4 NOT NULL CHECK (seq > 0),
    id uuid NOT NULL,
    type text NOT NULL,
    at timestamptz(3) NOT NULL,
    payload text NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant_id, exception_id, seq)
  )`,
  `CREATE TABLE dispute (
    tenant_id text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    exception_id uuid NOT NULL,
    version int4 NOT NULL CHECK (version > 0),
    state text NOT NULL CONSTRAINT dispute_state CHECK (state IN ('DRAFT', 'OPEN', 'PENDING_EVIDENCE', 'WON', 'LOST')),
    category text NOT NULL CONSTRAINT dispute_category CHECK (category IN
      ('BANK_FEE_ERROR', 'UNRECOGNIZED_CHARGE', 'DUPLICATE_TRANSACTION', 'AMOUNT_MISMATCH', 'OTHER')),
    description text NOT NULL,
    opened_by text NOT NULL,
    resolution text,
    reopen_reason text,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, exception_id) REFERENCES exception
  )`,
  `CREATE TABLE evidence (
    tenant_id text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    dispute_id uuid NOT NULL,
    comment text NOT NULL,
    file_url text,
    submitted_by text NOT NULL,
    submitted_at timestamptz(3) NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, dispute_id) REFERENCES dispute
  )`,
  `CREATE TABLE adjustment (
    tenant_id text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    exception_id uuid NOT NULL,
    amount numeric NOT NULL CHECK (amount > 0),
    currency text NOT NULL,
    direction text NOT NULL CONSTRAINT adjustment_direction CHECK (direction IN ('DEBIT', 'CREDIT')),
    effective_at timestamptz(3) NOT NULL,
    reason_code text NOT NULL,
    notes text NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, exception_id) REFERENCES exception
  )`,
  `CREATE TABLE dispatch (
    tenant_id text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    exception_id uuid NOT NULL,
    target text NOT NULL CONSTRAINT dispatch_target CHECK (target IN ('JIRA', 'SERVICENOW', 'WEBHOOK', 'MANUAL')),
    queue text,
    state text NOT NULL CONSTRAINT dispatch_state CHECK (state IN ('RESERVED', 'CONFIRMED')),
    external_reference text,
    requested_by text NOT NULL,
    requested_at timestamptz(3) NOT NULL,
    live bool NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, exception_id) REFERENCES exception
  )`,
  `CREATE TABLE idempotency (
    tenant_id text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint text NOT NULL,
    answer text NOT NULL,
    expires_at timestamptz(3) NOT NULL,
    PRIMARY KEY (tenant_id, key)
  )`,
];

/**
 * Sort orders of statuses and severities are those of the domain's tables, not of the alphabet. A CASE, since behind
 * row-level security an index serves a condition only if all its functions are leakproof, as array_position is not.
 */
const rank = (column: string, values: readonly string[]): string =>
  `CASE ${column} ${values.map((value, i) => `WHEN '${value}' THEN ${i}`).join(' ')} END`;

const severityRank = rank('severity', ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']);
const statusRank = rank('status', ['OPEN', 'ASSIGNED', 'PENDING_RESOLUTION', 'RESOLVED']);

const indexes = [
  // What makes an exception the same as one reported before, as long as it is unresolved.
  `CREATE UNIQUE INDEX exception_identity ON exception (tenant_id, transaction_id, reason) WHERE status <> 'RESOLVED'`,
  // One index for each order a list can have; the id breaks ties, and is itself the order of creation.
  `CREATE INDEX exception_by_created ON exception (tenant_id, created_at, id)`,
  `CREATE INDEX exception_by_updated ON exception (tenant_id, updated_at, id)`,
  `CREATE INDEX exception_by_due ON exception (tenant_id, due_at, id)`,
  `CREATE INDEX exception_by_severity ON exception (tenant_id, (${severityRank}), id)`,
  `CREATE INDEX exception_by_status ON exception (tenant_id, (${statusRank}), id)`,
  `CREATE INDEX exception_by_amount ON exception (tenant_id, (coalesce(amount, '-Infinity')), id)`,
  // What analysts look at all day: what is unresolved and due, and the work of one person.
  `CREATE INDEX exception_unresolved_by_due ON exception (tenant_id, due_at, id) WHERE status <> 'RESOLVED'`,
  `CREATE INDEX exception_by_assignee ON exception (tenant_id, assigned_to, created_at, id) WHERE assigned_to IS NOT NULL`,
  `CREATE INDEX dispute_by_exception ON dispute (tenant_id, exception_id)`,
  `CREATE UNIQUE INDEX dispute_one_active ON dispute (tenant_id, exception_id, category)
     WHERE state IN ('DRAFT', 'OPEN', 'PENDING_EVIDENCE')`,
  `CREATE INDEX evidence_by_dispute ON evidence (tenant_id, dispute_id, id)`,
  `CREATE UNIQUE INDEX adjustment_one_per_exception ON adjustment (tenant_id, exception_id)`,
  `CREATE UNIQUE INDEX dispatch_one_live ON dispatch (tenant_id, exception_id, target) WHERE live`,
  `CREATE INDEX idempotency_by_expiry ON idempotency (expires_at)`,
];

const functions = [
  // Parts of one statement do not depend on each other's success; this makes the whole fail when one did nothing.
  `CREATE FUNCTION redress_all_or_nothing(expected int8, written int8) RETURNS bool LANGUAGE plpgsql AS $$
   BEGIN
     IF expected <> written THEN
       RAISE EXCEPTION 'expected % rows, wrote %', expected, written USING ERRCODE = 'RD001';
     END IF;
     RETURN true;
   END $$`,
  `CREATE FUNCTION redress_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'RD002';
   END $$`,
  // The service's role may not delete; expired replies, of whatever tenant, are the one thing that has to go.
  `CREATE FUNCTION redress_reap_replies(batch int4) RETURNS int8 LANGUAGE sql SECURITY DEFINER
   SET search_path = pg_catalog, public AS $$
     WITH gone AS (
       DELETE FROM idempotency WHERE (tenant_id, key) IN (
         SELECT tenant_id, key FROM idempotency WHERE expires_at <= now() ORDER BY expires_at LIMIT batch FOR UPDATE SKIP LOCKED
       ) RETURNING 1
     ) SELECT count(*) FROM gone
   $$`,
  `REVOKE ALL ON FUNCTION redress_reap_replies FROM PUBLIC`,
];

const rewritten = ['exception', 'dispute', 'dispatch', 'idempotency'];
const appendOnly = ['history', 'adjustment', 'evidence'];

/** Fences in the database itself: rows of a tenant are seen and written for that tenant, and the past stays as it was. */
const guards = [
  ...[...rewritten, ...appendOnly].flatMap((table) => [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `CREATE POLICY tenant ON ${table} USING (tenant_id = current_setting('redress.tenant', true))
       WITH CHECK (tenant_id = current_setting('redress.tenant', true))`,
  ]),
  ...appendOnly.flatMap((table) => [
    `CREATE TRIGGER ${table}_keeps_rows BEFORE UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION redress_refuse_change()`,
    `CREATE TRIGGER ${table}_keeps_all BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION redress_refuse_change()`,
    // ALWAYS: also in sessions that play replica, where ordinary triggers are silent.
    `ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${table}_keeps_rows`,
    `ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${table}_keeps_all`,
  ]),
];
