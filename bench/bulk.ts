import { asOwner, freshDatabases } from './support/databases';
import { Line, requestText } from './support/load';
import { insertOpen } from './support/rows';
import { startServer } from './support/server';
import { idAt, tokenFor, type Setting } from './support/setting';
import { median, printTable, spread } from './support/statistics';

/** As many as one call takes. */
const perCall = 1_000;
const calls = 10;
const exceptions = perCall * calls;

/** Many resolved at once: ten calls one after the other, each with a key, and the same calls once more. */
export async function bulkBench(setting: Setting): Promise<void> {
  const [url = ''] = await freshDatabases(setting, ['bulk']);
  const service = await startServer(setting.service, url);
  const line = await Line.to(service.port);
  const seconds: Record<'first' | 'again', number[]> = { first: [], again: [] };
  try {
    // The first round warms up and does not count.
    for (let round = 0; round <= setting.rounds; round++) {
      const from = 1 + round * exceptions;
      await asOwner(url, (client) => insertOpen(client, from, exceptions));
      for (const pass of ['first', 'again'] as const) {
        const start = performance.now();
        for (let call = 0; call < calls; call++) await resolve(line, from + call * perCall);
        if (round > 0) seconds[pass].push((performance.now() - start) / 1000);
      }
    }
    const what = { first: 'resolved', again: 'the same calls again, replayed' };
    printTable(
      `Bulk resolve of ${exceptions} exceptions in ${calls} calls, one after the other`,
      (['first', 'again'] as const).map((pass) => ({
        what: what[pass],
        'exceptions/s': median(seconds[pass].map((took) => exceptions / took)).toFixed(0),
        'seconds for all': spread(seconds[pass]),
      })),
    );
    printTable('Memory of the service', [
      { what: 'peak, MB', is: service.peakMemory()?.toFixed(0) ?? 'unknown' },
    ]);
  } finally {
    line.close();
    await service.stop();
  }
}

async function resolve(line: Line, from: number): Promise<void> {
  const { status, body } = await line.exchange(
    requestText(
      'POST',
      '/v1/exceptions/bulk/resolve',
      {
        authorization: `Bearer ${tokenFor()}`,
        'content-type': 'application/json',
        'x-idempotency-key': `bulk-${from}`,
      },
      JSON.stringify({
        exceptionIds: Array.from({ length: perCall }, (_, i) => idAt(from + i)),
        resolution: 'ACCEPTED',
        reason: 'Variance within tolerance',
      }),
    ),
  );
  const { succeeded = [] } = JSON.parse(body) as { succeeded?: readonly string[] };
  if (status !== 200 || succeeded.length !== perCall)
    throw new Error(`answered ${status}: ${body.slice(0, 500)}`);
}
