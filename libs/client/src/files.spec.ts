import { failure, json, networkError, scriptedFetch, type Step } from '../../../test/support/scripted-fetch';
import { createClient, ndjson, NoAnswer, type Download, type UploadBody } from './index';

function scripted(...script: readonly [Step, ...Step[]]) {
  const { fetch, sent } = scriptedFetch(...script);
  const desk = createClient({ baseUrl: 'https://desk.test', token: 't', fetch, retries: { baseDelayMs: 1 } });
  return { desk, sent };
}

const text = '{"a":1}\n{"b":"é"}\n';
const bytes = new TextEncoder().encode(text);

async function* inPieces(): AsyncGenerator<string | Uint8Array> {
  yield text.slice(0, 3);
  yield bytes.slice(3);
}

describe('an upload', () => {
  const report = { received: 2, raised: 2, seenAgain: 0, rejected: 0, rejectedLines: [] };
  const type = 'application/x-ndjson';
  const bodies: [string, () => UploadBody][] = [
    ['a text', () => text],
    ['bytes', () => bytes],
    ['a blob', () => new Blob([bytes])],
    ['a stream', () => new Blob([bytes]).stream()],
    ['an iteration', () => [text.slice(0, 3), bytes.slice(3)]],
    ['an asynchronous iteration', inPieces],
    ['values', () => ndjson([{ a: 1 }, { b: 'é' }])],
  ];

  it.each(bodies)('sends %s', async (_what, body) => {
    const { desk, sent } = scripted(json(200, report));
    expect(await desk.upload('/v1/exceptions/import', body(), { type })).toMatchObject({
      ok: true,
      value: report,
    });
    expect(sent).toMatchObject([{ method: 'POST', body: text, headers: { 'content-type': type } }]);
    expect(sent[0]!.headers).not.toHaveProperty('x-idempotency-key');
  });

  it.each([
    ['a network error', networkError],
    ['503', failure(503, 'service_unavailable')],
  ])('is sent once, also after %s', async (_what, step) => {
    const { desk, sent } = scripted(step, json(200, report));
    await desk.upload('/v1/exceptions/import', text, { type }).catch(() => undefined);
    expect(sent).toHaveLength(1);
  });

  it('asks for no more than is sent, and lets go of what is left', async () => {
    let released = false;
    async function* endless() {
      try {
        for (;;) yield text;
      } finally {
        released = true;
      }
    }
    const desk = createClient({
      baseUrl: 'https://desk.test',
      token: 't',
      fetch: async (request) => {
        const reader = request.body!.getReader();
        await reader.read();
        await reader.cancel();
        return failure(401, 'unauthorized');
      },
    });
    const answer = await desk.upload('/v1/exceptions/import', endless(), { type });
    expect(answer).toMatchObject({ ok: false, refusal: { title: 'unauthorized' } });
    expect(released).toBe(true);
  });
});

describe('a download', () => {
  const headers = {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="exceptions-2025-01-15.csv"',
  };
  /** A file that comes in these pieces, and then ends or breaks. */
  const file = (pieces: (string | Uint8Array)[], end?: Error) => {
    const left = pieces.map((piece) => (typeof piece === 'string' ? new TextEncoder().encode(piece) : piece));
    const cancel = jest.fn();
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const next = left.shift();
        if (next) controller.enqueue(next);
        else if (end) controller.error(end);
        else controller.close();
      },
      cancel,
    });
    return { answer: () => new Response(body, { headers }), cancel };
  };
  const open = async (step: Step): Promise<Download> => {
    const opened = await scripted(step).desk.download('/v1/exceptions/export', { as: 'text/csv' });
    if (!opened.ok) throw new Error(opened.refusal.message);
    return opened.value;
  };
  const all = async <T>(values: AsyncIterable<T>): Promise<T[]> => {
    const read: T[] = [];
    for await (const value of values) read.push(value);
    return read;
  };

  it('says what it is, and asks for it', async () => {
    const { desk, sent } = scripted(file(['id\r\n']).answer);
    const query = { sort_by: 'id' } as const;
    const opened = await desk.download('/v1/exceptions/export', { as: 'text/csv', query });
    expect(opened).toMatchObject({
      ok: true,
      value: { contentType: headers['content-type'], fileName: 'exceptions-2025-01-15.csv' },
    });
    expect(sent[0]!.headers['accept']).toMatch(/^text\/csv,/);
    expect(new URL(sent[0]!.url).search).toBe('?sort_by=id');
  });

  it('is read as bytes', async () => {
    const { bytes } = await open(file(['a\n', 'b']).answer);
    expect(Buffer.concat(await all(bytes)).toString()).toBe('a\nb');
  });

  it.each([
    ['whole', ['a\nb\n'], ['a', 'b']],
    ['with the line ends of CSV', ['a\r\nb\r\n'], ['a', 'b']],
    ['cut anywhere', ['a', '\r', '\nb', 'c\n', '\nd'], ['a', 'bc', '', 'd']],
    ['cut through a character', [bytes.slice(0, 14), bytes.slice(14)], ['{"a":1}', '{"b":"é"}']],
    ['empty', [], []],
  ])('is read as lines: %s', async (_what, pieces, lines) => {
    expect(await all((await open(file(pieces).answer)).lines)).toEqual(lines);
  });

  it('is opened again when it was not to be had, and refused like anything else', async () => {
    const { desk, sent } = scripted(networkError, failure(503, 'service_unavailable'), file(['a']).answer);
    expect(await desk.download('/v1/exceptions/export', { as: 'text/csv' })).toMatchObject({ ok: true });
    expect(sent).toHaveLength(3);
    const refused = scripted(failure(403, 'insufficient_scope'));
    expect(await refused.desk.download('/v1/exceptions/export', { as: 'text/csv' })).toMatchObject({
      ok: false,
      refusal: { title: 'insufficient_scope' },
    });
  });

  it('tells when it broke off', async () => {
    const { lines } = await open(file(['a\nb\nc'], networkError).answer);
    const read: string[] = [];
    const reading = (async () => {
      for await (const line of lines) read.push(line);
    })();
    await expect(reading).rejects.toThrow(NoAnswer);
    expect(read).toEqual(['a', 'b']);
  });

  it('ends when the caller stops reading', async () => {
    const { answer, cancel } = file(['a\n', 'b\n', 'c\n', 'd\n']);
    for await (const line of (await open(answer)).lines) if (line === 'b') break;
    expect(cancel).toHaveBeenCalledTimes(1);
  });
});
