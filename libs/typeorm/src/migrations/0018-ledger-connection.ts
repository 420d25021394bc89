import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A tenant's ledger is connected as other systems are, and tells by itself what became of postings. */
export class LedgerConnection1700000000018 implements MigrationInterface {
  readonly name = 'LedgerConnection1700000000018';

  async up(db: QueryRunner): Promise<void> {
    for (const table of tables) await db.query(targets(table, [...before, 'LEDGER']));
  }

  async down(db: QueryRunner): Promise<void> {
    // Lines about ledgers stay: the log of connections and the messages of ledgers are never removed.
    for (const table of tables) await db.query(`${targets(table, before)} NOT VALID`);
  }
}

const tables = [
  { table: 'connection', check: 'connection_target' },
  { table: 'inbound_message', check: 'message_target' },
] as const;
const before = ['JIRA', 'SERVICENOW', 'WEBHOOK'];

const targets = ({ table, check }: (typeof tables)[number], names: readonly string[]): string =>
  `ALTER TABLE ${table} DROP CONSTRAINT ${check},
     ADD CONSTRAINT ${check} CHECK (target IN (${names.map((name) => `'${name}'`).join(', ')}))`;
