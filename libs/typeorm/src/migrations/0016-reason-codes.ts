import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a tenant's people may give as a reason, version by version. */
export class ReasonCodes1700000000016 implements MigrationInterface {
  readonly name = 'ReasonCodes1700000000016';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE reason_codes');
  }
}

const own = `tenant_id = current_setting('redress.tenant', true)`;

const statements = [
  // The last version holds; two who add one at the same time meet at the key. Every decision reads what is accepted,
  // so that stands beside the lists it was taken from: without labels, and without what is taken no more.
  `CREATE TABLE reason_codes (
    tenant_id text COLLATE "C" NOT NULL,
    version int4 NOT NULL CHECK (version > 0),
    id uuid NOT NULL,
    commands json NOT NULL,
    accepted json NOT NULL,
    created_at timestamptz(3) NOT NULL,
    created_by text NOT NULL,
    PRIMARY KEY (tenant_id, version)
  )`,
  'ALTER TABLE reason_codes ENABLE ROW LEVEL SECURITY',
  `CREATE POLICY tenant ON reason_codes USING (${own}) WITH CHECK (${own})`,
  `CREATE TRIGGER reason_codes_keeps_rows BEFORE UPDATE OR DELETE ON reason_codes
     FOR EACH ROW EXECUTE FUNCTION redress_refuse_change()`,
  `CREATE TRIGGER reason_codes_keeps_all BEFORE TRUNCATE ON reason_codes
     FOR EACH STATEMENT EXECUTE FUNCTION redress_refuse_change()`,
  'ALTER TABLE reason_codes ENABLE ALWAYS TRIGGER reason_codes_keeps_rows',
  'ALTER TABLE reason_codes ENABLE ALWAYS TRIGGER reason_codes_keeps_all',
];
