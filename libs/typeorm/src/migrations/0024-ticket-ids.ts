import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The id that an external system knows a ticket by: it stays the same when the ticket is moved to another project. */
export class TicketIds1700000000024 implements MigrationInterface {
  readonly name = 'TicketIds1700000000024';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of up) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const statement of down) await db.query(statement);
  }
}

const up = [
  'ALTER TABLE dispatch ADD external_id text',
  // The link to an incident has its sys_id. That of a Jira issue has its key alone: its id is learned when it is moved.
  `UPDATE dispatch SET external_id = lower(substring(external_url FROM 'sys_id%3D([0-9a-fA-F]{32})$'))
   WHERE target = 'SERVICENOW' AND kind = 'ticket' AND external_url IS NOT NULL`,
  'CREATE INDEX dispatch_by_ticket_id ON dispatch (tenant_id, target, external_id) WHERE external_id IS NOT NULL',
  `CREATE INDEX message_by_dispatch ON inbound_message (tenant_id, dispatch_id, changed_at) WHERE dispatch_id IS NOT NULL`,
];

const down = [
  'DROP INDEX message_by_dispatch',
  'DROP INDEX dispatch_by_ticket_id',
  'ALTER TABLE dispatch DROP external_id',
];
