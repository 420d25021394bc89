import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What exceptions were declared to match, and what that left. */
export class ForcedMatches1700000000015 implements MigrationInterface {
  readonly name = 'ForcedMatches1700000000015';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE forced_match');
  }
}

const own = `tenant_id = current_setting('redress.tenant', true)`;

const statements = [
  `CREATE TABLE forced_match (
    tenant_id text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    exception_id uuid NOT NULL,
    override_reason text NOT NULL,
    notes text NOT NULL,
    counterparts json NOT NULL,
    residuals json NOT NULL,
    residual_accepted bool NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    approval json,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, exception_id) REFERENCES exception
  )`,
  // Whatever else goes wrong, an exception is matched once.
  'CREATE UNIQUE INDEX forced_match_one_per_exception ON forced_match (tenant_id, exception_id)',
  'ALTER TABLE forced_match ENABLE ROW LEVEL SECURITY',
  `CREATE POLICY tenant ON forced_match USING (${own}) WITH CHECK (${own})`,
  `CREATE TRIGGER forced_match_keeps_rows BEFORE UPDATE OR DELETE ON forced_match
     FOR EACH ROW EXECUTE FUNCTION redress_refuse_change()`,
  `CREATE TRIGGER forced_match_keeps_all BEFORE TRUNCATE ON forced_match
     FOR EACH STATEMENT EXECUTE FUNCTION redress_refuse_change()`,
  'ALTER TABLE forced_match ENABLE ALWAYS TRIGGER forced_match_keeps_rows',
  'ALTER TABLE forced_match ENABLE ALWAYS TRIGGER forced_match_keeps_all',
];
