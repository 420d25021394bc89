import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runSql, type Cluster } from './clusters';

const page = path.resolve(__dirname, '../../docs/production.md');

/** The one block of SQL that docs/production.md tells administrators to run. */
export function documentedScript(): string {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```sql\n(.*?)^```$/gms)].map(([, sql]) => sql!);
  if (blocks.length !== 1) throw new Error(`docs/production.md has ${blocks.length} blocks of SQL, not one.`);
  return blocks[0]!;
}

/** Statements without comments, each on one line; `\connect` is one of them. */
export const statementsOf = (script: string): string[] =>
  script
    .replace(/--.*$/gm, '')
    .replace(/^(\\connect .*)$/gm, '$1;')
    .split(';')
    .map((statement) => statement.replace(/\s+/g, ' ').trim())
    .filter(Boolean);

/** Runs a script as `psql` would, as the superuser or another administrator. */
export async function runScript(cluster: Cluster, script: string, administrator?: string): Promise<void> {
  let database = 'postgres';
  let batch: string[] = [];
  const flush = async () => {
    await runSql(cluster.url(database, administrator), ...batch);
    batch = [];
  };
  for (const statement of statementsOf(script)) {
    const target = /^\\connect (\w+)$/.exec(statement)?.[1];
    if (target === undefined) batch.push(statement);
    else {
      await flush();
      database = target;
    }
  }
  await flush();
}
