import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { asOwner, freshDatabases } from './support/databases';
import { Line, requestText } from './support/load';
import { fill } from './support/rows';
import { startServer } from './support/server';
import { idAt, tokenFor, type Setting } from './support/setting';
import { printTable, quantile } from './support/statistics';

const phaseMs = 5000;
/** The limits of the service, which other benchmarks switch off. */
const limits = {
  RATE_LIMIT_READS: '',
  RATE_LIMIT_COMMANDS: '',
  RATE_LIMIT_EXPORTS: '',
  TENANT_CONCURRENCY: '',
};

type Hostile = Readonly<{ name: string; clients: number; request: (i: number) => string }>;

const json = { 'content-type': 'application/json' };
const request = (of: string, method: string, path: string, body?: object): string =>
  requestText(
    method,
    path,
    { authorization: `Bearer ${tokenFor(of)}`, ...(body && json) },
    body && JSON.stringify(body),
  );
const raise = (of: string, n: number): string =>
  request(of, 'POST', '/v1/exceptions', { transactionId: idAt(n), reason: 'Amount mismatch detected' });

/**
 * What a quiet tenant notices of a hostile one: its reads and commands alone, and beside each kind of hostility, in turns in
 * one run. One exception of the hostile tenant is kept locked by another session.
 */
export async function neighborsBench(setting: Setting): Promise<void> {
  const rows = Math.min(setting.rows, 200_000);
  const [url = ''] = await freshDatabases(setting, ['neighbors']);
  await asOwner(url, async (client) => {
    await fill(client, rows);
    // Endpoints that can be sent nothing: each event is one more delivery to each of them.
    await client.query(
      `INSERT INTO webhook_endpoint (tenant_id, id, version, url, state, secrets, created_at, created_by, updated_at, updated_by)
       SELECT 'publisher', gen_random_uuid(), 1, 'https://192.0.2.1/', 'ENABLED', '\\x00', now(), 'bench', now(), 'bench'
       FROM generate_series(1, 100)`,
    );
  });
  const server = await startServer(setting.service, url, limits);
  const locker = new Client({ connectionString: url });
  await locker.connect();
  try {
    const line = await Line.to(server.port);
    const { body } = await line.exchange(raise('locked', 1));
    const { id } = JSON.parse(body) as { id: string };
    await locker.query('BEGIN');
    await locker.query('SELECT FROM exception WHERE id = $1 FOR UPDATE', [id]);
    let made = 1_000_000;
    const hostilities: readonly Hostile[] = [
      { name: 'nothing', clients: 0, request: () => '' },
      {
        name: '40 clients loop the summary',
        clients: 40,
        request: () => request('bench', 'GET', '/v1/exceptions/summary'),
      },
      { name: '20 clients raise, 100 endpoints', clients: 20, request: () => raise('publisher', made++) },
      {
        name: '200 commands on one locked row',
        clients: 200,
        request: (i) => request('locked', 'POST', `/v1/exceptions/${id}/assign`, { assignee: `ben-${i}` }),
      },
    ];
    const took = new Map<string, { reads: number[]; commands: number[]; failed: number }>();
    for (let round = 0; round < setting.rounds; round++)
      for (const hostile of hostilities) {
        const phase = took.get(hostile.name) ?? { reads: [], commands: [], failed: 0 };
        took.set(hostile.name, phase);
        const end = performance.now() + phaseMs;
        const running = Array.from({ length: hostile.clients }, (_, i) =>
          harass(server.port, hostile, i, end),
        );
        while (performance.now() < end) {
          for (const [kind, text] of [
            ['reads', request('quiet', 'GET', '/v1/exceptions?limit=20')],
            ['commands', raise('quiet', made++)],
          ] as const) {
            const sent = performance.now();
            const { status } = await line.exchange(text);
            phase[kind].push(performance.now() - sent);
            if (status >= 400) phase.failed++;
          }
          await pause(20);
        }
        await Promise.all(running);
      }
    printTable(
      `A quiet tenant beside a hostile one, ${rows} rows, in milliseconds`,
      [...took].map(([name, { reads, commands, failed }]) => ({
        beside: name,
        'read p50': at(reads, 0.5),
        'read p99': at(reads, 0.99),
        'command p50': at(commands, 0.5),
        'command p99': at(commands, 0.99),
        failed: String(failed),
      })),
    );
  } finally {
    await locker.end();
    await server.stop();
  }
}

async function harass(port: number, hostile: Hostile, i: number, end: number): Promise<void> {
  const line = await Line.to(port);
  while (performance.now() < end) {
    const { status } = await line.exchange(hostile.request(i));
    // A client that is refused waits a little, as none would who wants to be served.
    if (status === 429 || status === 503) await pause(10);
  }
  line.close();
}

const at = (times: readonly number[], part: number): string => quantile(times, part).toFixed(1);
