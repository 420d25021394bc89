import { mkdtempSync, rmSync, chmodSync, realpathSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { PostgresStarter } from '../support/postgres-starter';

async function rows(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const result = await client.query(sql);
  await client.end();
  return result.rows;
}

let folder: string;
let dataDir: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'redress-launcher-'));
  chmodSync(folder, 0o711);
  dataDir = path.join(folder, 'postgres');
});

afterEach(async () => {
  await Promise.all(PostgresStarter.all.splice(0).map((starter) => starter.stop()));
  const places = existsSync(dataDir) ? [realpathSync(dataDir), folder] : [folder];
  for (const place of places) rmSync(place, { recursive: true, force: true });
});

describe('the embedded PostgreSQL', () => {
  it('is started once by two first starts on one folder', async () => {
    const starters = [new PostgresStarter(dataDir), new PostgresStarter(dataDir)];
    const [one, other] = await Promise.all(starters.map(({ started }) => started));

    expect([one!.attached, other!.attached].sort()).toEqual([false, true]);
    expect(one!.url).toBe(other!.url);
    expect(await rows(one!.url, 'SELECT 1 AS answer')).toEqual([{ answer: 1 }]);
  }, 20_000);

  it('keeps its data over a stop and over a killed starter, which blocks no other starter', async () => {
    const first = new PostgresStarter(dataDir);
    await rows((await first.started).url, 'CREATE TABLE kept AS SELECT 1 AS start');
    await first.stop();

    const killed = new PostgresStarter(dataDir);
    await rows((await killed.started).url, 'INSERT INTO kept VALUES (2)');
    await killed.kill();

    const last = await new PostgresStarter(dataDir).started;
    expect(last.attached).toBe(false);
    expect(await rows(last.url, 'SELECT start FROM kept ORDER BY start')).toEqual([
      { start: 1 },
      { start: 2 },
    ]);
  }, 20_000);

  it('leaves nothing half made when the first start is killed', async () => {
    const killed = new PostgresStarter(dataDir);
    while (!existsSync(dataDir)) await new Promise((resolve) => setTimeout(resolve, 5));
    await killed.kill();

    const { url } = await new PostgresStarter(dataDir).started;
    expect(await rows(url, `SELECT lower('É') AS letter`)).toEqual([{ letter: 'é' }]);
  }, 20_000);

  it('asks for a password', async () => {
    const { url } = await new PostgresStarter(dataDir).started;
    const withoutPassword = new URL(url);
    withoutPassword.password = 'guess';

    await expect(rows(withoutPassword.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  }, 20_000);
});
