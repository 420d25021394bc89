import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A SECURITY DEFINER function runs as the owner of the tables. Unless the schema of temporary tables is named, it is
 * searched first: a session could put a table of its own, triggers included, in the place of ours.
 * https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
 */
export class DefinerSearchPath1700000000020 implements MigrationInterface {
  readonly name = 'DefinerSearchPath1700000000020';

  async up(db: QueryRunner): Promise<void> {
    for (const name of functions)
      await db.query(`ALTER FUNCTION ${name} SET search_path = pg_catalog, public, pg_temp`);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const name of functions)
      await db.query(`ALTER FUNCTION ${name} SET search_path = pg_catalog, public`);
  }
}

const functions = [
  'redress_reap_replies',
  'redress_tenant_of_connection',
  'redress_set_missing_alarms',
  'redress_waits',
];
