import { appRole, appRoleOf } from '../../libs/typeorm/src/database/app-role';
import type { Cluster } from './clusters';
import { documentedScript, runScript } from './database-script';

/** A database whose logins are prepared in one of the ways a service may be run. */
export type RoleSetup = Readonly<{
  database: string;
  owner: string;
  service: string;
  /** The role that the service's statements run as. */
  role: string;
  /** Whether the login of the service could get past row-level security. */
  unbound: boolean;
}>;

export type Prepare = (cluster: Cluster) => Promise<RoleSetup>;

const login = (name: string, options = ''): string =>
  `CREATE ROLE "${name}" LOGIN PASSWORD '${name}' ${options}`;

/** The owner of a database migrates it and works on it with one login. */
async function oneLogin(cluster: Cluster, name: string, options: string, role: string): Promise<RoleSetup> {
  await cluster.run('postgres', login(name, options), `CREATE DATABASE "${name}" OWNER "${name}"`);
  const url = cluster.url(name, name);
  return { database: name, owner: url, service: url, role, unbound: true };
}

/** A plain owner, and a service login whose name has to be quoted; nothing is revoked from PUBLIC. */
async function twoLogins(cluster: Cluster): Promise<RoleSetup> {
  const [owner, service] = ['two owner', 'two "service" Login'];
  await cluster.run(
    'postgres',
    login(owner),
    `CREATE ROLE "two ""service"" Login" LOGIN PASSWORD '${service}'`,
    `CREATE DATABASE "two logins" OWNER "${owner}"`,
  );
  return {
    database: 'two logins',
    owner: cluster.url('two logins', owner),
    service: cluster.url('two logins', service),
    role: service,
    unbound: false,
  };
}

/** As docs/production.md says; another name takes the place of `redress`. */
export async function documented(cluster: Cluster, name: string, administrator?: string): Promise<RoleSetup> {
  await runScript(cluster, documentedScript().replaceAll('redress', name), administrator);
  return {
    database: name,
    owner: cluster.url(name, `${name}_owner`, 'owner-password'),
    service: cluster.url(name, `${name}_service`, 'service-password'),
    role: `${name}_service`,
    unbound: false,
  };
}

/** As documented, where the defaults of the database and its owner are not those PostgreSQL comes with. */
async function hardened(cluster: Cluster): Promise<RoleSetup> {
  const setup = await documented(cluster, 'hardened');
  await cluster.run(
    'hardened',
    'CREATE SCHEMA hardened_owner AUTHORIZATION hardened_owner',
    'ALTER DEFAULT PRIVILEGES FOR ROLE hardened_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC',
    'ALTER DATABASE hardened SET row_security = off',
    `ALTER DATABASE hardened SET default_transaction_isolation = 'serializable'`,
    `ALTER ROLE hardened_service SET search_path = ''`,
  );
  return setup;
}

/** As an administrator of a managed server, who is no superuser. */
async function documentedManaged(cluster: Cluster): Promise<RoleSetup> {
  await cluster.run('postgres', login('managed_admin', 'CREATEROLE CREATEDB'));
  // There, the administrator owns the template's schema, or is allowed what its owner is.
  if (cluster.major < 15) await cluster.run('template1', 'ALTER SCHEMA public OWNER TO managed_admin');
  return documented(cluster, 'managed', 'managed_admin');
}

/** The creator of a role administers it since PostgreSQL 16, and may not SET it: what a failed start left behind. */
async function halfMade(cluster: Cluster): Promise<RoleSetup> {
  const role = appRoleOf('half_made');
  const setup = await oneLogin(cluster, 'half_made', 'CREATEROLE', role);
  await cluster.run('postgres', 'SET SESSION AUTHORIZATION half_made', `CREATE ROLE ${role} NOLOGIN`);
  // Before 16 that start granted the role to itself as well.
  if (cluster.major < 16) await cluster.run('postgres', `GRANT ${role} TO half_made`);
  return setup;
}

/** In this order on one server: the first owner makes `redress_app`, which no other may then join. */
export const roleSetups: readonly (readonly [string, Prepare])[] = [
  ['an owner with CREATEROLE', (cluster) => oneLogin(cluster, 'creator', 'CREATEROLE CREATEDB', appRole)],
  ['a superuser', (cluster) => oneLogin(cluster, 'super', 'SUPERUSER', appRoleOf('super'))],
  ['an owner and a service login', twoLogins],
  ['logins whose database has defaults of its own', hardened],
  ['the logins of docs/production.md', (cluster) => documented(cluster, 'redress')],
  ['the same, made by the administrator of a managed server', documentedManaged],
  ['a role that its creator may not set yet', halfMade],
];
