import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LiveProbe } from './support/live-probe';
import { tokenFor } from './support/setting';
import { printTable } from './support/statistics';

type File = Readonly<{ path: string; type: string; head: string; line: string; lines: number }>;

const millions = 2_000_000;
const megabyte = 1_000_000;
const header = 'transactionId,reason\n';
const imports = (type: string, head: string, line: string, lines = millions): File => ({
  ...{ path: '/v1/exceptions/import', type, head, line, lines },
});
const ndjson = (line: string, lines?: number) => imports('application/x-ndjson', '', line, lines);
const csv = (line: string, lines?: number) => imports('text/csv', header, line, lines);

const files: Readonly<Record<string, File>> = {
  'NDJSON, bad lines of two bytes': ndjson('x\n'),
  'NDJSON, {} on each line': ndjson('{}\n'),
  'NDJSON, blank lines': ndjson(' \n'),
  'NDJSON, lines of 1 MB of small arrays': ndjson(`[${'[],'.repeat(megabyte / 3)}[]]\n`, 50),
  'NDJSON, lines of 1 MB of escapes': ndjson(`{"reason":"${'\\u0041'.repeat(megabyte / 6)}"}\n`, 50),
  'CSV, bad lines of two bytes': csv('x\n'),
  'CSV, a quote on each line': csv('"\n'),
  'CSV, a quote, then lines of two quotes': csv(`"\n${'""\n'.repeat(400_000)}`, 6),
  'CSV, lines of 1 MB of commas': csv(`${','.repeat(megabyte)}\n`, 50),
  'CSV, lines of 1 MB of quotes': csv(`${'"'.repeat(megabyte)}\n`, 50),
  'CSV, lines of 1 MB of quoted cells': csv(`${'"",'.repeat(megabyte / 3)}\n`, 50),
  'edits, bad lines of two bytes': {
    ...{
      path: '/v1/exceptions/bulk/apply',
      type: 'text/csv',
      head: 'id,version\n',
      line: 'x\n',
      lines: millions,
    },
  },
  'edits, lines of 1 MB': {
    ...{ path: '/v1/exceptions/bulk/apply', type: 'text/csv', head: 'id,version,assignee\n', lines: 50 },
    line: `x,1,${'y'.repeat(megabyte)}\n`,
  },
};

/** How long other requests wait while a file is read in which no line is good. */
export async function hostileFiles(port: number, probe: LiveProbe): Promise<void> {
  const rows: Record<string, string>[] = [];
  for (const [name, file] of Object.entries(files)) {
    await probe.longest();
    const start = performance.now();
    const bytes = await send(port, file);
    rows.push({
      file: name,
      lines: String(file.lines),
      seconds: ((performance.now() - start) / 1000).toFixed(1),
      'answer, kB': (bytes / 1000).toFixed(0),
      'live at most, ms': (await probe.longest()).toFixed(0),
    });
  }
  printTable('Files without a good line', rows);
}

/** Sends the file, and answers how long the answer is. */
async function send(port: number, { path, type, ...file }: File): Promise<number> {
  const headers = { authorization: `Bearer ${tokenFor()}`, 'content-type': type };
  const call = request({ port, host: '127.0.0.1', method: 'POST', path, headers });
  const answered = once(call, 'response') as Promise<[IncomingMessage]>;
  await pipeline(Readable.from(pieces(file)), call);
  const [response] = await answered;
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) bytes += chunk.length;
  if (response.statusCode !== 200) throw new Error(`a file was answered ${response.statusCode}`);
  return bytes;
}

/** In pieces as large as a socket takes, which hold many short lines or a part of a long one. */
function* pieces({ head, line, lines }: Pick<File, 'head' | 'line' | 'lines'>): Generator<string> {
  yield head;
  const perPiece = Math.max(1, Math.floor(65_536 / line.length));
  const piece = line.repeat(perPiece);
  for (let sent = 0; sent < lines; sent += perPiece)
    yield sent + perPiece <= lines ? piece : line.repeat(lines - sent);
}
