import { failure, json, networkError, scriptedFetch, type Step } from '../../../test/support/scripted-fetch';
import { NoAnswer } from './answer';
import { createClient, type Client, type ClientOptions } from './client';

const path = { exceptionId: '019c96a0-10d2-7134-ba5f-664142ee7052', commentId: 'c' };
const fine = () => json(200, { id: path.exceptionId });
const html = (status: number) => new Response('<h1>Bad gateway</h1>', { status });

/** A client that does not wait long, and what it sent. */
function scripted(script: readonly [Step, ...Step[]], options: Partial<ClientOptions> = {}) {
  const { fetch, sent } = scriptedFetch(...script);
  const desk = createClient({
    baseUrl: 'https://desk.test',
    token: 't',
    fetch,
    retries: { baseDelayMs: 1 },
    ...options,
  });
  return { desk, sent };
}

const key = 'x-idempotency-key';
const calls: [string, (desk: Client) => Promise<{ ok: boolean }>][] = [
  ['GET', (desk) => desk.get('/v1/exceptions/{exceptionId}', { path })],
  ['POST', (desk) => desk.post('/v1/exceptions/{exceptionId}/unassign', { path })],
  [
    'PATCH',
    (desk) =>
      desk.patch('/v1/exceptions/{exceptionId}/comments/{commentId}', { path, body: { content: 'Yes.' } }),
  ],
  ['DELETE', (desk) => desk.delete('/v1/exceptions/{exceptionId}/comments/{commentId}', { path })],
];

const breaksOff = () =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"id":'));
        controller.error(networkError);
      },
    }),
  );

const worthRepeating: [string, Step][] = [
  ['a network error', networkError],
  ['an answer that breaks off', breaksOff],
  ['429', failure(429, 'too_many_requests')],
  ['503', failure(503, 'service_unavailable')],
  ['502 from a proxy', html(502)],
  ['504 from a proxy', html(504)],
  ['409 request_in_progress', failure(409, 'request_in_progress')],
];

const final: [string, Step][] = [
  ['400', failure(400, 'invalid_request')],
  ['401', failure(401, 'unauthorized')],
  ['403', failure(403, 'insufficient_scope')],
  ['404', failure(404, 'not_found')],
  ['409 of another kind', failure(409, 'conflict')],
  ['412', failure(412, 'stale_version')],
  ['422', failure(422, 'not_allowed')],
  ['500', failure(500, 'internal_error')],
];

describe.each(calls)('%s', (method, call) => {
  it.each(worthRepeating)('is repeated after %s', async (_what, step) => {
    const { desk, sent } = scripted([step, step, fine()]);
    expect(await call(desk)).toMatchObject({ ok: true });
    expect(sent.map((one) => one.method)).toEqual([method, method, method]);
  });

  it('is sent alike, its key included, in every try', async () => {
    const { desk, sent } = scripted([networkError, failure(503, 'service_unavailable'), fine()]);
    await call(desk);
    const [first, ...others] = sent.map(({ signal: _signal, ...one }) => one);
    expect(others).toEqual([first, first]);
    if (method === 'GET') expect(first!.headers).not.toHaveProperty(key);
    else expect(first!.headers[key]).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each(final)('is not repeated after %s', async (_what, step) => {
    const { desk, sent } = scripted([step, fine()]);
    expect(await call(desk)).toMatchObject({ ok: false });
    expect(sent).toHaveLength(1);
  });
});

describe('keys', () => {
  it('are one for each call', async () => {
    const { desk, sent } = scripted([fine()]);
    const [, post] = calls[1]!;
    await Promise.all([post(desk), post(desk), post(desk)]);
    expect(new Set(sent.map(({ headers }) => headers[key])).size).toBe(3);
  });

  it('are those that were given', async () => {
    const { desk, sent } = scripted([networkError, fine()]);
    await desk.post('/v1/exceptions/{exceptionId}/unassign', { path, idempotencyKey: 'order:66' });
    expect(sent.map(({ headers }) => headers[key])).toEqual(['order:66', 'order:66']);
  });

  it('are not made up for a preview, which keeps nothing', async () => {
    const { desk, sent } = scripted([networkError, fine()]);
    await desk.post('/v1/exceptions/{exceptionId}/unassign', { path, preview: true });
    expect(sent.map(({ headers }) => headers[key])).toEqual([undefined, undefined]);
    expect(new URL(sent[0]!.url).search).toBe('?preview=true');
  });
});

describe('when no try is answered', () => {
  it('it is thrown, with what happened last', async () => {
    const { desk, sent } = scripted([networkError]);
    const failed = await desk.get('/v1/exceptions').catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(NoAnswer);
    expect(failed).toMatchObject({
      message: 'No answer from https://desk.test, tried 4 times.',
      cause: networkError,
    });
    expect(sent).toHaveLength(4);
  });

  it('the last "later" is the answer', async () => {
    const { desk, sent } = scripted([failure(503, 'service_unavailable', { 'x-request-id': 'r-1' })]);
    expect(await desk.get('/v1/exceptions')).toMatchObject({
      ok: false,
      refusal: { status: 503, title: 'service_unavailable', requestId: 'r-1' },
    });
    expect(sent).toHaveLength(4);
  });

  it.each([
    [1, 1],
    [2, 2],
    [0, 1],
  ])('it is tried as often as it may be: with %d attempts %d times', async (attempts, times) => {
    const { desk, sent } = scripted([networkError], { retries: { attempts, baseDelayMs: 1 } });
    await expect(desk.get('/v1/exceptions')).rejects.toThrow(NoAnswer);
    expect(sent).toHaveLength(times);
  });

  it('a try that takes too long is lost', async () => {
    const hangs = ({ signal }: { signal: AbortSignal }) =>
      new Promise<Response>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const { desk, sent } = scripted([hangs, fine()], { retries: { baseDelayMs: 1, timeoutMs: 20 } });
    const keepsRunning = setTimeout(() => undefined, 5_000);
    expect(await desk.get('/v1/exceptions/{exceptionId}', { path })).toMatchObject({ ok: true });
    clearTimeout(keepsRunning);
    expect(sent).toHaveLength(2);
  });

  it('a token that cannot be had is told at once', async () => {
    const noToken = new Error('signed out');
    const { desk, sent } = scripted([fine()], { token: () => Promise.reject(noToken) });
    await expect(desk.get('/v1/exceptions')).rejects.toBe(noToken);
    expect(sent).toEqual([]);
  });
});

describe('pauses', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  /** How long it was from each try to the next. */
  async function pausesOf(steps: readonly [Step, ...Step[]], retries: ClientOptions['retries']) {
    const times: number[] = [];
    const { fetch } = scriptedFetch(...steps);
    const desk = createClient({
      baseUrl: 'https://desk.test',
      token: 't',
      retries,
      fetch: (request) => {
        times.push(Date.now());
        return fetch(request);
      },
    });
    const asked = desk.get('/v1/exceptions').catch(() => undefined);
    await jest.advanceTimersByTimeAsync(120_000);
    await asked;
    return times.slice(1).map((time, i) => time - times[i]!);
  }
  const later = (wait: string) => failure(503, 'service_unavailable', { 'retry-after': wait });

  it('double, and differ from client to client', async () => {
    for (const [i, ms] of (await pausesOf([networkError], { baseDelayMs: 1_000 })).entries()) {
      expect(ms).toBeGreaterThanOrEqual(750 * 2 ** i);
      expect(ms).toBeLessThanOrEqual(1250 * 2 ** i);
    }
    const pauses = await Promise.all(
      Array.from({ length: 5 }, () => pausesOf([networkError], { attempts: 2, baseDelayMs: 1_000 })),
    );
    expect(new Set(pauses.flat()).size).toBeGreaterThan(1);
  });

  it('are as long as the service asks, in seconds', async () => {
    expect(await pausesOf([later('3'), fine()], { baseDelayMs: 1 })).toEqual([3_000]);
  });

  it('are as long as the service asks, as a date', async () => {
    const date = () => later(new Date(Date.now() + 5_000).toUTCString());
    const [ms] = await pausesOf([date, fine()], { baseDelayMs: 1 });
    expect(ms).toBeGreaterThanOrEqual(4_000);
    expect(ms).toBeLessThanOrEqual(5_000);
  });

  it.each(['3600', 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'have an end, however long it asks: %s',
    async (wait) => {
      expect(await pausesOf([later(wait), fine()], {})).toEqual([10_000]);
      expect(await pausesOf([later(wait), fine()], { maxDelayMs: 50 })).toEqual([50]);
    },
  );

  it.each(['', 'soon', '-1', 'Thu, 01 Jan 1970 00:00:00 GMT'])('are the usual ones for %j', async (wait) => {
    const [ms] = await pausesOf([later(wait), fine()], { baseDelayMs: 100 });
    expect(ms).toBeLessThanOrEqual(125);
  });
});

describe('a signal', () => {
  const reason = new Error('the user left');

  it.each([
    ['before it is sent', 0],
    ['while it waits for the next try', 15],
  ])('ends a call %s', async (_when, ms) => {
    const { desk, sent } = scripted([networkError], { retries: { baseDelayMs: 5_000 } });
    const controller = new AbortController();
    if (ms === 0) controller.abort(reason);
    else setTimeout(() => controller.abort(reason), ms);
    await expect(desk.get('/v1/exceptions', { signal: controller.signal })).rejects.toBe(reason);
    expect(sent).toHaveLength(ms === 0 ? 0 : 1);
  });

  it('ends a call while it is answered, and is not taken for a network error', async () => {
    const controller = new AbortController();
    const { desk, sent } = scripted([
      () => {
        controller.abort(reason);
        throw networkError;
      },
    ]);
    const { signal } = controller;
    await expect(desk.post('/v1/exceptions/{exceptionId}/unassign', { path, signal })).rejects.toBe(reason);
    expect(sent).toHaveLength(1);
  });

  it('reaches the fetch that is running', async () => {
    const controller = new AbortController();
    const { desk, sent } = scripted([() => new Promise(() => undefined)]);
    void desk.get('/v1/exceptions', { signal: controller.signal }).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(reason);
    expect(sent[0]!.signal.aborted).toBe(true);
  });
});

it('asks for a token before every try', async () => {
  let asked = 0;
  const { desk, sent } = scripted([networkError, fine()], { token: async () => `t${++asked}` });
  await desk.get('/v1/exceptions/{exceptionId}', { path });
  expect(sent.map(({ headers }) => headers['authorization'])).toEqual(['Bearer t1', 'Bearer t2']);
});
