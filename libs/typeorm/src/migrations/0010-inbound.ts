import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What external systems tell of tickets by themselves, each message once, with what became of it. */
export class Inbound1700000000010 implements MigrationInterface {
  readonly name = 'Inbound1700000000010';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP INDEX dispatch_by_reference');
    await db.query('DROP TABLE inbound_message');
  }
}

const own = `tenant_id = current_setting('redress.tenant', true)`;

const statements = [
  // A connection that the environment defines has no row, so none is referred to.
  `CREATE TABLE inbound_message (
    tenant_id text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    target text NOT NULL CONSTRAINT message_target CHECK (target IN ('JIRA', 'SERVICENOW', 'WEBHOOK')),
    message_id text NOT NULL,
    digest bytea NOT NULL,
    received_at timestamptz(3) NOT NULL,
    kind text NOT NULL,
    external_reference text,
    changed_at timestamptz(3),
    exception_id uuid,
    dispatch_id uuid,
    outcome text NOT NULL CONSTRAINT message_outcome CHECK (outcome IN
      ('applied', 'stale', 'echo', 'unknown_status', 'no_such_exception', 'refused', 'recorded')),
    reason text,
    body text NOT NULL,
    PRIMARY KEY (tenant_id, id)
  )`,
  // A message has its effect once: a transaction that brings it again, even at the same time, does not commit.
  'CREATE UNIQUE INDEX message_once ON inbound_message (tenant_id, connection_id, message_id)',
  'CREATE UNIQUE INDEX message_once_by_words ON inbound_message (tenant_id, connection_id, digest)',
  'CREATE INDEX message_by_reference ON inbound_message (tenant_id, connection_id, external_reference, changed_at)',
  'CREATE INDEX message_by_exception ON inbound_message (tenant_id, exception_id, id)',
  'CREATE INDEX message_by_outcome ON inbound_message (tenant_id, outcome, id)',
  'CREATE INDEX dispatch_by_reference ON dispatch (tenant_id, target, external_reference)',
  'ALTER TABLE inbound_message ENABLE ROW LEVEL SECURITY',
  `CREATE POLICY tenant ON inbound_message USING (${own}) WITH CHECK (${own})`,
  `CREATE TRIGGER inbound_message_keeps_rows BEFORE UPDATE OR DELETE ON inbound_message
     FOR EACH ROW EXECUTE FUNCTION redress_refuse_change()`,
  `CREATE TRIGGER inbound_message_keeps_all BEFORE TRUNCATE ON inbound_message
     FOR EACH STATEMENT EXECUTE FUNCTION redress_refuse_change()`,
  'ALTER TABLE inbound_message ENABLE ALWAYS TRIGGER inbound_message_keeps_rows',
  'ALTER TABLE inbound_message ENABLE ALWAYS TRIGGER inbound_message_keeps_all',
];
