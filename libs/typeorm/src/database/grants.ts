import { maySet, type Query } from './app-role';

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
  webhook_lane: 'SELECT, INSERT, UPDATE, DELETE',
  job_process: 'SELECT, INSERT, UPDATE, DELETE',
  inbound_message: 'SELECT, INSERT',
  access_record: 'SELECT, INSERT',
  redress_migration: 'SELECT',
};

/** What reaches across tenants: each is a function with one purpose. */
const acrossTenants = [
  'redress_reap_replies',
  'redress_purge_access_records',
  'redress_tenant_of_connection',
  'redress_set_missing_alarms',
  'redress_waits',
  'redress_unsettled',
  'redress_mend_times',
];

/** What statements of the service call as itself. PUBLIC may, unless the owner's default privileges say otherwise. */
const called = [
  'redress_all_or_nothing',
  'redress_tell_endpoints',
  'redress_ring_endpoints',
  'redress_set_endpoint_job',
  'redress_claim_deliveries',
  'redress_report_delivery',
  'redress_release_delivery',
  'redress_settle_lane',
  'redress_skip_deliveries',
  'redress_beat',
];

/** A role name as it stands in a statement. */
export const quoted = (role: string): string => `"${role.replaceAll('"', '""')}"`;

/** Lets a login SET the role, unless it may already. */
export async function grantMembership(query: Query, role: string, login: string): Promise<void> {
  const [may] = await query(`SELECT pg_has_role($1, $2, ${maySet}) AS already`, [login, role]);
  if (may?.['already'] !== true) await query(`GRANT ${quoted(role)} TO ${quoted(login)}`);
}

/** Gives the role that the service works as, or its login, the rights on our tables and functions, as their owner. */
export async function grantTables(query: Query, role: string): Promise<void> {
  const grantee = quoted(role);
  // Only where PUBLIC does not have them: the owner of the tables need not be allowed to grant these two.
  const [has] = await query(
    `SELECT has_database_privilege($1, current_database(), 'CONNECT') AS connect,
            has_schema_privilege($1, 'public', 'USAGE') AS usage, quote_ident(current_database()) AS database`,
    [role],
  );
  if (has?.['connect'] !== true)
    await query(`GRANT CONNECT ON DATABASE ${String(has?.['database'])} TO ${grantee}`);
  if (has?.['usage'] !== true) await query(`GRANT USAGE ON SCHEMA public TO ${grantee}`);
  for (const [table, granted] of Object.entries(rights))
    await query(`GRANT ${granted} ON ${table} TO ${grantee}`);
  for (const name of [...acrossTenants, ...called])
    await query(`GRANT EXECUTE ON FUNCTION ${name} TO ${grantee}`);
}
