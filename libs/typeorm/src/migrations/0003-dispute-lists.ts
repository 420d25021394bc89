import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One index for each order a list of disputes can have; that by id is the key. */
export class DisputeLists1700000000003 implements MigrationInterface {
  readonly name = 'DisputeLists1700000000003';

  async up(db: QueryRunner): Promise<void> {
    await db.query('CREATE INDEX dispute_by_created ON dispute (tenant_id, created_at, id)');
    await db.query('CREATE INDEX dispute_by_updated ON dispute (tenant_id, updated_at, id)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP INDEX dispute_by_created, dispute_by_updated');
  }
}
