import { Client } from 'pg';
import { serviceLogin, startServer } from './server';
import type { Setting } from './setting';

export const urlOf = (adminUrl: string, database: string): string => {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
};

export async function asOwner<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Empty databases with these names. The service creates the tables of the first one, the others are its copies. */
export async function freshDatabases(setting: Setting, names: readonly string[]): Promise<string[]> {
  const [first = '', ...others] = names;
  const { adminUrl } = setting;
  await asOwner(adminUrl, async (admin) => {
    for (const name of names) await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await admin.query(`DO $$ BEGIN CREATE ROLE ${serviceLogin} LOGIN PASSWORD '${serviceLogin}';
      EXCEPTION WHEN duplicate_object THEN NULL; END $$`);
    await admin.query(`CREATE DATABASE ${first}`);
  });
  const service = await startServer(setting.service, urlOf(adminUrl, first));
  await service.stop();
  await asOwner(adminUrl, async (admin) => {
    for (const name of others) await admin.query(`CREATE DATABASE ${name} TEMPLATE ${first}`);
  });
  return names.map((name) => urlOf(adminUrl, name));
}
