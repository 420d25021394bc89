import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Indexes for lists of disputes by state and by category, in the order of the domain's tables. */
export class DisputeRanks1700000000026 implements MigrationInterface {
  readonly name = 'DisputeRanks1700000000026';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`CREATE INDEX dispute_by_state ON dispute (tenant_id, (CASE state WHEN 'DRAFT' THEN 0
      WHEN 'OPEN' THEN 1 WHEN 'PENDING_EVIDENCE' THEN 2 WHEN 'WON' THEN 3 WHEN 'LOST' THEN 4 END), id)`);
    await db.query(`CREATE INDEX dispute_by_category ON dispute (tenant_id, (CASE category
      WHEN 'BANK_FEE_ERROR' THEN 0 WHEN 'UNRECOGNIZED_CHARGE' THEN 1 WHEN 'DUPLICATE_TRANSACTION' THEN 2
      WHEN 'AMOUNT_MISMATCH' THEN 3 WHEN 'OTHER' THEN 4 END), id)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP INDEX dispute_by_state, dispute_by_category');
  }
}
