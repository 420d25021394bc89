import { textKey } from '@redress/domain';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const keyOf = (reason: string): string => `lower(normalize(btrim(${reason}, E' \\t\\r\\n\\u00a0')))`;

/**
 * Reasons are compared in one form: the same letters in another case, in another Unicode form, or between blanks are the
 * same break. The service writes the key; the rows that are there already get it here. And: the exception
 * that was resolved before, and the amounts of other reports.
 */
export class ReasonKeys1700000000023 implements MigrationInterface {
  readonly name = 'ReasonKeys1700000000023';

  async up(db: QueryRunner): Promise<void> {
    // A generated column is filled by one rewrite of the table; an UPDATE would leave a second version of each row.
    await db.query(`ALTER TABLE exception ADD COLUMN previous uuid, ADD COLUMN other_amounts json,
      ADD COLUMN reason_key text COLLATE "C"
        GENERATED ALWAYS AS (${keyOf('reason')}) STORED`);
    await db.query('ALTER TABLE exception ALTER COLUMN reason_key DROP EXPRESSION');
    // Beyond ASCII, what is a blank or a capital letter differs from one locale of a database to another.
    const others = `SELECT DISTINCT reason FROM exception WHERE reason !~ '^[\\t\\r\\n -~]*$'`;
    for (const { reason } of (await db.query(others)) as { reason: string }[])
      await db.query(
        'UPDATE exception SET reason_key = $2 WHERE reason = $1 AND reason_key IS DISTINCT FROM $2',
        [reason, textKey(reason)],
      );
    // Unresolved exceptions that were different and would be the same now stay what they are: one has the key, and the
    // others are compared by their reasons as they were written.
    await db.query(`UPDATE exception SET reason_key = NULL FROM (
      SELECT tenant_id, id, row_number() OVER (
        PARTITION BY tenant_id, transaction_id, reason_key ORDER BY reason = reason_key DESC, created_at, id) AS place
      FROM exception WHERE status <> 'RESOLVED') AS same
      WHERE same.place > 1 AND exception.tenant_id = same.tenant_id AND exception.id = same.id`);
    await db.query('DROP INDEX exception_identity');
    await db.query(`CREATE UNIQUE INDEX exception_identity
      ON exception (tenant_id, transaction_id, (coalesce(reason_key, reason))) WHERE status <> 'RESOLVED'`);
    for (const statement of keyOfOlderVersions) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TRIGGER exception_reason_key ON exception');
    await db.query('DROP FUNCTION redress_reason_key');
    await db.query('DROP INDEX exception_identity');
    await db.query(
      `CREATE UNIQUE INDEX exception_identity ON exception (tenant_id, transaction_id, reason) WHERE status <> 'RESOLVED'`,
    );
    await db.query(
      'ALTER TABLE exception DROP COLUMN previous, DROP COLUMN other_amounts, DROP COLUMN reason_key',
    );
  }
}

/**
 * An instance of the version before, which may run beside this one or after it, writes no keys. Its rows get them here; where an
 * unresolved exception has the same one already, a key of their own.
 */
const keyOfOlderVersions = [
  `CREATE FUNCTION redress_reason_key() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
   BEGIN
     NEW.reason_key := ${keyOf('NEW.reason')};
     IF EXISTS (
       SELECT FROM exception e WHERE e.tenant_id = NEW.tenant_id AND e.transaction_id = NEW.transaction_id
         AND coalesce(e.reason_key, e.reason) = NEW.reason_key AND e.status <> 'RESOLVED'
     ) THEN
       NEW.reason_key := NEW.reason_key || ' ' || NEW.id;
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER exception_reason_key BEFORE INSERT ON exception FOR EACH ROW WHEN (NEW.reason_key IS NULL)
     EXECUTE FUNCTION redress_reason_key()`,
];
