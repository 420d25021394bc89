import { failure, json, networkError, scriptedFetch, type Step } from '../../../test/support/scripted-fetch';
import { createClient, RefusedError, UnexpectedAnswer, unwrap, type ClientOptions } from './index';

const exceptionId = '019c96a0-10d2-7134-ba5f-664142ee7052';
const path = { exceptionId };

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

describe('a request', () => {
  const ok = () => json(200, {});

  it('says what it was told', async () => {
    const { desk, sent } = scripted([ok()]);
    const body = { overrideReason: 'BUSINESS_DECISION', notes: 'By phone.' } as const;
    await desk.post('/v1/exceptions/{exceptionId}/force-match', { path, body, ifMatch: '"3"' });
    expect(sent).toMatchObject([
      {
        method: 'POST',
        url: `https://desk.test/v1/exceptions/${exceptionId}/force-match`,
        headers: {
          accept: 'application/json',
          authorization: 'Bearer t',
          'content-type': 'application/json',
          'if-match': '"3"',
        },
      },
    ]);
    expect(JSON.parse(sent[0]!.body)).toEqual(body);
  });

  it('takes the version for the ETag', async () => {
    const { desk, sent } = scripted([ok()]);
    await desk.post('/v1/exceptions/{exceptionId}/unassign', { path, ifMatch: 7 });
    expect(sent[0]!.headers['if-match']).toBe('"7"');
  });

  it('has no body, and no type of one, where there is nothing to say', async () => {
    const { desk, sent } = scripted([ok()]);
    await desk.post('/v1/exceptions/{exceptionId}/unassign', { path });
    expect(sent[0]).toMatchObject({ body: '' });
    expect(sent[0]!.headers).not.toHaveProperty('content-type');
  });

  it.each(['https://desk.test/recon', 'https://desk.test/recon/'])('goes to where %s is', async (baseUrl) => {
    const { desk, sent } = scripted([ok()], { baseUrl });
    await desk.get('/v1/exceptions');
    expect(sent[0]!.url).toBe('https://desk.test/recon/v1/exceptions');
  });

  it('stays in its path, whatever the id', async () => {
    const { desk, sent } = scripted([ok()]);
    await desk.get('/v1/exceptions/{exceptionId}', { path: { exceptionId: 'a/../b?c#d' } });
    expect(sent[0]!.url).toBe('https://desk.test/v1/exceptions/a%2F..%2Fb%3Fc%23d');
  });

  it('repeats the name of a list, and quotes what would be several', async () => {
    const { desk, sent } = scripted([ok()]);
    const query = {
      status: ['OPEN', 'ASSIGNED'],
      reason: ['Late, twice', 'a "b"', 'ç & d'],
      limit: 5,
    } as const;
    await desk.get('/v1/exceptions', {
      query: { ...query, status: [...query.status], reason: [...query.reason] },
    });
    const { searchParams } = new URL(sent[0]!.url);
    expect(searchParams.getAll('status')).toEqual(['OPEN', 'ASSIGNED']);
    expect(searchParams.getAll('reason')).toEqual(['"Late, twice"', '"a ""b"""', 'ç & d']);
    expect(searchParams.get('limit')).toBe('5');
  });

  it('has the headers of the client and those of the call, which win', async () => {
    const { desk, sent } = scripted([ok()], { headers: { 'x-team': 'a', 'x-request-id': 'all' } });
    await desk.get('/v1/exceptions', { headers: { 'x-request-id': 'this' } });
    expect(sent[0]!.headers).toMatchObject({ 'x-team': 'a', 'x-request-id': 'this' });
  });

  it('follows no redirect, which would make another request of it', async () => {
    let redirect: string | undefined;
    const { desk } = scripted([ok()], {
      fetch: async (request) => {
        ({ redirect } = request);
        return ok();
      },
    });
    await desk.get('/v1/exceptions');
    expect(redirect).toBe('error');
  });

  it('goes through the fetch of the platform, unless told otherwise', async () => {
    const { fetch } = globalThis;
    const used = jest.fn(async () => json(200, { items: [] }));
    globalThis.fetch = used;
    try {
      const desk = createClient({ baseUrl: 'https://desk.test', token: 't' });
      expect(await desk.get('/v1/exceptions')).toMatchObject({ ok: true });
      expect(used).toHaveBeenCalledTimes(1);
    } finally {
      globalThis.fetch = fetch;
    }
  });
});

describe('an answer', () => {
  it('tells all there is about a value', async () => {
    const headers = { etag: '"2"', 'x-idempotency-replayed': 'true', 'x-request-id': 'r-1' };
    const { desk } = scripted([json(200, { id: exceptionId }, headers)]);
    expect(await desk.post('/v1/exceptions/{exceptionId}/unassign', { path })).toEqual({
      ok: true,
      status: 200,
      value: { id: exceptionId },
      etag: '"2"',
      replayed: true,
      requestId: 'r-1',
    });
  });

  it('tells no more than there is', async () => {
    const { desk } = scripted([json(200, {}, { 'x-idempotency-replayed': 'false' })]);
    expect(await desk.post('/v1/exceptions/{exceptionId}/unassign', { path })).toEqual({
      ok: true,
      status: 200,
      value: {},
      replayed: false,
      requestId: undefined,
    });
  });

  it('may be without a value', async () => {
    const { desk } = scripted([new Response(null, { status: 204 })]);
    const answer = await desk.delete('/v1/exceptions/{exceptionId}/comments/{commentId}', {
      path: { ...path, commentId: exceptionId },
    });
    expect(answer).toMatchObject({ ok: true, status: 204, value: undefined });
  });

  it('is a refusal, with its facts', async () => {
    const body = {
      code: '422',
      title: 'not_allowed',
      message: 'It is over.',
      error: 'It is over.',
      details: { allowed: [] },
    };
    const { desk } = scripted([json(422, body, { 'x-request-id': 'r-2' })]);
    const answer = await desk.post('/v1/exceptions/{exceptionId}/unassign', { path });
    expect(answer).toEqual({
      ok: false,
      refusal: {
        status: 422,
        title: 'not_allowed',
        message: 'It is over.',
        details: { allowed: [] },
        requestId: 'r-2',
      },
    });
    const thrown = () => unwrap(answer);
    expect(thrown).toThrow(RefusedError);
    expect(thrown).toThrow('not_allowed: It is over.');
  });

  it.each([
    ['HTML instead of JSON', new Response('<h1>Welcome</h1>', { status: 200 })],
    ['an error page', new Response('<h1>Gone</h1>', { status: 404 })],
    ['JSON of somebody else', json(403, { error: 'forbidden' })],
    ['JSON that is no object', json(403, 'forbidden')],
    ['nothing at all', new Response('', { status: 200, headers: { 'content-length': '0' } })],
    ['an error without a body', new Response(null, { status: 502 })],
  ])('is none of the service: %s', async (_what, response) => {
    const { desk } = scripted([response]);
    const failed = await desk.get('/v1/exceptions').catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(UnexpectedAnswer);
    expect(failed).toMatchObject({ status: response.status });
  });
});

describe('a list', () => {
  const ids = (...ids: number[]) => ids.map((id) => ({ id: String(id) }));
  const page = (items: unknown[], nextCursor?: string) =>
    json(200, { items, limit: 2, hasMore: nextCursor !== undefined, ...(nextCursor && { nextCursor }) });
  const three = [page(ids(1, 2), 'c1'), page(ids(3, 4), 'c2'), page(ids(5))] as const;

  it('is read page by page', async () => {
    const { desk, sent } = scripted(three);
    const read: string[][] = [];
    const query = { limit: 2, sort_by: 'due_at' } as const;
    for await (const { items } of desk.pages('/v1/exceptions', { query }))
      read.push(items.map(({ id }) => id));
    expect(read).toEqual([['1', '2'], ['3', '4'], ['5']]);
    expect(sent.map(({ url }) => new URL(url).search)).toEqual([
      '?limit=2&sort_by=due_at',
      '?limit=2&sort_by=due_at&cursor=c1',
      '?limit=2&sort_by=due_at&cursor=c2',
    ]);
  });

  it('is read backward, from where a page begins to the first', async () => {
    const back = (items: unknown[], prevCursor?: string) =>
      json(200, { items, limit: 2, hasMore: true, nextCursor: 'n', ...(prevCursor && { prevCursor }) });
    const { desk, sent } = scripted([back(ids(3, 4), 'p1'), back(ids(1, 2))]);
    const read: string[][] = [];
    const query = { limit: 2, cursor: 'p2', sort_by: undefined };
    for await (const { items } of desk.pages('/v1/exceptions', { query, backward: true }))
      read.push(items.map(({ id }) => id));
    expect(read).toEqual([
      ['3', '4'],
      ['1', '2'],
    ]);
    expect(sent.map(({ url }) => new URL(url).search)).toEqual(['?limit=2&cursor=p2', '?limit=2&cursor=p1']);
  });

  it('is read item by item, over lost answers', async () => {
    const { desk } = scripted([
      three[0],
      networkError,
      three[1],
      failure(503, 'service_unavailable'),
      three[2],
    ]);
    const read: string[] = [];
    for await (const { id } of desk.items('/v1/exceptions')) read.push(id);
    expect(read).toEqual(['1', '2', '3', '4', '5']);
  });

  it('begins where it is told', async () => {
    const { desk, sent } = scripted([three[2]]);
    for await (const one of desk.items('/v1/exceptions', { query: { cursor: 'c2' } }))
      expect(one).toEqual({ id: '5' });
    expect(new URL(sent[0]!.url).search).toBe('?cursor=c2');
  });

  it('is not read further than the caller asks', async () => {
    const { desk, sent } = scripted(three);
    for await (const { id } of desk.items('/v1/exceptions')) if (id === '2') break;
    expect(sent).toHaveLength(1);
  });

  it('throws what refuses it', async () => {
    const { desk } = scripted([three[0], failure(400, 'invalid_request')]);
    const read: string[] = [];
    const all = async () => {
      for await (const { id } of desk.items('/v1/exceptions')) read.push(id);
    };
    await expect(all()).rejects.toMatchObject({ refusal: { title: 'invalid_request' } });
    expect(read).toEqual(['1', '2']);
  });
});

/** Never run: what these lines say is for the compiler, which must refuse those that expect it. */
export async function types(): Promise<void> {
  const desk = createClient({ baseUrl: 'https://desk.test', token: async () => 't' });

  const raised = await desk.post('/v1/exceptions', { body: { transactionId: exceptionId, reason: 'Late' } });
  if (raised.ok) {
    raised.value.severity satisfies 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';
  } else {
    const { title } = raised.refusal;
    if (title === 'unknown_currency' || title === 'amount_precision') return;
    // @ts-expect-error Raising knows no dispute.
    if (title === 'dispute_active') return;
  }

  // @ts-expect-error There is no such path.
  await desk.get('/v1/exception');
  // @ts-expect-error The path needs its id.
  await desk.get('/v1/exceptions/{exceptionId}');
  // @ts-expect-error The body lacks its assignee.
  await desk.post('/v1/exceptions/{exceptionId}/assign', { path, body: {} });
  // @ts-expect-error Reading has no version to match.
  await desk.get('/v1/exceptions/{exceptionId}', { path, ifMatch: 1 });
  // @ts-expect-error It is no list.
  desk.pages('/v1/exceptions/{exceptionId}', { path });
  // @ts-expect-error It is no parameter of the list.
  await desk.get('/v1/exceptions', { query: { colour: ['red'] } });
  // @ts-expect-error A file is uploaded.
  await desk.post('/v1/exceptions/import', { body: '' });
  // @ts-expect-error A file is downloaded.
  await desk.get('/v1/exceptions/export');
  // @ts-expect-error It comes in other types.
  await desk.download('/v1/exceptions/export', { as: 'application/pdf' });
}
