import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type Json, type Person, type TestApp } from '../support/app';
import { essence, replayed } from '../support/http-client';
import { historyFlaws, ownerOf, type Owner } from '../support/owner';
import { onlooker, type Onlooker } from '../support/snapshot';

let service: TestApp;
let database: Onlooker;
let owner: Owner;
let ana: Person;
let bo: Person;

beforeAll(async () => {
  service = await startTestApp();
  database = await onlooker(service.database.url);
  owner = ownerOf(service.database.url);
  ana = service.person();
  bo = service.person({ tenant: ana.tenant, actor: 'bo@example.com' });
}, 60_000);

afterAll(async () => {
  await owner.end();
  await database.close();
  await service.close();
});

const done = (answer: Answer): Json => {
  if (answer.status >= 300) throw new Error(answer.text);
  return answer.body;
};

const keyed = (): Record<string, string> => ({ 'x-idempotency-key': newId() });

const historyOf = async (id: string, person = ana): Promise<Json[]> =>
  done(await person.get(`/v1/exceptions/${id}/history?limit=200`)).items;

async function nothingWritten(work: () => Promise<void>): Promise<void> {
  const before = await database.look();
  await work();
  expect(await database.look()).toEqual(before);
}

type Ids = Readonly<{ id: string; disputeId?: string; commentId?: string }>;
type Sample = Readonly<{
  method?: 'POST' | 'PATCH' | 'DELETE';
  prepare?: (id: string) => Promise<Partial<Ids>>;
  path: (ids: Ids) => string;
  body?: (ids: Ids) => object;
  /** Both of two who ask at once are right. */
  both?: boolean;
  /** There is no one version it could be meant for. */
  unconditional?: boolean;
}>;

const toException = (command: string) => (ids: Ids) => `/v1/exceptions/${ids.id}/${command}`;
const toDispute = (command: string) => (ids: Ids) => `/v1/disputes/${ids.disputeId}/${command}`;
const toComment = (ids: Ids) => `/v1/exceptions/${ids.id}/comments/${ids.commentId}`;

const give = (path: string, body?: object) => async (id: string) => {
  done(await ana.post(`/v1/exceptions/${id}/${path}`, body));
  return {};
};
const disputed =
  (more: object = {}, ...steps: readonly (readonly [string, object])[]) =>
  async (id: string) => {
    const opening = { category: 'OTHER', description: 'Wrong.', ...more };
    const dispute = done(await ana.post(`/v1/exceptions/${id}/disputes`, opening));
    for (const [step, body] of steps) done(await ana.post(`/v1/disputes/${dispute.id}/${step}`, body));
    return { disputeId: dispute.id as string };
  };
const commented = async (id: string) => {
  const comment = done(await ana.post(`/v1/exceptions/${id}/comments`, { content: 'Seen.' }));
  return { commentId: comment.id as string };
};
const adjustment = {
  ...{ amount: '1.50', currency: 'BRL', effectiveAt: '2026-03-02T08:00:00Z' },
  ...{ reasonCode: 'FEE_ADJUSTMENT', notes: 'Correcting the fee.' },
};
const report = (status: string, more: object = {}) => ({
  ...{ externalSystem: 'MANUAL', externalIssueId: 'DESK-1', status },
  ...more,
});

const bulk = (command: string, body: object): Sample => ({
  path: () => `/v1/exceptions/bulk/${command}`,
  body: ({ id }) => ({ exceptionIds: [id], ...body }),
  unconditional: true,
});

/** Every command there is a route for, to one who may be given it. */
const commands: Readonly<Record<string, Sample>> = {
  assign: { path: toException('assign'), body: () => ({ assignee: 'cy@example.com' }) },
  unassign: { prepare: give('assign', { assignee: 'bo@example.com' }), path: toException('unassign') },
  'force match': {
    path: toException('force-match'),
    body: () => ({ overrideReason: 'BUSINESS_DECISION', notes: 'Seen by finance.' }),
  },
  'adjust the entry': { path: toException('adjust-entry'), body: () => adjustment },
  resolve: { path: toException('resolve'), body: () => ({ resolution: 'ACCEPTED' }) },
  dispatch: { path: toException('dispatch'), body: () => ({ targetSystem: 'MANUAL' }) },
  recall: {
    prepare: give('dispatch', { targetSystem: 'MANUAL' }),
    path: toException('recall'),
    body: () => ({ reason: 'Solved by ourselves.' }),
  },
  'call back': {
    prepare: give('dispatch', { targetSystem: 'MANUAL' }),
    path: toException('callback'),
    body: () => report('RESOLVED'),
  },
  'open a dispute': {
    path: toException('disputes'),
    body: () => ({ category: 'OTHER', description: 'Wrong.' }),
  },
  'put a draft forward': { prepare: disputed({ draft: true }), path: toDispute('open') },
  'request evidence': {
    prepare: disputed(),
    path: toDispute('request-evidence'),
    body: () => ({ note: 'Please.' }),
  },
  'submit evidence': {
    prepare: disputed(),
    path: toDispute('evidence'),
    body: () => ({ comment: 'Bank statement.' }),
    both: true,
  },
  'close a dispute': {
    prepare: disputed(),
    path: toDispute('close'),
    body: () => ({ won: true, resolution: 'The bank paid.' }),
  },
  'reopen a dispute': {
    prepare: disputed({}, ['close', { won: false, resolution: 'The bank was right.' }]),
    path: toDispute('reopen'),
    body: () => ({ reason: 'New papers.' }),
  },
  comment: { path: toException('comments'), body: () => ({ content: 'Seen.' }), both: true },
  'edit a comment': {
    method: 'PATCH',
    prepare: commented,
    path: toComment,
    body: () => ({ content: 'Seen twice.' }),
    both: true,
  },
  'delete a comment': { method: 'DELETE', prepare: commented, path: toComment },
  'assign many': bulk('assign', { assignee: 'cy@example.com' }),
  'resolve many': bulk('resolve', { resolution: 'ACCEPTED' }),
  'dispatch many': bulk('dispatch', { targetSystem: 'MANUAL' }),
};

async function prepared({ method = 'POST', prepare, path, body }: Sample) {
  const { id } = await ana.raise({ amount: '150.50', currency: 'BRL' });
  const ids: Ids = { id, ...(await prepare?.(id)) };
  const send = (headers: Record<string, string>, query = '', person = ana) =>
    person.send(method, path(ids) + query, { headers, ...(body && { body: body(ids) }) });
  return { id, send };
}

/** What of an answer does not depend on when it was given, and on ids that were made for it. */
const blind = ({ status, headers, text }: Answer) => ({
  status,
  etag: headers['etag'],
  text: text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(',"preview":true', ''),
});

describe.each(Object.entries(commands))('to %s', (_name, sample) => {
  it('shows in a preview what it would be, does nothing, and leaves the key usable', async () => {
    const { send } = await prepared(sample);
    // The second time around it is refused, or done once more: a preview tells that as well.
    for (const key of [keyed(), keyed()]) {
      let preview!: Answer;
      await nothingWritten(async () => {
        preview = await send(key, '?preview=true');
      });
      expect(replayed(preview)).toBe('false');
      const real = await send(key);
      expect(replayed(real)).toBe('false');
      expect(blind(preview)).toEqual(blind(real));
      expect([...[200, 201, 204], ...[404, 422]]).toContain(real.status);
    }
  });

  it('answers a repeated request with the same bytes, and does it once', async () => {
    const { id, send } = await prepared(sample);
    const key = keyed();
    const first = await send(key);
    expect([200, 201, 204]).toContain(first.status);
    const events = await historyOf(id);
    await nothingWritten(async () => {
      for (let time = 0; time < 3; time++) {
        const again = await send(key);
        expect([replayed(again), essence(again)]).toEqual(['true', essence(first)]);
      }
    });
    expect(await historyOf(id)).toEqual(events);
  });

  it('has one effect when two ask at once, unless both are right', async () => {
    for (let round = 0; round < 3; round++) {
      const { id, send } = await prepared(sample);
      const before = await historyOf(id);
      const answers = await Promise.all([send(keyed()), send(keyed())]);
      const effects = answers.filter(({ status, body }) => status < 300 && body?.succeeded?.length !== 0);
      for (const answer of answers.filter((one) => !effects.includes(one)))
        expect([200, 404, 422]).toContain(answer.status);
      expect(effects).toHaveLength(sample.both ? 2 : 1);
      const events = await historyOf(id);
      expect(events.slice(0, before.length)).toEqual(before);
      expect(events).toHaveLength(before.length + effects.length);
    }
    expect(await historyFlaws(owner)).toEqual([]);
  });

  if (!sample.unconditional) {
    it('is refused to a caller who saw another version', async () => {
      const { send } = await prepared(sample);
      let refused!: Answer;
      await nothingWritten(async () => {
        const key: Record<string, string> = sample.path({ id: '' }).endsWith('callback') ? keyed() : {};
        refused = await send({ 'if-match': '"99"', ...key }, Object.keys(key).length ? '?preview=true' : '');
      });
      expect([refused.status, refused.body.title]).toEqual([412, 'stale_version']);
      expect(refused.body.details).toEqual({ expected: 99, actual: expect.any(Number) });
      const now = { 'if-match': `"${refused.body.details.actual}"` };
      expect([200, 201, 204]).toContain((await send({ ...now, ...keyed() })).status);
    });
  }
});

describe('to raise', () => {
  const reported = () => ({ transactionId: newId(), reason: 'Late', amount: '150.50', currency: 'BRL' });

  it('shows in a preview what it would be, does nothing, and leaves the key usable', async () => {
    const body = reported();
    for (const [key, status] of [
      [keyed(), 201],
      [keyed(), 200],
    ] as const) {
      let preview!: Answer;
      await nothingWritten(async () => {
        preview = await ana.post('/v1/exceptions?preview=true', body, key);
      });
      const real = await ana.post('/v1/exceptions', body, key);
      expect([real.status, replayed(real)]).toEqual([status, 'false']);
      expect(blind(preview)).toEqual(blind(real));
    }
  });

  it('answers a repeated request with the same bytes, and does it once', async () => {
    const [body, key] = [reported(), keyed()];
    const first = await ana.post('/v1/exceptions', body, key);
    await nothingWritten(async () => {
      const again = await ana.post('/v1/exceptions', body, key);
      expect([replayed(again), essence(again)]).toEqual(['true', essence(first)]);
    });
  });

  it('makes one of what two report at once, and counts both', async () => {
    for (let round = 0; round < 5; round++) {
      const body = reported();
      const answers = await Promise.all([ana, bo].map((person) => person.post('/v1/exceptions', body)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
      const [id, ...others] = new Set(answers.map((answer) => answer.body.id as string));
      expect(others).toEqual([]);
      expect((await ana.get(`/v1/exceptions/${id}`)).body.seenCount).toBe(2);
    }
    expect(await historyFlaws(owner)).toEqual([]);
  });
});
