import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Postings to a ledger elsewhere take the way of dispatches; adjustments say who agreed to them. */
export class Ledger1700000000014 implements MigrationInterface {
  readonly name = 'Ledger1700000000014';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of up) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const statement of down) await db.query(statement);
  }
}

const check = (table: string, name: string, column: string, values: readonly string[]): string =>
  `ALTER TABLE ${table} DROP CONSTRAINT ${name},
     ADD CONSTRAINT ${name} CHECK (${column} IN (${values.map((value) => `'${value}'`).join(', ')}))`;

const targets = ['JIRA', 'SERVICENOW', 'WEBHOOK', 'MANUAL'];
const outcomes = ['created', 'not_sent', 'refused', 'unknown', 'found', 'none', 'unavailable'];

const up = [
  `ALTER TABLE dispatch ADD posting json,
     ADD CONSTRAINT dispatch_posting CHECK ((kind = 'posting') = (posting IS NOT NULL)),
     ADD CONSTRAINT dispatch_ledger CHECK ((kind = 'posting') = (target = 'LEDGER'))`,
  check('dispatch', 'dispatch_target', 'target', [...targets, 'LEDGER']),
  check('dispatch', 'dispatch_kind', 'kind', ['ticket', 'note', 'posting']),
  check('dispatch_attempt', 'attempt_outcome', 'outcome', [...outcomes, 'accepted']),
  'ALTER TABLE adjustment ADD approval json',
];

// Not reversible while there are postings: what was posted to a ledger cannot be forgotten.
const down = [
  'ALTER TABLE adjustment DROP approval',
  check('dispatch_attempt', 'attempt_outcome', 'outcome', outcomes),
  check('dispatch', 'dispatch_kind', 'kind', ['ticket', 'note']),
  check('dispatch', 'dispatch_target', 'target', targets),
  'ALTER TABLE dispatch DROP posting',
];
