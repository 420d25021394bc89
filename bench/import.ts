import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { freshDatabases } from './support/databases';
import { startServer, type Server } from './support/server';
import { idAt, tokenFor, type Setting } from './support/setting';
import { printTable } from './support/statistics';

const rows = 200_000;

type Report = Readonly<{ received: number; raised: number; seenAgain: number; rejected: number }>;
type Format = Readonly<{ type: string; head: string; line: (n: number) => string }>;

const formats: Readonly<Record<string, Format>> = {
  NDJSON: {
    type: 'application/x-ndjson',
    head: '',
    line: (n) =>
      `{"transactionId":"${idAt(n)}","reason":"Amount mismatch detected","amount":${n}.25,"currency":"BRL",` +
      `"occurredAt":"2026-01-02T03:04:05.678Z","source":"bank:atlantico","metadata":{"batch":"2026-01","merchant":"M-${n % 5000}"}}\n`,
  },
  CSV: {
    type: 'text/csv',
    head: 'transactionId,reason,amount,currency,occurredAt,source,metadata.batch,metadata.merchant\n',
    line: (n) =>
      `${idAt(n)},Amount mismatch detected,${n}.25,BRL,2026-01-02T03:04:05.678Z,bank:atlantico,2026-01,M-${n % 5000}\n`,
  },
};

/** A file of new rows into an empty tenant, and the same file again, when every row was seen before. */
export async function importBench(setting: Setting): Promise<void> {
  const results: Record<string, string>[] = [];
  for (const [name, format] of Object.entries(formats)) {
    const [url = ''] = await freshDatabases(setting, ['imports']);
    const service = await startServer(setting.service, url);
    try {
      for (const [what, expected] of [
        ['new rows', 'raised'],
        ['the same again', 'seenAgain'],
      ] as const) {
        const start = performance.now();
        const report = await send(service, format);
        const seconds = (performance.now() - start) / 1000;
        if (report[expected] !== rows) throw new Error(`imported otherwise: ${JSON.stringify(report)}`);
        results.push({
          file: `${name}, ${what}`,
          'rows/s': (rows / seconds).toFixed(0),
          'peak memory, MB': service.peakMemory()?.toFixed(0) ?? 'unknown',
        });
      }
    } finally {
      await service.stop();
    }
  }
  printTable(`Import of ${rows} rows in one request`, results);
}

async function send({ port }: Server, format: Format): Promise<Report> {
  const call = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/v1/exceptions/import',
    headers: { authorization: `Bearer ${tokenFor()}`, 'content-type': format.type },
  });
  const answered = once(call, 'response') as Promise<[IncomingMessage]>;
  await pipeline(Readable.from(pieces(format)), call);
  const [response] = await answered;
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  if (response.statusCode !== 200) throw new Error(text);
  return JSON.parse(text) as Report;
}

/** The file as it comes over a network: in pieces, which end wherever they end. */
function* pieces({ head, line }: Format): Generator<string> {
  let piece = head;
  for (let n = 1; n <= rows; n++) {
    piece += line(n);
    if (piece.length < 65_536) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
