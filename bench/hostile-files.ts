import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { bounds, timed } from './support/bounds';
import type { LiveProbe } from './support/live-probe';
import { fileRoutes, type ApiDocument } from './support/routes';
import type { Server } from './support/server';
import { tokenFor } from './support/setting';
import { printTable } from './support/statistics';

/** A file without a good line: a head, and then one line again and again. Its first lines are among those that are repeated. */
type File = Readonly<{ head: string; line: string; lines: number }>;

const megabyte = 1_000_000;
const many = (head: string, line: string): File => ({ head, line, lines: 500_000 });
const few = (head: string, line: string): File => ({ head, line, lines: 20 });
const one = (head: string, line: string): File => ({ head, line, lines: 1 });

const ndjson: Readonly<Record<string, File>> = {
  'bad lines of two bytes': many('', 'x\n'),
  '{} on each line': many('', '{}\n'),
  'blank lines': many('x\n', ' \n'),
  'empty lines': many('x\n', '\n'),
  'lines of 1 MB of small arrays': few('', `[${'[],'.repeat(megabyte / 3)}[]]\n`),
  'lines of 1 MB of members': few('', `{${Array.from({ length: 90_000 }, (_, i) => `"k${i}":1`).join()}}\n`),
  'lines of 1 MB of escapes': few('', `{"reason":"${'\\u0041'.repeat(megabyte / 6)}"}\n`),
  'lines of 1 MB of digits': few('', `{"amount":${'7'.repeat(megabyte)}}\n`),
  'lines of 1 MB of brackets': few('', `${'['.repeat(megabyte)}\n`),
  'one line of 15 MB': one('', `{"reason":"${'x'.repeat(15 * megabyte)}"}\n`),
};
const csv = (header: string): Readonly<Record<string, File>> => ({
  'bad lines of two bytes': many(header, 'x\n'),
  'empty lines': many(`${header}x\n`, '\n'),
  'a quote on each line': many(header, '"\n'),
  'a quote, then lines of two quotes': { head: header, line: `"\n${'""\n'.repeat(400_000)}`, lines: 2 },
  'lines of 1 MB of commas': few(header, `${','.repeat(megabyte)}\n`),
  'lines of 1 MB of quotes': few(header, `${'"'.repeat(megabyte)}\n`),
  'lines of 1 MB of quoted cells': few(header, `${'"",'.repeat(megabyte / 3)}\n`),
  'lines of 1 MB of text': few(header, `x,1,${'y'.repeat(megabyte)}\n`),
  'a cell without an end': one(header, `x,"${'y\n'.repeat(megabyte)}`),
  'a header of 100,000 columns': one('', `${'transactionId,'.repeat(70_000)}\n`),
  'one line of 15 MB': one(header, `${'x'.repeat(15 * megabyte)}\n`),
});

/** What is sent to a route that takes files of a type. A route without an entry here ends the benchmark. */
const files: Readonly<Record<string, Readonly<Record<string, File>>>> = {
  'POST /v1/exceptions/import application/x-ndjson': ndjson,
  'POST /v1/exceptions/import text/csv': csv('transactionId,reason\n'),
  'POST /v1/exceptions/bulk/apply text/csv': csv('id,version,assignee\n'),
};

/**
 * What the worst files cost: the processor's time of the service, in units of what JSON.parse takes for the same lines, each as
 * a text by itself. Answers what misses a bound.
 */
export async function hostileFiles(
  service: Server,
  probe: LiveProbe,
  document: ApiDocument,
): Promise<readonly string[]> {
  const rows: Record<string, string>[] = [];
  const misses: string[] = [];
  for (const { method, path, type } of fileRoutes(document)) {
    const route = `${method} ${path} ${type}`;
    const own = files[route];
    if (!own) throw new Error(`bench/hostile-files.ts has no files for ${route}`);
    for (const [name, file] of Object.entries(own)) {
      let measured = await measure(service, probe, { path, type }, file);
      // A busy machine only ever adds to it.
      for (let more = 0; more < moreRounds && missed(measured).length; more++)
        measured = least(measured, await measure(service, probe, { path, type }, file));
      const { spentMs, parseMs, liveMs, answerBytes } = measured;
      misses.push(...missed(measured).map((miss) => `${route}, ${name}: ${miss}`));
      console.log(`${route}, ${name}: ${(spentMs / parseMs).toFixed(1)} times JSON.parse`);
      rows.push({
        file: `${route}: ${name}`,
        lines: String(file.lines),
        'of the processor, s': (spentMs / 1000).toFixed(2),
        'JSON.parse, s': (parseMs / 1000).toFixed(2),
        'times JSON.parse': (spentMs / parseMs).toFixed(1),
        'answer, kB': (answerBytes / 1000).toFixed(0),
        'live at most, ms': liveMs.toFixed(0),
      });
    }
  }
  printTable(`Files without a good line, aim <= ${bounds.ratio} times JSON.parse`, rows);
  return misses;
}

type Measured = Readonly<Record<'spentMs' | 'parseMs' | 'liveMs' | 'answerBytes', number>>;

const moreRounds = 2;

async function measure(
  service: Server,
  probe: LiveProbe,
  { path, type }: Readonly<{ path: string; type: string }>,
  file: File,
): Promise<Measured> {
  const parseMs = await parseTime(file);
  await probe.longest();
  let answerBytes = 0;
  const spentMs = await service.cpuMs(async () => {
    answerBytes = await send(service.port, path, type, file);
  });
  return { spentMs, parseMs, liveMs: await probe.longest(), answerBytes };
}

const least = (a: Measured, b: Measured): Measured => ({
  ...b,
  spentMs: Math.min(a.spentMs, b.spentMs),
  parseMs: Math.min(a.parseMs, b.parseMs),
  liveMs: Math.min(a.liveMs, b.liveMs),
});

/** Which bounds it misses. */
function missed({ spentMs, parseMs, liveMs }: Measured): string[] {
  const ratio = spentMs / parseMs;
  return [
    ...(ratio > bounds.ratio ? [`${ratio.toFixed(1)} times JSON.parse`] : []),
    ...(liveMs > bounds.liveMs ? [`/health/live took ${liveMs.toFixed(0)} ms`] : []),
  ];
}

/** Of each line by itself. What is no JSON is read as a JSON text, since refusing it would take longer than anything else. */
function parseTime({ line, lines }: File): Promise<number> {
  const texts = line.trimEnd().split('\n').map(asJson);
  return timed(() => {
    for (let done = 0; done < lines; done++) for (const text of texts) JSON.parse(text);
  });
}

function asJson(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}

/** Sends the file, and answers how long the answer is. */
async function send(port: number, path: string, type: string, file: File): Promise<number> {
  const headers = { authorization: `Bearer ${tokenFor()}`, 'content-type': type };
  const call = request({ port, host: '127.0.0.1', method: 'POST', path, headers });
  const answered = once(call, 'response') as Promise<[IncomingMessage]>;
  await pipeline(Readable.from(pieces(file)), call);
  const [response] = await answered;
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) bytes += chunk.length;
  if (response.statusCode !== 200 && response.statusCode !== 400)
    throw new Error(`a file was answered ${response.statusCode}`);
  return bytes;
}

/** In pieces as large as a socket takes, which hold many short lines or a part of a long one. */
function* pieces({ head, line, lines }: File): Generator<string> {
  yield head;
  const perPiece = Math.max(1, Math.floor(65_536 / line.length));
  const piece = line.repeat(perPiece);
  for (let sent = 0; sent < lines; sent += perPiece)
    yield sent + perPiece <= lines ? piece : line.repeat(lines - sent);
}
