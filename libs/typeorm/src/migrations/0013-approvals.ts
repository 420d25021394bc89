import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a tenant has approved by more than one person, since when what is pending waits, and who assigned. */
export class Approvals1700000000013 implements MigrationInterface {
  readonly name = 'Approvals1700000000013';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE approval_policy');
    // The index on it goes with the column.
    await db.query('ALTER TABLE exception DROP COLUMN pending_since, DROP COLUMN assigned_by');
  }
}

const own = `tenant_id = current_setting('redress.tenant', true)`;

const statements = [
  // The last version holds; two who add one at the same time meet at the key.
  `CREATE TABLE approval_policy (
    tenant_id text COLLATE "C" NOT NULL,
    version int4 NOT NULL CHECK (version > 0),
    id uuid NOT NULL,
    rules json NOT NULL,
    created_at timestamptz(3) NOT NULL,
    created_by text NOT NULL,
    PRIMARY KEY (tenant_id, version)
  )`,
  'ALTER TABLE approval_policy ENABLE ROW LEVEL SECURITY',
  `CREATE POLICY tenant ON approval_policy USING (${own}) WITH CHECK (${own})`,
  `CREATE TRIGGER approval_policy_keeps_rows BEFORE UPDATE OR DELETE ON approval_policy
     FOR EACH ROW EXECUTE FUNCTION redress_refuse_change()`,
  `CREATE TRIGGER approval_policy_keeps_all BEFORE TRUNCATE ON approval_policy
     FOR EACH STATEMENT EXECUTE FUNCTION redress_refuse_change()`,
  'ALTER TABLE approval_policy ENABLE ALWAYS TRIGGER approval_policy_keeps_rows',
  'ALTER TABLE approval_policy ENABLE ALWAYS TRIGGER approval_policy_keeps_all',
  'ALTER TABLE exception ADD pending_since timestamptz(3), ADD assigned_by text',
  `UPDATE exception SET pending_since = updated_at WHERE status = 'PENDING_RESOLUTION'`,
  // Few exceptions wait at any time, so what looks for them need not read the many that do not.
  `CREATE INDEX exception_pending ON exception (tenant_id, pending, pending_since, id) WHERE pending IS NOT NULL`,
];
