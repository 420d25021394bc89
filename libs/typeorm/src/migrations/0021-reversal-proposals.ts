import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A resolved exception may wait for approval: of the reversal of its adjustment. */
export class ReversalProposals1700000000021 implements MigrationInterface {
  readonly name = 'ReversalProposals1700000000021';

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE exception DROP CONSTRAINT exception_check1');
    await db.query(`ALTER TABLE exception ADD CONSTRAINT exception_waits CHECK (
      CASE status WHEN 'PENDING_RESOLUTION' THEN pending IS NOT NULL
        WHEN 'RESOLVED' THEN pending IS NULL OR pending = 'approval' ELSE pending IS NULL END)`);
  }

  // While a reversal awaits approval this does not go back: reject or withdraw it first.
  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE exception DROP CONSTRAINT exception_waits');
    await db.query(
      `ALTER TABLE exception ADD CONSTRAINT exception_check1
         CHECK ((pending IS NOT NULL) = (status = 'PENDING_RESOLUTION'))`,
    );
  }
}
