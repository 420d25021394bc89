import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A new kind of external system takes no migration: the domain knows the names, the database their form. */
export class ConnectorNames1700000000022 implements MigrationInterface {
  readonly name = 'ConnectorNames1700000000022';

  async up(db: QueryRunner): Promise<void> {
    for (const { table, check, column } of checks)
      await db.query(`ALTER TABLE ${table} DROP CONSTRAINT ${check},
        ADD CONSTRAINT ${check} CHECK (${column} ~ '^[A-Z][A-Z0-9_]{0,62}$')`);
  }

  // What is stored under other names stays; nothing is removed.
  async down(db: QueryRunner): Promise<void> {
    for (const { table, check, column, more } of checks) {
      const names = ['JIRA', 'SERVICENOW', 'WEBHOOK', ...more].map((name) => `'${name}'`).join(', ');
      await db.query(`ALTER TABLE ${table} DROP CONSTRAINT ${check},
        ADD CONSTRAINT ${check} CHECK (${column} IN (${names})) NOT VALID`);
    }
  }
}

const checks = [
  { table: 'exception', check: 'exception_target', column: 'external_system', more: ['MANUAL'] },
  { table: 'dispatch', check: 'dispatch_target', column: 'target', more: ['MANUAL', 'LEDGER'] },
  { table: 'connection', check: 'connection_target', column: 'target', more: ['LEDGER'] },
  { table: 'inbound_message', check: 'message_target', column: 'target', more: ['LEDGER'] },
] as const;
