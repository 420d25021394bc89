import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ndjson, unwrap, type Client, type ClientOptions, type Fetch } from '@redress/client';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Person, type TestApp } from '../support/app';
import { networkError } from '../support/scripted-fetch';

let service: TestApp;
beforeAll(async () => {
  service = await startTestApp();
}, 60_000);
afterAll(() => service.close());

const deskOf = (person: Person, options?: Partial<ClientOptions>): Promise<Client> =>
  service.client(person, options);
/** A client in a tenant of its own. */
const newDesk = (options?: Partial<ClientOptions>): Promise<Client> => deskOf(service.person(), options);

const aReport = () => ({ transactionId: newId(), reason: 'Amount mismatch detected' });
const raise = async (desk: Client) => unwrap(await desk.post('/v1/exceptions', { body: aReport() }));
const raiseMany = (desk: Client, count: number) =>
  Promise.all(Array.from({ length: count }, () => raise(desk)));
const historyOf = async (desk: Client, exceptionId: string): Promise<string[]> => {
  const types: string[] = [];
  const query = { limit: 2 };
  for await (const { type } of desk.items('/v1/exceptions/{exceptionId}/history', {
    path: { exceptionId },
    query,
  }))
    types.push(type);
  return types;
};

it('is made from the description that this service gives of itself', async () => {
  const { body: live } = await service.send('GET', '/openapi.json');
  const file = path.join(__dirname, '../../libs/client/openapi.json');
  expect(live).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});

describe('an exception', () => {
  it('is raised, assigned, commented on and resolved', async () => {
    const desk = await newDesk();
    const raised = await desk.post('/v1/exceptions', {
      body: { ...aReport(), amount: '1500.50', currency: 'BRL' },
    });
    expect(raised).toMatchObject({
      ok: true,
      status: 201,
      value: { status: 'OPEN', amount: '1500.50' },
      etag: '"1"',
      replayed: false,
      requestId: expect.any(String),
    });
    const { id: exceptionId, version } = unwrap(raised);
    const path = { exceptionId };

    const assigned = await desk.post('/v1/exceptions/{exceptionId}/assign', {
      path,
      body: { assignee: 'bo@example.com' },
      ifMatch: version,
    });
    expect(assigned).toMatchObject({ ok: true, value: { assignedTo: 'bo@example.com', version: 2 } });

    const said = await desk.post('/v1/exceptions/{exceptionId}/comments', {
      path,
      body: { content: 'By phone.' },
    });
    const { id: commentId } = unwrap(said);
    const comment = { exceptionId, commentId };
    const edited = await desk.patch('/v1/exceptions/{exceptionId}/comments/{commentId}', {
      path: comment,
      body: { content: 'By mail.' },
      ifMatch: said.ok ? said.etag : undefined,
    });
    expect(edited).toMatchObject({ ok: true, value: { content: 'By mail.' } });
    const listed = unwrap(await desk.get('/v1/exceptions/{exceptionId}/comments', { path }));
    expect(listed.items.map(({ content }) => content)).toEqual(['By mail.']);
    const gone = await desk.delete('/v1/exceptions/{exceptionId}/comments/{commentId}', { path: comment });
    expect(gone).toMatchObject({ ok: true, status: 204, value: undefined });

    expect(await desk.post('/v1/exceptions/{exceptionId}/unassign', { path })).toMatchObject({ ok: true });
    const matched = await desk.post('/v1/exceptions/{exceptionId}/force-match', {
      path,
      body: { overrideReason: 'BUSINESS_DECISION', notes: 'Confirmed.' },
    });
    expect(matched).toMatchObject({ ok: true, value: { status: 'RESOLVED', resolutionType: 'FORCE_MATCH' } });
    const detail = await desk.get('/v1/exceptions/{exceptionId}', { path });
    expect(detail).toMatchObject({
      ok: true,
      value: { allowedActions: { assign: { allowed: false, code: 'not_allowed' } } },
      etag: matched.ok ? matched.etag : '',
    });
    const types = await historyOf(desk, exceptionId);
    expect(types).toHaveLength(7);
    expect([types.at(0), types.at(-1)]).toEqual(['exception.raised', 'exception.force_matched']);
  });

  it('is dispatched, and comes back by a callback', async () => {
    const desk = await newDesk();
    const { id: exceptionId } = await raise(desk);
    const path = { exceptionId };
    const dispatched = await desk.post('/v1/exceptions/{exceptionId}/dispatch', {
      path,
      body: { targetSystem: 'MANUAL' },
    });
    expect(dispatched).toMatchObject({ ok: true, value: { target: 'MANUAL', acknowledged: true } });
    const report = { externalSystem: 'MANUAL', externalIssueId: 'RECON-1', status: 'RESOLVED' } as const;
    const call = (idempotencyKey?: string) =>
      desk.post('/v1/exceptions/{exceptionId}/callback', { path, body: report, idempotencyKey });
    expect(await call('issue:1')).toMatchObject({ ok: true, value: { status: 'accepted' }, replayed: false });
    expect(await call('issue:1')).toMatchObject({ ok: true, value: { status: 'accepted' }, replayed: true });
    expect(unwrap(await desk.get('/v1/exceptions/{exceptionId}', { path })).status).toBe('RESOLVED');
  });

  it('is one of many', async () => {
    const desk = await newDesk();
    const ids = (await raiseMany(desk, 3)).map(({ id }) => id);
    const body = { exceptionIds: [...ids, newId()], assignee: 'bo@example.com' };
    const tried = await desk.post('/v1/exceptions/bulk/assign', { body, preview: true });
    expect(tried).toMatchObject({ ok: true, value: { total: 4, preview: true } });
    const done = unwrap(await desk.post('/v1/exceptions/bulk/assign', { body }));
    expect([...done.succeeded].sort()).toEqual([...ids].sort());
    expect(done.failed).toMatchObject([{ code: 'not_found' }]);
  });
});

it('takes a dispute to its end', async () => {
  const desk = await newDesk();
  const { id: exceptionId } = await raise(desk);
  const opened = await desk.post('/v1/exceptions/{exceptionId}/disputes', {
    path: { exceptionId },
    body: { category: 'BANK_FEE_ERROR', description: 'The fee is not in the contract.', draft: true },
  });
  expect(opened).toMatchObject({ ok: true, status: 201, value: { state: 'DRAFT' } });
  const path = { disputeId: unwrap(opened).id };
  const states = [
    await desk.post('/v1/disputes/{disputeId}/open', { path }),
    await desk.post('/v1/disputes/{disputeId}/request-evidence', {
      path,
      body: { note: 'The contract, please.' },
    }),
    await desk.post('/v1/disputes/{disputeId}/evidence', { path, body: { comment: 'Attached.' } }),
    await desk.post('/v1/disputes/{disputeId}/close', {
      path,
      body: { won: false, resolution: 'It is in there.' },
    }),
    await desk.post('/v1/disputes/{disputeId}/reopen', { path, body: { reason: 'That was last year.' } }),
    await desk.post('/v1/disputes/{disputeId}/close', {
      path,
      body: { won: true, resolution: 'They paid.' },
    }),
  ].map((answer) => unwrap(answer).state);
  expect(states).toEqual(['OPEN', 'PENDING_EVIDENCE', 'OPEN', 'LOST', 'OPEN', 'WON']);
  const { evidence, version } = unwrap(await desk.get('/v1/disputes/{disputeId}', { path }));
  expect([evidence.length, version]).toEqual([1, 7]);
  const disputes = unwrap(await desk.get('/v1/disputes', { query: { state: ['WON'] } }));
  expect(disputes.items.map(({ id }) => id)).toEqual([path.disputeId]);
});

describe('a list', () => {
  it('is read to its end, each item once', async () => {
    const desk = await newDesk();
    const raised = await raiseMany(desk, 7);
    const pages: number[] = [];
    const seen: string[] = [];
    const query = { limit: 3, sort_by: 'id', sort_order: 'asc' } as const;
    for await (const { items } of desk.pages('/v1/exceptions', { query })) pages.push(items.length);
    for await (const { id } of desk.items('/v1/exceptions', { query })) seen.push(id);
    expect(pages).toEqual([3, 3, 1]);
    expect(seen).toEqual(raised.map(({ id }) => id).sort());
  });

  it('is filtered by values that have commas and quotes in them', async () => {
    const desk = await newDesk();
    const reasons = ['Late, twice', 'Called "urgent", wrongly', 'A + b & c = d?', 'Other'];
    for (const reason of reasons)
      unwrap(await desk.post('/v1/exceptions', { body: { ...aReport(), reason } }));
    const found: string[] = [];
    for await (const { reason } of desk.items('/v1/exceptions', { query: { reason: reasons.slice(0, 3) } }))
      found.push(reason);
    expect(found.sort()).toEqual(reasons.slice(0, 3).sort());
  });

  it('tells what is wrong with its query', async () => {
    const query = { date_from: 'yesterday' };
    expect(await (await newDesk()).get('/v1/exceptions', { query })).toMatchObject({
      ok: false,
      refusal: {
        status: 400,
        title: 'invalid_request',
        details: { fields: { date_from: expect.any(String) } },
      },
    });
  });
});

describe('a file', () => {
  it('is imported from what is made on the way, and exported as it comes', async () => {
    const desk = await newDesk();
    async function* reports() {
      for (let i = 0; i < 250; i++) yield aReport();
    }
    const imported = await desk.upload('/v1/exceptions/import', ndjson(reports()), {
      type: 'application/x-ndjson',
    });
    expect(imported).toMatchObject({ ok: true, value: { received: 250, raised: 250, rejected: 0 } });

    const opened = await desk.download('/v1/exceptions/export', { as: 'application/x-ndjson' });
    const { lines, contentType, fileName } = unwrap(opened);
    expect(contentType).toContain('application/x-ndjson');
    expect(fileName).toMatch(/^exceptions-.*\.ndjson$/);
    const ids = new Set<string>();
    for await (const line of lines) ids.add((JSON.parse(line) as { id: string }).id);
    expect(ids.size).toBe(250);
  });

  it('is imported and exported as CSV', async () => {
    const desk = await newDesk();
    const csv = `transactionId,reason\n${newId()},Late\n${newId()},\n`;
    const imported = await desk.upload('/v1/exceptions/import', csv, { type: 'text/csv' });
    expect(imported).toMatchObject({ ok: true, value: { raised: 1, rejected: 1 } });
    const { lines } = unwrap(await desk.download('/v1/exceptions/export', { as: 'text/csv' }));
    const read: string[] = [];
    for await (const line of lines) read.push(line);
    expect(read).toHaveLength(2);
    expect(read[0]).toMatch(/^id,version,status,/);
  });
});

describe('a preview', () => {
  it('says what would be, and does nothing', async () => {
    const desk = await newDesk();
    const { id: exceptionId } = await raise(desk);
    const path = { exceptionId };
    const body = { assignee: 'bo@example.com' };
    const shown = await desk.post('/v1/exceptions/{exceptionId}/assign', { path, body, preview: true });
    expect(shown).toMatchObject({ ok: true, value: { status: 'ASSIGNED' } });
    const refused = await desk.post('/v1/exceptions/{exceptionId}/unassign', { path, preview: true });
    expect(refused).toMatchObject({ ok: false, refusal: { title: 'not_allowed' } });
    expect(await historyOf(desk, exceptionId)).toEqual(['exception.raised']);
  });
});

describe('an answer that gets lost', () => {
  /** A fetch whose first requests reach the service, which does what they ask, while their answers are lost. */
  const losing = (times: number) => {
    const keys: unknown[] = [];
    const lossy: Fetch = async (request) => {
      const isLost = keys.push(request.headers.get('x-idempotency-key')) <= times;
      const response = await fetch(request);
      if (!isLost) return response;
      await response.text();
      throw networkError;
    };
    return { keys, fetch: lossy };
  };

  it.each([1, 3])('%d times has one effect, and is given again', async (times) => {
    const person = service.person();
    const { keys, fetch } = losing(times);
    const desk = await deskOf(person, { fetch });
    const raised = await desk.post('/v1/exceptions', { body: aReport() });
    expect(raised).toMatchObject({
      ok: true,
      status: 201,
      replayed: true,
      value: { version: 1, seenCount: 1 },
    });
    expect(new Set(keys).size).toBe(1);
    expect(keys).toHaveLength(times + 1);
    expect(await historyOf(await deskOf(person), unwrap(raised).id)).toEqual(['exception.raised']);
  });

  it('of a refusal is given again, too', async () => {
    const person = service.person();
    const { id: exceptionId } = await raise(await deskOf(person));
    const desk = await deskOf(person, { fetch: losing(1).fetch });
    const refused = await desk.post('/v1/exceptions/{exceptionId}/unassign', { path: { exceptionId } });
    expect(refused).toMatchObject({ ok: false, refusal: { title: 'not_allowed' } });
  });

  it('would have two effects without the key', async () => {
    const person = service.person();
    const { fetch: lossy } = losing(1);
    const fetch: Fetch = (request) => {
      request.headers.delete('x-idempotency-key');
      return lossy(request);
    };
    const raised = unwrap(
      await (await deskOf(person, { fetch })).post('/v1/exceptions', { body: aReport() }),
    );
    expect(raised.seenCount).toBe(2);
  });
});

describe('a refusal', () => {
  it('is of its kind', async () => {
    const desk = await newDesk();
    const { id: exceptionId, version } = await raise(desk);
    const path = { exceptionId };
    const body = { assignee: 'bo@example.com' };
    unwrap(await desk.post('/v1/exceptions/{exceptionId}/assign', { path, body }));
    const refusals = [
      await desk.post('/v1/exceptions/{exceptionId}/assign', {
        path,
        body: { assignee: 'cy' },
        ifMatch: version,
      }),
      await desk.post('/v1/exceptions/{exceptionId}/assign', { path, body }),
      await desk.post('/v1/exceptions/{exceptionId}/assign', { path, body: { assignee: ' ' } }),
      await desk.get('/v1/exceptions/{exceptionId}', { path: { exceptionId: newId() } }),
      await desk.get('/v1/exceptions/{exceptionId}', { path: { exceptionId: 'a/b' } }),
      await (await newDesk({ token: 'nonsense' })).get('/v1/exceptions'),
      await (
        await deskOf(service.person({ scopes: ['exception:read'] }))
      ).post('/v1/exceptions', {
        body: aReport(),
      }),
    ].map((answer) => (answer.ok ? 'none' : `${answer.refusal.status} ${answer.refusal.title}`));
    expect(refusals).toEqual([
      '412 stale_version',
      '422 already_assigned',
      '400 invalid_request',
      '404 not_found',
      '400 invalid_request',
      '401 unauthorized',
      '403 insufficient_scope',
    ]);
  });

  it('of an import is told, although the file was not read', async () => {
    const desk = await deskOf(service.person({ scopes: ['exception:read'] }));
    const lines = Array.from({ length: 10 }, () => `${JSON.stringify(aReport())}\n`);
    expect(await desk.upload('/v1/exceptions/import', lines, { type: 'application/x-ndjson' })).toMatchObject(
      {
        ok: false,
        refusal: { title: 'insufficient_scope' },
      },
    );
  });
});

it('stops when it is told to', async () => {
  const controller = new AbortController();
  const reason = new Error('the user left');
  const asked = (await newDesk()).get('/v1/exceptions', { signal: controller.signal });
  controller.abort(reason);
  await expect(asked).rejects.toBe(reason);
});
