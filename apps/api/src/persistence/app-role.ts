import type { DataSource, QueryRunner } from 'typeorm';

/**
 * The role the service works as. Row-level security does not hold superusers and owners, so it is neither: the
 * connecting user migrates as owner, and every pooled connection switches to this role.
 */
export const appRole = 'redress_app';

const rights: Readonly<Record<string, string>> = {
  exception: 'SELECT, INSERT, UPDATE',
  dispute: 'SELECT, INSERT, UPDATE',
  comment: 'SELECT, INSERT, UPDATE',
  dispatch: 'SELECT, INSERT, UPDATE',
  idempotency: 'SELECT, INSERT, UPDATE',
  history: 'SELECT, INSERT',
  adjustment: 'SELECT, INSERT',
  forced_match: 'SELECT, INSERT',
  evidence: 'SELECT, INSERT',
  dispatch_attempt: 'SELECT, INSERT',
  connection: 'SELECT, INSERT, UPDATE',
  connection_change: 'SELECT, INSERT',
  approval_policy: 'SELECT, INSERT',
  reason_codes: 'SELECT, INSERT',
  webhook_endpoint: 'SELECT, INSERT, UPDATE',
  delivery: 'SELECT, INSERT, UPDATE',
  delivery_attempt: 'SELECT, INSERT',
  inbound_message: 'SELECT, INSERT',
};

/** What reaches across tenants: each is a function with one purpose. */
const acrossTenants = [
  'redress_reap_replies',
  'redress_tenant_of_connection',
  'redress_set_missing_alarms',
  'redress_waits',
];

/** Creates the role where it is missing and gives it just the rights it needs. Roles belong to the whole server. */
export async function grantAppRole(db: QueryRunner): Promise<void> {
  await db.query(`DO $$ BEGIN
    CREATE ROLE ${appRole} NOLOGIN NOSUPERUSER NOBYPASSRLS;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`);
  await db.query(`DO $$ BEGIN
    IF NOT pg_has_role(current_user, '${appRole}', 'MEMBER') THEN
      EXECUTE format('GRANT ${appRole} TO %I', current_user);
    END IF;
  END $$`);
  for (const [table, granted] of Object.entries(rights))
    await db.query(`GRANT ${granted} ON ${table} TO ${appRole}`);
  for (const granted of acrossTenants) await db.query(`GRANT EXECUTE ON FUNCTION ${granted} TO ${appRole}`);
}

/** What is unsafe about the database the service is about to work on, as sentences; empty when nothing is. */
export async function databaseDangers(dataSource: DataSource): Promise<string[]> {
  const [facts] = await dataSource.query<[Record<string, string | boolean>]>(`
    SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
           current_setting('full_page_writes') AS full_page_writes, r.rolsuper OR r.rolbypassrls AS above_fences,
           EXISTS (SELECT 1 FROM pg_class c WHERE c.relname = 'exception' AND c.relkind IN ('r', 'p') AND c.relowner = r.oid) AS owner
    FROM pg_roles r WHERE r.rolname = current_user`);
  const off = ['fsync', 'synchronous_commit', 'full_page_writes'].filter(
    (setting) => facts[setting] === 'off',
  );
  return [
    ...off.map((setting) => `${setting} is off: acknowledged changes would be lost in a crash. Turn it on.`),
    ...(facts['above_fences'] || facts['owner']
      ? [
          `The service works as a superuser or owner, whom row-level security does not hold. Let it use ${appRole}.`,
        ]
      : []),
  ];
}
