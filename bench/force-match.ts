import path from 'node:path';
import { asOwner, freshDatabases } from './support/databases';
import { load, requestText, type Load } from './support/load';
import { insertOpen } from './support/rows';
import { startServer } from './support/server';
import { idAt, tokenFor, type Setting } from './support/setting';
import { median, printTable, quantile, spread } from './support/statistics';

/** How many requests a round has at so many at a time; the first is the one that counts. */
const sizes = [
  { concurrency: 8, requests: 1500 },
  { concurrency: 1, requests: 300 },
  { concurrency: 32, requests: 1500 },
];
const warmUp = 2000;

type Variant = Readonly<{ name: string; url: string; port: number }>;

/** Force match with an idempotency key over HTTP: the service, the least that does the same, and the usual way. */
export async function forceMatchBench(setting: Setting): Promise<void> {
  const mains = {
    service: setting.service,
    bare: path.join(__dirname, 'bare.js'),
    conventional: path.join(__dirname, 'conventional.js'),
  };
  const names = Object.keys(mains);
  const urls = await freshDatabases(
    setting,
    names.map((name) => `force_match_${name}`),
  );
  const servers = await Promise.all(Object.values(mains).map((main, i) => startServer(main, urls[i] ?? '')));
  const variants = names.map((name, i) => ({ name, url: urls[i] ?? '', port: servers[i]?.port ?? 0 }));
  try {
    let from = 1;
    const turn = async (count: number, concurrency: number): Promise<Load[]> => {
      const loads: Load[] = [];
      for (const variant of variants) loads.push(await forceMatchAll(variant, from, count, concurrency));
      from += count;
      return loads;
    };
    await turn(warmUp, 8);
    for (const { concurrency, requests } of sizes) {
      const rounds: Load[][] = [];
      for (let round = 0; round < setting.rounds; round++) rounds.push(await turn(requests, concurrency));
      report(`Force match, ${concurrency} at a time, ${requests} requests a round`, names, rounds);
    }
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Each request changes an exception of its own, under a key of its own. */
async function forceMatchAll(
  { url, port }: Variant,
  from: number,
  count: number,
  concurrency: number,
): Promise<Load> {
  await asOwner(url, async (client) => insertOpen(client, from, count));
  const headers = { authorization: `Bearer ${tokenFor()}`, 'content-type': 'application/json' };
  const body = JSON.stringify({
    overrideReason: 'BUSINESS_DECISION',
    notes: 'Approved by the finance team after manual review',
  });
  const requests = Array.from({ length: count }, (_, i) =>
    requestText(
      'POST',
      `/v1/exceptions/${idAt(from + i)}/force-match`,
      { ...headers, 'x-idempotency-key': `key-${from + i}` },
      body,
    ),
  );
  return load(port, concurrency, requests);
}

function report(title: string, names: readonly string[], rounds: readonly Load[][]): void {
  const rates = (variant: number) => rounds.map((loads) => loads[variant]?.perSecond ?? NaN);
  const latencies = (variant: number) => rounds.flatMap((loads) => loads[variant]?.latencies ?? []);
  const [service = [], ...others] = names.map((_, i) => rates(i));
  printTable(
    title,
    others.map((rate, i) => ({
      ratio: `service / ${names[i + 1] ?? ''}`,
      'requests per second': spread(service.map((own, round) => own / (rate[round] ?? NaN))),
    })),
  );
  printTable(
    'in absolute numbers, on this machine and now',
    names.map((name, i) => ({
      variant: name,
      'requests/s': median(rates(i)).toFixed(0),
      'p50 ms': quantile(latencies(i), 0.5).toFixed(1),
      'p99 ms': quantile(latencies(i), 0.99).toFixed(1),
    })),
  );
}
