import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The people who assigned an exception before the one who did so last: a rule may bar them from approving. */
export class FormerAssigners1700000000028 implements MigrationInterface {
  readonly name = 'FormerAssigners1700000000028';

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE exception ADD COLUMN former_assigners json');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE exception DROP COLUMN former_assigners');
  }
}
