import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { asOwner, freshDatabases } from './support/databases';
import { fill } from './support/rows';
import { startServer, type Server } from './support/server';
import { tokenFor, type Setting } from './support/setting';
import { printTable } from './support/statistics';

type Export = Readonly<{ lines: number; bytes: number; seconds: number }>;

/** A whole tenant as one file: how fast, and how much memory it takes whatever its size. */
export async function exportBench(setting: Setting): Promise<void> {
  const { rows } = setting;
  const [url = ''] = await freshDatabases(setting, ['exports']);
  await asOwner(url, (client) => fill(client, rows));
  const results: Record<string, string>[] = [];
  for (const [format, heads] of [
    ['csv', 1],
    ['ndjson', 0],
  ] as const) {
    // A process of its own, or the second would show the peak of the first.
    const service = await startServer(setting.service, url);
    try {
      const before = service.peakMemory();
      const { lines, bytes, seconds } = await take(service, format);
      if (lines !== rows + heads) throw new Error(`${format} has ${lines} lines`);
      results.push({
        format,
        'rows/s': (rows / seconds).toFixed(0),
        'MB/s': (bytes / 1e6 / seconds).toFixed(1),
        'file, MB': (bytes / 1e6).toFixed(0),
        'peak memory before, MB': before?.toFixed(0) ?? 'unknown',
        'peak memory, MB': service.peakMemory()?.toFixed(0) ?? 'unknown',
      });
    } finally {
      await service.stop();
    }
  }
  printTable(`Export of ${rows} rows in one request`, results);
}

async function take({ port }: Server, format: string): Promise<Export> {
  const start = performance.now();
  const call = request({
    port,
    host: '127.0.0.1',
    path: `/v1/exceptions/export?format=${format}`,
    headers: { authorization: `Bearer ${tokenFor()}` },
  });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`answered ${response.statusCode ?? ''}`);
  let [lines, bytes] = [0, 0];
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  }
  return { lines, bytes, seconds: (performance.now() - start) / 1000 };
}
