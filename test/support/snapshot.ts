import { Client } from 'pg';

/** A look at everything a database holds, past all fences, but for the access trail: that is written a second later. */
export type Onlooker = Readonly<{
  owner: Client;
  /**
   * Of each table but that of the heartbeats how many rows it has, and the sum of the transactions that wrote them. Equal as long as nothing was
   * written: a later transaction has a greater number, so what it writes makes the sum greater, or the count smaller.
   */
  look: () => Promise<Record<string, string>>;
  tables: readonly string[];
  close: () => Promise<void>;
}>;

/** Connects as the owner of everything, whom row-level security does not hold. */
export async function onlooker(url: string): Promise<Onlooker> {
  const owner = new Client({ connectionString: url });
  // The database is dropped while this connection is being closed.
  owner.on('error', () => undefined);
  await owner.connect();
  const { rows } = await owner.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT IN ('access_record', 'job_process')
     ORDER BY 1`,
  );
  const tables = rows.map(({ name }) => name);
  const columns = tables.map(
    (name) => `(SELECT count(*) || ' ' || coalesce(sum(xmin::text::bigint), 0) FROM ${name}) AS ${name}`,
  );
  // Prepared: to plan a query over all tables takes longer than to run it.
  const query = { name: 'look', text: `SELECT ${columns.join(', ')}` };
  return {
    owner,
    tables,
    look: async () => (await owner.query<Record<string, string>>(query)).rows[0] ?? {},
    close: () => owner.end(),
  };
}
