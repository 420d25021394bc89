import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What it takes to hand over without ever making two tickets: states, attempts, and when to look again. */
export class Dispatches1700000000007 implements MigrationInterface {
  readonly name = 'Dispatches1700000000007';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of up) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const statement of down) await db.query(statement);
  }
}

const added = {
  version: 'int4 NOT NULL DEFAULT 1 CHECK (version > 0)',
  kind: `text NOT NULL DEFAULT 'ticket' CONSTRAINT dispatch_kind CHECK (kind IN ('ticket', 'note'))`,
  message: 'json',
  note: 'text',
  ticket_id: 'uuid',
  external_url: 'text',
  duplicates: 'json',
  sends: 'int4 NOT NULL DEFAULT 0',
  attempts: 'int4 NOT NULL DEFAULT 0',
  misses: 'int4 NOT NULL DEFAULT 0',
  sweeps: 'int4 NOT NULL DEFAULT 0',
  first_sent_at: 'timestamptz(3)',
  last_sent_at: 'timestamptz(3)',
  last_error: 'text',
  next_attempt_at: 'timestamptz(3)',
  updated_at: 'timestamptz(3)',
};
/** Rows that are there already get these values; new ones have to say. */
const defaulted = ['version', 'kind', 'sends', 'attempts', 'misses', 'sweeps'];

const states = (list: string): string =>
  `ALTER TABLE dispatch DROP CONSTRAINT dispatch_state, ADD CONSTRAINT dispatch_state CHECK (state IN (${list}))`;

const up = [
  `ALTER TABLE dispatch ${Object.entries(added)
    .map(([column, type]) => `ADD ${column} ${type}`)
    .join(', ')}`,
  'UPDATE dispatch SET updated_at = requested_at',
  `ALTER TABLE dispatch ALTER updated_at SET NOT NULL, ${defaulted
    .map((column) => `ALTER ${column} DROP DEFAULT`)
    .join(', ')}`,
  states(`'RESERVED', 'SENDING', 'UNKNOWN', 'CONFIRMED', 'FAILED', 'DEAD'`),
  'CREATE INDEX dispatch_by_exception ON dispatch (tenant_id, exception_id, id)',
  `CREATE TABLE dispatch_attempt (
    tenant_id text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    dispatch_id uuid NOT NULL,
    exception_id uuid NOT NULL,
    at timestamptz(3) NOT NULL,
    kind text NOT NULL CONSTRAINT attempt_kind CHECK (kind IN ('send', 'find', 'sweep')),
    outcome text NOT NULL CONSTRAINT attempt_outcome CHECK (outcome IN
      ('created', 'not_sent', 'refused', 'unknown', 'found', 'none', 'unavailable')),
    problem text,
    reference text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, dispatch_id) REFERENCES dispatch
  )`,
  'CREATE INDEX attempt_by_dispatch ON dispatch_attempt (tenant_id, dispatch_id, id)',
  'ALTER TABLE dispatch_attempt ENABLE ROW LEVEL SECURITY',
  `CREATE POLICY tenant ON dispatch_attempt USING (tenant_id = current_setting('redress.tenant', true))
     WITH CHECK (tenant_id = current_setting('redress.tenant', true))`,
  `CREATE TRIGGER dispatch_attempt_keeps_rows BEFORE UPDATE OR DELETE ON dispatch_attempt
     FOR EACH ROW EXECUTE FUNCTION redress_refuse_change()`,
  `CREATE TRIGGER dispatch_attempt_keeps_all BEFORE TRUNCATE ON dispatch_attempt
     FOR EACH STATEMENT EXECUTE FUNCTION redress_refuse_change()`,
  'ALTER TABLE dispatch_attempt ENABLE ALWAYS TRIGGER dispatch_attempt_keeps_rows',
  'ALTER TABLE dispatch_attempt ENABLE ALWAYS TRIGGER dispatch_attempt_keeps_all',
  'ALTER TABLE idempotency ADD provisional_until timestamptz(3)',
];

const down = [
  'ALTER TABLE idempotency DROP provisional_until',
  'DROP TABLE dispatch_attempt',
  'DROP INDEX dispatch_by_exception',
  `DELETE FROM dispatch WHERE kind = 'note'`,
  `UPDATE dispatch SET state = 'RESERVED' WHERE state <> 'CONFIRMED'`,
  states(`'RESERVED', 'CONFIRMED'`),
  `ALTER TABLE dispatch ${Object.keys(added)
    .map((column) => `DROP ${column}`)
    .join(', ')}`,
];
