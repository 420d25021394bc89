import { createHash } from 'node:crypto';
import { StartFailure } from './start-failure';

/** Runs one statement and answers its rows. */
export type Query = (sql: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;

/**
 * The role that a service with one login works as. Row-level security binds neither superusers nor owners, so every
 * session of such a login switches to this role. A login that owns nothing works as itself and needs no such role.
 */
export const appRole = 'redress_app';

/** The same for one database, where `redress_app` belongs to another installation on the server. */
export function appRoleOf(database: string): string {
  const plain = database.toLowerCase().replace(/[^a-z0-9_]/g, '_');
  const name = `${appRole}_${plain}`;
  // PostgreSQL cuts names at 63 bytes; the hash keeps apart what looks alike once it is cut or spelled plainly.
  if (plain === database && name.length <= 63) return name;
  const hash = createHash('sha256').update(database).digest('hex').slice(0, 8);
  return `${name.slice(0, 54)}_${hash}`;
}

/** The privilege to ask `pg_has_role` for: before version 16 a member may always SET the role, since then that is an option. */
export const maySet = `CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END`;

/**
 * The roles that row-level security does not bind, or that get past it through the server's files. Before version 16,
 * CREATEROLE may grant itself any role that is no superuser, that of the owner included.
 */
const unboundRoles = `SELECT x.oid FROM pg_roles x
  WHERE x.rolsuper OR x.rolbypassrls
     OR (x.rolcreaterole AND current_setting('server_version_num')::int < 160000)
     OR x.rolname IN ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files')
     OR x.oid IN (SELECT c.relowner FROM pg_class c WHERE c.oid = to_regclass('public.exception'))`;

/** Whether this login is, or can become, a role that row-level security does not bind. */
export async function isUnbound(query: Query): Promise<boolean> {
  const [facts] = await query(
    `SELECT EXISTS (SELECT FROM (${unboundRoles}) u WHERE pg_has_role(session_user, u.oid, 'MEMBER')) AS unbound`,
  );
  return facts?.['unbound'] === true;
}

/** The role that the tables are granted to and that this login may SET, if there is one. */
async function grantedRole(query: Query): Promise<string | undefined> {
  const candidates = await query(
    `SELECT DISTINCT g.rolname AS name FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles g ON g.oid = a.grantee
     WHERE c.oid = to_regclass('public.exception') AND a.privilege_type = 'INSERT'
       AND g.rolname LIKE '${appRole.replace('_', '\\_')}%' AND pg_has_role(session_user, g.oid, ${maySet})
       AND NOT EXISTS (SELECT FROM (${unboundRoles}) u WHERE pg_has_role(g.oid, u.oid, 'MEMBER'))`,
  );
  const [{ database } = {}] = await query('SELECT current_database() AS database');
  const names = candidates.map(({ name }) => String(name));
  return [appRoleOf(String(database)), appRole].find((name) => names.includes(name)) ?? names.sort()[0];
}

/** Which role sessions of this login SET; undefined when the login works as itself. Throws when none is prepared. */
export async function sessionRole(query: Query): Promise<string | undefined> {
  if (!(await isUnbound(query))) return undefined;
  const role = await grantedRole(query);
  if (role !== undefined) return role;
  const [{ login, database } = {}] = await query(
    'SELECT session_user AS login, current_database() AS database',
  );
  throw new StartFailure(
    `Row-level security does not bind the login "${String(login)}", and the database "${String(database)}" has no role for it to work as: migrate the database first, which makes one.`,
  );
}

type RoleFacts = Readonly<{ exists: boolean; settable: boolean; administered: boolean; shared: boolean }>;

async function factsOf(query: Query, role: string): Promise<RoleFacts> {
  const [facts] = await query(
    `SELECT pg_has_role(session_user, r.oid, ${maySet}) AS settable,
       pg_has_role(session_user, r.oid, 'MEMBER WITH ADMIN OPTION') AS administered,
       -- Another installation would see our rows, or we its: through a login, or as another member of the role. One
       -- that administers this login, as the administrator of a managed server does, could get in anyway.
       r.rolcanlogin OR r.rolsuper OR r.rolbypassrls OR EXISTS (
         SELECT FROM pg_auth_members m JOIN pg_roles o ON o.oid = m.member
         WHERE m.roleid = r.oid AND o.rolname <> session_user AND NOT o.rolsuper
           AND NOT pg_has_role(o.oid, (SELECT oid FROM pg_roles WHERE rolname = session_user), 'MEMBER')) AS shared
     FROM pg_roles r WHERE r.rolname = $1`,
    [role],
  );
  if (!facts) return { exists: false, settable: false, administered: false, shared: false };
  const { settable, administered, shared } = facts as Record<keyof RoleFacts, boolean>;
  return { exists: true, settable, administered, shared };
}

/**
 * The role that the service works as when its login also owns the tables: the one already granted, else `redress_app`,
 * else one for this database alone. Creates it, or grants it to this login, where that is allowed.
 */
export async function prepareAppRole(query: Query): Promise<string> {
  const granted = await grantedRole(query);
  if (granted !== undefined) return granted;
  const [{ login, database, creates } = {}] = await query(
    `SELECT session_user AS login, current_database() AS database, rolsuper OR rolcreaterole AS creates
     FROM pg_roles WHERE rolname = session_user`,
  );
  const ofDatabase = appRoleOf(String(database));
  for (const role of [appRole, ofDatabase]) {
    if (creates === true) await createRole(query, role);
    const facts = await factsOf(query, role);
    if (!facts.exists || facts.shared) continue;
    if (facts.settable) return role;
    if (facts.administered) {
      // Since version 16 the creator of a role administers it without being allowed to SET it.
      await query(`DO $$ BEGIN EXECUTE format('GRANT ${role} TO %I', session_user); END $$`);
      return role;
    }
  }
  const { exists } = await factsOf(query, appRole);
  const wanted = exists ? ofDatabase : appRole;
  throw new StartFailure(
    `The login "${String(login)}" owns the tables, so row-level security does not bind it, and it may not create a role to work as: have an administrator run CREATE ROLE ${wanted} NOLOGIN; GRANT ${wanted} TO "${String(login)}"; or use two logins as docs/production.md describes.`,
  );
}

/** Created and granted at once, or not at all. Databases of one server may do so at the same time. */
const createRole = (query: Query, role: string): Promise<unknown> =>
  query(`DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
      CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOBYPASSRLS;
      EXECUTE format('GRANT ${role} TO %I', session_user);
    END IF;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`);
