import type { MigrationInterface, QueryRunner } from 'typeorm';

/** To which external systems a tenant is connected, and who changed what about that. */
export class Connections1700000000008 implements MigrationInterface {
  readonly name = 'Connections1700000000008';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP FUNCTION redress_tenant_of_connection');
    await db.query('DROP TABLE connection_change, connection');
  }
}

const own = `tenant_id = current_setting('redress.tenant', true)`;

const statements = [
  // A row stays when its connection is deleted, without secrets, so that ids and versions are never used again.
  `CREATE TABLE connection (
    tenant_id text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    target text NOT NULL CONSTRAINT connection_target CHECK (target IN ('JIRA', 'SERVICENOW', 'WEBHOOK')),
    version int4 NOT NULL CHECK (version > 0),
    enabled bool NOT NULL,
    settings json NOT NULL,
    secrets bytea,
    created_at timestamptz(3) NOT NULL,
    created_by text NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    updated_by text NOT NULL,
    deleted_at timestamptz(3),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, target),
    CHECK ((secrets IS NULL) = (deleted_at IS NOT NULL))
  )`,
  // An external system that calls knows the id alone.
  'CREATE UNIQUE INDEX connection_by_id ON connection (id)',
  `CREATE TABLE connection_change (
    tenant_id text COLLATE "C" NOT NULL,
    connection_id uuid NOT NULL,
    version int4 NOT NULL CHECK (version > 0),
    type text NOT NULL,
    actor text NOT NULL,
    at timestamptz(3) NOT NULL,
    changes json NOT NULL,
    new_secrets json NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, version),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connection
  )`,
  ...['connection', 'connection_change'].flatMap((table) => [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `CREATE POLICY tenant ON ${table} USING (${own}) WITH CHECK (${own})`,
  ]),
  `CREATE TRIGGER connection_change_keeps_rows BEFORE UPDATE OR DELETE ON connection_change
     FOR EACH ROW EXECUTE FUNCTION redress_refuse_change()`,
  `CREATE TRIGGER connection_change_keeps_all BEFORE TRUNCATE ON connection_change
     FOR EACH STATEMENT EXECUTE FUNCTION redress_refuse_change()`,
  'ALTER TABLE connection_change ENABLE ALWAYS TRIGGER connection_change_keeps_rows',
  'ALTER TABLE connection_change ENABLE ALWAYS TRIGGER connection_change_keeps_all',
  // Looks over the fence between tenants, and tells the tenant alone.
  `CREATE FUNCTION redress_tenant_of_connection(connection uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
   SET search_path = pg_catalog, public AS $$
     SELECT tenant_id FROM connection c WHERE c.id = connection AND c.deleted_at IS NULL
   $$`,
  'REVOKE ALL ON FUNCTION redress_tenant_of_connection FROM PUBLIC',
];
