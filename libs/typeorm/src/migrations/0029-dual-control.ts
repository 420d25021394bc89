import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What takes a second administrator, and what one of them has proposed. */
export class DualControl1700000000029 implements MigrationInterface {
  readonly name = 'DualControl1700000000029';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE approval_policy ADD COLUMN policy_changes json, ADD COLUMN ledger_changes json,
      ADD COLUMN answers json, ADD COLUMN proposed json, ADD COLUMN approval json`);
    await db.query('ALTER TABLE dispatch ADD COLUMN proposed_answer json');
    await db.query('ALTER TABLE connection ADD COLUMN proposed json');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE connection DROP COLUMN proposed');
    await db.query('ALTER TABLE dispatch DROP COLUMN proposed_answer');
    await db.query(`ALTER TABLE approval_policy DROP COLUMN policy_changes, DROP COLUMN ledger_changes,
      DROP COLUMN answers, DROP COLUMN proposed, DROP COLUMN approval`);
  }
}
