import type { Query } from '../database/app-role';
import { asLogin } from '../database/server-check';
import { StartFailure, type Login } from '../database/start-failure';
import { deskMigrations } from './migrate';

/**
 * Throws `StartFailure` unless the database has every migration of this version, for a service that leaves migrating to
 * another step. A database of a later version is fine: what it adds, this version does not use.
 *
 * @param url the database, as the login that the service uses
 */
export async function checkMigrated(url: string): Promise<void> {
  const login: Login = { url, variable: 'DATABASE_URL' };
  const done = new Set(await asLogin(login, namesOfMigrations));
  const [missing] = deskMigrations.filter(({ name }) => !done.has(name));
  if (missing)
    throw new StartFailure(
      `The database of DATABASE_URL lacks migrations of this version, the first of them ${missing.name}: run npm run migrate first, or set MIGRATE_ON_START to on.`,
    );
}

/** None where the table is not there, or where this login was not granted it by a migration of this version. */
async function namesOfMigrations(query: Query): Promise<string[]> {
  const readable = `SELECT coalesce(has_table_privilege(to_regclass('public.redress_migration'), 'SELECT'), false) AS readable`;
  const [found] = await query(readable);
  if (found?.['readable'] !== true) return [];
  return (await query('SELECT name FROM public.redress_migration')).map(({ name }) => String(name));
}
