import { NoAnswer } from './answer';

/** A piece of a file: text, which is sent as UTF-8, or bytes. */
export type Chunk = string | Uint8Array;

/** What may be sent as a file. Browsers other than Chromium send no streams: give them a `Blob` or a text. */
export type UploadBody = Chunk | Blob | ReadableStream<Uint8Array> | Iterable<Chunk> | AsyncIterable<Chunk>;

/** A file on its way, which can be read once, as bytes or as lines. Leaving the loop early ends the transfer. */
export type Download = Readonly<{
  contentType: string;
  /** As the service names it. */
  fileName: string | undefined;
  bytes: AsyncIterable<Uint8Array>;
  /** Without their ends. A CSV record with a line break in a cell is several lines. */
  lines: AsyncIterable<string>;
}>;

/** A body that `fetch` takes: an iteration becomes a stream, which is asked for more as it is sent. */
export function bodyOf(file: UploadBody): Chunk | Blob | ReadableStream<Uint8Array> {
  if (typeof file === 'string' || file instanceof Uint8Array) return file;
  if (file instanceof Blob || file instanceof ReadableStream) return file;
  const chunks: Iterator<Chunk> | AsyncIterator<Chunk> =
    Symbol.asyncIterator in file ? file[Symbol.asyncIterator]() : file[Symbol.iterator]();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = (await chunks.next()) as IteratorResult<Chunk, undefined>;
      if (done) controller.close();
      else controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}

/** Values as newline-delimited JSON, for an upload. */
export async function* ndjson(values: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`;
}

export function downloadOf({ headers }: Response, body: ReadableStream<Uint8Array> | undefined): Download {
  const bytes = chunksOf(body);
  return {
    contentType: headers.get('content-type') ?? '',
    fileName: /filename="([^"]*)"/.exec(headers.get('content-disposition') ?? '')?.[1],
    bytes,
    lines: linesOf(bytes),
  };
}

// Through a reader, since not every browser iterates streams.
async function* chunksOf(body: ReadableStream<Uint8Array> | undefined): AsyncGenerator<Uint8Array> {
  if (!body) return;
  const reader = body.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(brokeOff);
      if (done) break;
      yield value;
    }
    ended = true;
  } finally {
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}

function brokeOff(cause: unknown): never {
  if (cause instanceof Error && cause.name === 'AbortError') throw cause;
  throw new NoAnswer('The file broke off before its end.', { cause });
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.map(withoutReturn);
  }
  rest += decoder.decode();
  if (rest) yield withoutReturn(rest);
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
