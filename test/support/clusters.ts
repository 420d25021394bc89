import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import type { Json } from './app';

const script = (name: string): string =>
  JSON.stringify(pathToFileURL(path.resolve(__dirname, '../../scripts/postgres', name)).href);
const node = ['--input-type=module', '--eval'];

export type PostgresVersion = Readonly<{ major: number; installation: string }>;

/** Every major version of PostgreSQL on this machine, oldest first. */
export function postgresVersions(): PostgresVersion[] {
  const program = `console.log(JSON.stringify((await import(${script('versions.mjs')})).postgresVersions()))`;
  return JSON.parse(
    execFileSync(process.execPath, [...node, program], { encoding: 'utf8' }),
  ) as PostgresVersion[];
}

/** A PostgreSQL server of its own for one test file. */
export type Cluster = Readonly<{
  major: number;
  /** The URL of a database, as the superuser unless another login is named. */
  url: (database?: string, login?: string, password?: string) => string;
  /** Runs statements one by one as the superuser; answers the rows of the last. */
  run: (database: string, ...statements: string[]) => Promise<Json[]>;
  stop: () => Promise<void>;
}>;

// Ends with this process, and stops the server it started.
const program = `
  const { startPostgres } = await import(${script('index.mjs')});
  const [dataDir, installation] = process.argv.slice(1);
  const settings = { max_connections: 100 };
  const postgres = await startPostgres({ dataDir, installation, settings, durable: false });
  console.log(postgres.url);
  process.stdin.resume().on('end', async () => {
    await postgres.stop();
    process.exit();
  });
`;

export async function startCluster({ major, installation }: PostgresVersion): Promise<Cluster> {
  const folder = mkdtempSync(path.join(tmpdir(), 'redress-cluster-'));
  // mkdtemp lets only its owner in, while PostgreSQL may have to run as another user.
  chmodSync(folder, 0o711);
  const dataDir = path.join(folder, 'postgres');
  const child = spawn(process.execPath, [...node, program, dataDir, installation], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const superuser = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    void ended.then(() => reject(new Error(`PostgreSQL ${major} did not start.`)));
  });
  const url: Cluster['url'] = (database = 'postgres', login, password = login) => {
    const found = new URL(superuser);
    found.pathname = `/${encodeURIComponent(database)}`;
    if (login !== undefined) {
      found.username = encodeURIComponent(login);
      found.password = encodeURIComponent(password!);
    }
    return found.href;
  };
  return {
    major,
    url,
    run: (database, ...statements) => runSql(url(database), ...statements),
    stop: async () => {
      child.stdin.end();
      await ended;
      for (const place of existsSync(dataDir) ? [realpathSync(dataDir), folder] : [folder])
        rmSync(place, { recursive: true, force: true });
    },
  };
}

/** Runs statements one by one in one session; answers the rows of the last. */
export async function runSql(url: string, ...statements: string[]): Promise<Json[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: Json[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}
