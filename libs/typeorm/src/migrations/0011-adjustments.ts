import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adjustments as books: listed in their own orders, and reversed by rows of the same kind, since none is ever changed. */
export class Adjustments1700000000011 implements MigrationInterface {
  readonly name = 'Adjustments1700000000011';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of up) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const statement of down) await db.query(statement);
  }
}

const up = [
  `ALTER TABLE adjustment ADD reverses uuid,
     ADD CONSTRAINT adjustment_reverses FOREIGN KEY (tenant_id, reverses) REFERENCES adjustment`,
  'DROP INDEX adjustment_one_per_exception',
  `CREATE UNIQUE INDEX adjustment_one_per_exception ON adjustment (tenant_id, exception_id) WHERE reverses IS NULL`,
  // Whatever else goes wrong, money goes back once.
  `CREATE UNIQUE INDEX adjustment_one_reversal ON adjustment (tenant_id, reverses) WHERE reverses IS NOT NULL`,
  `ALTER TABLE exception ADD reversal_of uuid,
     ADD CONSTRAINT exception_reversal_of FOREIGN KEY (tenant_id, reversal_of) REFERENCES exception`,
  'CREATE INDEX adjustment_by_exception ON adjustment (tenant_id, exception_id, created_at, id)',
  'CREATE INDEX adjustment_by_created ON adjustment (tenant_id, created_at, id)',
  'CREATE INDEX adjustment_by_effective ON adjustment (tenant_id, effective_at, id)',
];

const down = [
  'DROP INDEX adjustment_by_effective, adjustment_by_created, adjustment_by_exception, adjustment_one_per_exception',
  // The index on it goes with the column. Reversals would be second adjustments of their exceptions: while there are
  // any, this does not go back.
  'CREATE UNIQUE INDEX adjustment_one_per_exception ON adjustment (tenant_id, exception_id)',
  'ALTER TABLE adjustment DROP reverses',
  'ALTER TABLE exception DROP reversal_of',
];
