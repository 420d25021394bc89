import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { migrate } from '../../libs/typeorm/src/migrations/migrate';

const TEMPLATE = 'redress_template';
const MIGRATED = 'migrated';
const MIGRATION_LOCK = 7_733_739;

export interface FreshDatabase {
  /** Connects as the owner of everything in the database. */
  url: string;
  /** Removes the database, together with whatever is still connected to it. */
  drop(): Promise<void>;
}

/** A database of its own for the asking test: all migrations applied, no rows. */
export function freshDatabase(): Promise<FreshDatabase> {
  return databaseBy(async (admin, name) => {
    await migrateTemplateOnce(admin);
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  });
}

/** A database of its own with nothing in it. */
export const emptyDatabase = (): Promise<FreshDatabase> =>
  databaseBy((admin, name) => admin.query(`CREATE DATABASE ${name} TEMPLATE template0`));

async function databaseBy(create: (admin: Client, name: string) => Promise<unknown>): Promise<FreshDatabase> {
  const name = `redress_${process.env['JEST_WORKER_ID'] ?? '0'}_${randomUUID().replaceAll('-', '')}`;
  await asAdmin((admin) => create(admin, name));
  return {
    url: urlOf(name),
    drop: () => asAdmin((admin) => admin.query(`DROP DATABASE ${name} WITH (FORCE)`)),
  };
}

/** The first to ask applies the migrations to the template; a comment on the template tells the others. */
async function migrateTemplateOnce(admin: Client): Promise<void> {
  await admin.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    if (await isMigrated(admin)) return;
    await migrate(urlOf(TEMPLATE));
    await admin.query(`COMMENT ON DATABASE ${TEMPLATE} IS '${MIGRATED}'`);
  } finally {
    await admin.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  }
}

async function isMigrated(admin: Client): Promise<boolean> {
  const { rows } = await admin.query<{ comment: string | null }>(
    `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1`,
    [TEMPLATE],
  );
  return rows[0]?.comment === MIGRATED;
}

async function asAdmin(work: (admin: Client) => Promise<unknown>): Promise<void> {
  const admin = new Client({ connectionString: adminUrl() });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

function urlOf(database: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${database}`;
  return url.href;
}

function adminUrl(): string {
  const url = process.env['TEST_DATABASE_URL'];
  if (!url) throw new Error('TEST_DATABASE_URL is not set: run the tests through `npm test`.');
  return url;
}
