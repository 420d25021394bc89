import type { DataSource } from 'typeorm';
import { isUnbound } from './app-role';

const durability = ['fsync', 'synchronous_commit', 'full_page_writes'];

/**
 * What is unsafe about the database the service is about to work on, as sentences; empty when nothing is. Which role a
 * session has set says little, since a statement can set another one: what counts is what its login can become.
 */
export async function databaseDangers(dataSource: DataSource): Promise<string[]> {
  const [facts = {}] = await dataSource.query<Record<string, string>[]>(
    `SELECT session_user AS login, has_schema_privilege('public', 'CREATE')::text AS creates, ${durability.map((name) => `current_setting('${name}') AS ${name}`).join(', ')}`,
  );
  const off = durability.filter((name) => facts[name] === 'off');
  const unbound = await isUnbound((sql, values) => dataSource.query(sql, values));
  return [
    ...off.map((name) => `${name} is off: acknowledged changes would be lost in a crash. Turn it on.`),
    ...(facts['creates'] === 'true'
      ? [
          'The service may create functions and tables in the schema "public", as everyone may before PostgreSQL 15: run REVOKE CREATE ON SCHEMA public FROM PUBLIC, as docs/production.md does.',
        ]
      : []),
    ...(unbound
      ? [
          `The login "${facts['login']}" of DATABASE_URL is, or can become, a superuser or the owner of the tables, whom row-level security does not bind: use two logins, DATABASE_URL for one that owns nothing and MIGRATIONS_DATABASE_URL for the owner, as docs/production.md describes.`,
        ]
      : []),
  ];
}
