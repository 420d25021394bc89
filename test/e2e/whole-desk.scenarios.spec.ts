import { unwrap, type Client, type Options, type Schemas } from '@redress/client';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type TestApp } from '../support/app';
import { onlooker, type Onlooker } from '../support/snapshot';
import { outcomeOf } from '../support/outcome-of';

/* What people do with the desk from day to day, as their programs do it. */

let service: TestApp;
let database: Onlooker;
let ana: Client;
let bo: Client;

beforeAll(async () => {
  service = await startTestApp();
  database = await onlooker(service.database.url);
  const person = service.person();
  ana = await service.client(person);
  bo = await service.client(service.person({ tenant: person.tenant, actor: 'bo@example.com' }));
}, 60_000);

afterAll(async () => {
  await database.close();
  await service.close();
});

const raised = async (): Promise<{ exceptionId: string }> => {
  const body = { transactionId: newId(), reason: 'Amount mismatch detected' };
  return { exceptionId: unwrap(await ana.post('/v1/exceptions', { body })).id };
};
const found = async (path: { exceptionId: string }) =>
  unwrap(await ana.get('/v1/exceptions/{exceptionId}', { path }));

async function historyOf(path: { exceptionId: string }): Promise<Schemas['HistoryEntry'][]> {
  const lines: Schemas['HistoryEntry'][] = [];
  const query = { limit: 200 };
  for await (const line of ana.items('/v1/exceptions/{exceptionId}/history', { path, query }))
    lines.push(line);
  return lines;
}

async function nothingWritten(work: () => Promise<void>): Promise<void> {
  const before = await database.look();
  await work();
  expect(await database.look()).toEqual(before);
}

describe('a dispute', () => {
  const opened = async () => {
    const path = await raised();
    const body = { category: 'OTHER', description: 'Wrong.' } as const;
    const { id } = unwrap(await ana.post('/v1/exceptions/{exceptionId}/disputes', { path, body }));
    return { ...path, disputeId: id };
  };
  const close = ({ disputeId }: { disputeId: string }, body: object) =>
    ana.post('/v1/disputes/{disputeId}/close', {
      path: { disputeId },
      body: { resolution: 'The bank paid.', ...body } as Schemas['CloseDisputeRequest'],
    });

  it('keeps all evidence of three who submit at once', async () => {
    const { disputeId, exceptionId } = await opened();
    const path = { disputeId };
    const comments = ['The statement.', 'The invoice.', 'The receipt.'];
    const answers = await Promise.all(
      comments.map((comment) => ana.post('/v1/disputes/{disputeId}/evidence', { path, body: { comment } })),
    );
    expect(answers.map(outcomeOf)).toEqual([[200], [200], [200]]);
    const { evidence, version } = unwrap(await ana.get('/v1/disputes/{disputeId}', { path }));
    expect(evidence.map(({ comment }) => comment).sort()).toEqual([...comments].sort());
    expect(version).toBe(4);
    expect((await historyOf({ exceptionId })).map(({ type }) => type)).toEqual([
      ...['exception.raised', 'dispute.opened'],
      ...comments.map(() => 'dispute.evidence_submitted'),
    ]);
  });

  it('is closed once, and with an outcome', async () => {
    const { disputeId } = await opened();
    const path = { disputeId };
    expect(outcomeOf(await close(path, {}))).toEqual([400, 'invalid_request', 'won']);
    expect(outcomeOf(await close(path, { won: true }))).toEqual([200]);
    for (const won of [true, false])
      expect(outcomeOf(await close(path, { won }))).toEqual([422, 'not_allowed']);
    const { state, version } = unwrap(await ana.get('/v1/disputes/{disputeId}', { path }));
    expect([state, version]).toEqual(['WON', 2]);
  });
});

type Report = Options<'post', '/v1/exceptions/{exceptionId}/callback'>['body'];
const report = (status: Report['status'], more: Partial<Report> = {}): Report => ({
  externalSystem: 'MANUAL',
  externalIssueId: 'DESK-1',
  status,
  ...more,
});

describe('a callback', () => {
  const dispatched = async () => {
    const path = await raised();
    const body = { targetSystem: 'MANUAL' } as const;
    unwrap(await ana.post('/v1/exceptions/{exceptionId}/dispatch', { path, body }));
    return path;
  };
  const call = (path: { exceptionId: string }, body: Report, idempotencyKey?: string) =>
    ana.post('/v1/exceptions/{exceptionId}/callback', { path, body, idempotencyKey });
  const takenUp = async () => {
    const path = await dispatched();
    unwrap(await call(path, report('ASSIGNED', { assignee: 'dee@example.com' })));
    return path;
  };

  it('takes effect once, however often it comes', async () => {
    const path = await dispatched();
    const key = newId();
    const first = await call(path, report('RESOLVED'), key);
    expect(first).toMatchObject({ ok: true, value: { status: 'accepted' }, replayed: false });
    for (let time = 0; time < 3; time++) {
      const again = await call(path, report('RESOLVED'), key);
      expect(again).toMatchObject({ ok: true, value: { status: 'accepted' }, replayed: true });
    }
    expect(outcomeOf(await call(path, report('OPEN'), key))).toEqual([422, 'idempotency_key_reused']);
    expect(await historyOf(path)).toHaveLength(3);
  });

  it('needs a key, and an assignee where it says ASSIGNED', async () => {
    const path = await dispatched();
    const keyless = await service.client(service.person(), {
      fetch: (request) => {
        request.headers.delete('x-idempotency-key');
        return fetch(request);
      },
    });
    await nothingWritten(async () => {
      const answer = await keyless.post('/v1/exceptions/{exceptionId}/callback', {
        path,
        body: report('RESOLVED'),
      });
      expect(outcomeOf(answer)).toEqual([400, 'invalid_request', 'X-Idempotency-Key']);
      expect(outcomeOf(await call(path, report('ASSIGNED')))).toEqual([400, 'invalid_request', 'assignee']);
    });
  });

  it.each([
    ['another system', { externalSystem: 'JIRA' }],
    ['another issue', { externalIssueId: 'DESK-2' }],
  ])('for %s is refused', async (_who, other) => {
    const path = await takenUp();
    const before = await found(path);
    expect(outcomeOf(await call(path, report('RESOLVED', other)))).toEqual([422, 'callback_mismatch']);
    expect(await found(path)).toEqual(before);
    expect(outcomeOf(await call(path, report('RESOLVED')))).toEqual([200]);
  });

  it('for what was never dispatched is refused', async () => {
    expect(outcomeOf(await call(await raised(), report('RESOLVED')))).toEqual([422, 'callback_mismatch']);
  });

  it('that is older than the last is accepted and written down, and changes nothing', async () => {
    const path = await dispatched();
    const [early, late] = ['2026-01-05T12:00:00.000Z', '2026-01-05T12:00:00.001Z'];
    unwrap(await call(path, report('ASSIGNED', { assignee: 'dee@example.com', updatedAt: late })));
    const [before, lines] = [await found(path), await historyOf(path)];
    const stale = report('RESOLVED', { updatedAt: early });
    expect(await call(path, stale)).toMatchObject({ ok: true, value: { status: 'accepted' } });
    expect(await found(path)).toEqual(before);
    const [last, ...others] = (await historyOf(path)).reverse();
    expect(others.reverse()).toEqual(lines);
    expect(last).toMatchObject({
      type: 'exception.callback_ignored',
      changes: {},
      data: { callback: stale },
    });
    expect(outcomeOf(await call(path, report('RESOLVED', { updatedAt: late })))).toEqual([200]);
    expect((await found(path)).status).toBe('RESOLVED');
  });

  it('that takes it up leaves nothing to recall, and another dispatch is refused with that reason', async () => {
    const path = await takenUp();
    const body = { targetSystem: 'MANUAL' } as const;
    const again = await ana.post('/v1/exceptions/{exceptionId}/dispatch', { path, body });
    expect(outcomeOf(again)).toEqual([422, 'already_dispatched']);
    const { message, details } = again.ok ? { message: '', details: {} } : again.refusal;
    expect(details).toMatchObject({ target: 'MANUAL', beyondRecall: true });
    expect(message).not.toContain('recall');
    const recalled = await ana.post('/v1/exceptions/{exceptionId}/recall', { path });
    expect(outcomeOf(recalled)).toEqual([422, 'not_allowed']);
    // What it names instead is possible.
    const other = { assignee: 'cy@example.com' };
    expect(outcomeOf(await ana.post('/v1/exceptions/{exceptionId}/assign', { path, body: other }))).toEqual([
      200,
    ]);
    const resolution = { resolution: 'ACCEPTED' };
    expect(
      outcomeOf(await ana.post('/v1/exceptions/{exceptionId}/resolve', { path, body: resolution })),
    ).toEqual([200]);
  });
});

describe('an exception', () => {
  it('keeps its due date when it is assigned without one', async () => {
    const path = await raised();
    const assign = async (more: { dueAt?: string }) => {
      const body = { assignee: newId(), ...more };
      return unwrap(await ana.post('/v1/exceptions/{exceptionId}/assign', { path, body })).dueAt;
    };
    expect(await assign({})).toBe((await found(path)).dueAt);
    expect(await assign({ dueAt: '2030-01-05T12:00:00-03:00' })).toBe('2030-01-05T15:00:00.000Z');
    expect(await assign({})).toBe('2030-01-05T15:00:00.000Z');
    unwrap(await ana.post('/v1/exceptions/{exceptionId}/unassign', { path }));
    expect((await found(path)).dueAt).toBe('2030-01-05T15:00:00.000Z');
  });

  it('comes back from a person it was handed to, and can be handed over again', async () => {
    const path = await raised();
    const recall = (body?: Schemas['RecallRequest']) =>
      ana.post('/v1/exceptions/{exceptionId}/recall', { path, body });
    // A reason is welcome, and so is an empty body, or none.
    for (const body of [undefined, {}, { reason: 'Solved by ourselves.' }]) {
      const handing = { targetSystem: 'MANUAL' } as const;
      unwrap(await ana.post('/v1/exceptions/{exceptionId}/dispatch', { path, body: handing }));
      const back = unwrap(await recall(body));
      expect(back.status).toBe('OPEN');
      for (const field of ['pending', 'externalSystem', 'externalIssueId'])
        expect(back).not.toHaveProperty(field);
    }
    const last = (await historyOf(path)).at(-1);
    expect(last).toMatchObject({ type: 'exception.recalled', data: { reason: 'Solved by ourselves.' } });
    expect(outcomeOf(await recall())).toEqual([422, 'not_allowed']);
  });
});

describe('a comment', () => {
  it('is its author’s to change, and gone for all once it was deleted', async () => {
    const path = await raised();
    const say = async (who: Client, content: string) =>
      unwrap(await who.post('/v1/exceptions/{exceptionId}/comments', { path, body: { content } }));
    const [kept, { id }] = [await say(bo, 'Mine.'), await say(ana, 'Seen.')];
    const remove = (who: Client, commentId: string, at = path) =>
      who.delete('/v1/exceptions/{exceptionId}/comments/{commentId}', { path: { ...at, commentId } });
    const edit = (who: Client, commentId: string) =>
      who.patch('/v1/exceptions/{exceptionId}/comments/{commentId}', {
        path: { ...path, commentId },
        body: { content: 'Changed.' },
      });
    const before = await historyOf(path);
    for (const change of [edit, remove]) {
      expect(outcomeOf(await change(bo, id))).toEqual([403, 'not_author']);
      expect(outcomeOf(await change(ana, newId()))).toEqual([404, 'not_found']);
    }
    expect(await historyOf(path)).toEqual(before);
    expect(outcomeOf(await remove(ana, id, await raised()))).toEqual([404, 'not_found']);

    const listed = async () => unwrap(await ana.get('/v1/exceptions/{exceptionId}/comments', { path })).items;
    expect((await listed()).map(({ content }) => content)).toEqual(['Mine.', 'Seen.']);
    expect(await remove(ana, id)).toMatchObject({ ok: true, status: 204, value: undefined });
    expect(await listed()).toEqual([kept]);
    for (const change of [edit, remove]) expect(outcomeOf(await change(ana, id))).toEqual([404, 'not_found']);
    const lines = await historyOf(path);
    expect(lines.map(({ type }) => type)).toEqual([
      ...['exception.raised', 'comment.added', 'comment.added', 'comment.deleted'],
    ]);
    expect(JSON.stringify(lines)).toContain('Seen.');
  });
});
