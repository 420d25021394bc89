import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who exported, listed in bulk, changed settings, or was refused for want of a scope. */
export class AccessRecords1700000000032 implements MigrationInterface {
  readonly name = 'AccessRecords1700000000032';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of up) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP FUNCTION redress_purge_access_records');
    await db.query('DROP TABLE access_record');
    await db.query('DROP FUNCTION redress_keep_access_record');
  }
}

const own = `tenant_id = current_setting('redress.tenant', true)`;

const up = [
  `CREATE TABLE access_record (
    tenant_id text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    at timestamptz(3) NOT NULL,
    actor text NOT NULL,
    kind text NOT NULL CONSTRAINT access_kind CHECK (kind IN ('export', 'list', 'bulk', 'settings', 'refused')),
    method text NOT NULL,
    route text NOT NULL,
    query text NOT NULL,
    status int4 NOT NULL,
    request_id text NOT NULL,
    PRIMARY KEY (tenant_id, id)
  )`,
  'CREATE INDEX access_record_by_actor ON access_record (tenant_id, actor, id)',
  // Across tenants, for the deletion of old ones.
  'CREATE INDEX access_record_by_time ON access_record (at)',
  'ALTER TABLE access_record ENABLE ROW LEVEL SECURITY',
  `CREATE POLICY tenant ON access_record USING (${own}) WITH CHECK (${own})`,
  // Not even the owner changes a record, or deletes one of the last thirty days.
  `CREATE FUNCTION redress_keep_access_record() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF TG_OP = 'DELETE' AND OLD.at < now() - interval '30 days' THEN RETURN OLD; END IF;
     RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'RD002';
   END $$`,
  `CREATE TRIGGER access_record_keeps_rows BEFORE UPDATE OR DELETE ON access_record
     FOR EACH ROW EXECUTE FUNCTION redress_keep_access_record()`,
  `CREATE TRIGGER access_record_keeps_all BEFORE TRUNCATE ON access_record
     FOR EACH STATEMENT EXECUTE FUNCTION redress_refuse_change()`,
  'ALTER TABLE access_record ENABLE ALWAYS TRIGGER access_record_keeps_rows',
  'ALTER TABLE access_record ENABLE ALWAYS TRIGGER access_record_keeps_all',
  // The login of the service may delete nothing itself: this function does, and no young ones.
  `CREATE FUNCTION redress_purge_access_records(days int4, batch int4) RETURNS int8
   LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
     WITH gone AS (
       DELETE FROM access_record WHERE (tenant_id, id) IN (
         SELECT tenant_id, id FROM access_record WHERE at < now() - make_interval(days => greatest(days, 30))
         ORDER BY at LIMIT batch
       ) RETURNING 1
     ) SELECT count(*) FROM gone
   $$`,
  'REVOKE ALL ON FUNCTION redress_purge_access_records FROM PUBLIC',
];
