import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type Json, type Person, type TestApp } from '../support/app';
import { writeExceptions } from '../support/exception-rows';
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
    const told = await historyOf(id);
    await nothingWritten(async () => {
      for (let time = 0; time < 3; time++) {
        const again = await send(key);
        expect([replayed(again), essence(again)]).toEqual(['true', essence(first)]);
      }
    });
    expect(await historyOf(id)).toEqual(told);
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
      const told = await historyOf(id);
      expect(told.slice(0, before.length)).toEqual(before);
      expect(told).toHaveLength(before.length + effects.length);
    }
    expect(await historyFlaws(owner)).toEqual([]);
  });

  if (!sample.unconditional) {
    it('is refused to whoever saw another version', async () => {
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

describe('a dispute', () => {
  const opened = async (): Promise<Json> => {
    const { id } = await ana.raise();
    const opening = { category: 'OTHER', description: 'Wrong.' };
    return done(await ana.post(`/v1/exceptions/${id}/disputes`, opening));
  };

  it('keeps all evidence of three who submit at once', async () => {
    const { id, exceptionId } = await opened();
    const comments = ['The statement.', 'The invoice.', 'The receipt.'];
    const answers = await Promise.all(
      comments.map((comment) => ana.post(`/v1/disputes/${id}/evidence`, { comment })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const { body } = await ana.get(`/v1/disputes/${id}`);
    expect(body.evidence.map(({ comment }: Json) => comment).sort()).toEqual([...comments].sort());
    expect(body.version).toBe(4);
    expect((await historyOf(exceptionId)).map(({ type }) => type)).toEqual([
      ...['exception.raised', 'dispute.opened'],
      ...comments.map(() => 'dispute.evidence_submitted'),
    ]);
  });

  it('is closed once, and with an outcome', async () => {
    const { id } = await opened();
    const unclear = await ana.post(`/v1/disputes/${id}/close`, { resolution: 'The bank paid.' });
    expect([unclear.status, Object.keys(unclear.body.details.fields)]).toEqual([400, ['won']]);
    for (const [won, status] of [
      [true, 200],
      [false, 422],
      [true, 422],
    ] as const)
      expect((await ana.post(`/v1/disputes/${id}/close`, { won, resolution: 'Paid.' })).status).toBe(status);
    expect((await ana.get(`/v1/disputes/${id}`)).body).toMatchObject({ state: 'WON', version: 2 });
  });
});

describe('an order for many', () => {
  const orders = [
    ['assign', { assignee: 'cy@example.com' }, { status: 'ASSIGNED', assignedTo: 'cy@example.com' }],
    ['resolve', { resolution: 'ACCEPTED', reason: 'Small.' }, { status: 'RESOLVED' }],
    ['dispatch', { targetSystem: 'MANUAL' }, { status: 'PENDING_RESOLUTION', externalSystem: 'MANUAL' }],
  ] as const;
  const assign = (body: object, person = ana) =>
    person.post('/v1/exceptions/bulk/assign', { assignee: 'cy@example.com', ...body });

  it.each(orders)(
    '%s is carried out by whom there is, and told of the others',
    async (route, body, expected) => {
      const [one, two, nobody] = [await ana.raise(), await ana.raise(), newId()];
      const exceptionIds = [one.id, nobody, two.id, 'x'];
      const answer = await ana.post(`/v1/exceptions/bulk/${route}`, { ...body, exceptionIds });
      expect([answer.status, answer.body]).toEqual([
        200,
        {
          succeeded: [one.id, two.id],
          failed: [nobody, 'x'].map((exceptionId) => ({
            ...{
              exceptionId,
              code: 'not_found',
              error: `There is no exception ${exceptionId}; check the id.`,
            },
          })),
          total: 4,
        },
      ]);
      for (const { id } of [one, two])
        expect((await ana.get(`/v1/exceptions/${id}`)).body).toMatchObject({ ...expected, version: 2 });
    },
  );

  it('names 1 to 1,000, each of which counts once', async () => {
    const ids = Array.from({ length: 1001 }, newId);
    for (const exceptionIds of [ids, []]) {
      const { status, body } = await assign({ exceptionIds });
      expect([status, Object.keys(body.details.fields)]).toEqual([400, ['exceptionIds']]);
    }
    expect((await assign({ exceptionIds: ids.slice(1) })).body).toMatchObject({ succeeded: [], total: 1000 });
    const { id } = await ana.raise();
    const twice = await assign({ exceptionIds: [id, id.toUpperCase(), id] });
    expect(twice.body).toEqual({ succeeded: [id], failed: [], total: 1 });
    expect(await historyOf(id)).toHaveLength(2);
  });

  it('may spell the ids as others do, and names them or a filter', async () => {
    const { id } = await ana.raise();
    expect((await assign({ exception_ids: [id] })).body).toMatchObject({ succeeded: [id] });
    await nothingWritten(async () => {
      for (const ways of [
        { exceptionIds: [id], filter: { status: ['OPEN'] } },
        { exception_ids: [id], filter: {} },
        { exceptionIds: [id], exception_ids: [id] },
        {},
      ]) {
        const { status, body } = await assign(ways);
        expect([status, Object.keys(body.details.fields)]).toEqual([400, ['exceptionIds']]);
      }
    });
  });

  it.each([
    ['nonsense', { nonsense: 'x' }],
    ['status', { status: ['NONSENSE'] }],
    ['limit', { limit: 5 }],
    ['cursor', { cursor: 'x' }],
    ['sort_by', { sort_by: 'id' }],
    ['amount_min', { amount_min: {} }],
  ])('is refused a filter with a wrong %s, by its name', async (name, filter) => {
    const { status, body } = await assign({ filter });
    expect([status, Object.keys(body.details.fields)]).toEqual([400, [`filter.${name}`]]);
    expect(body.message).toMatch(new RegExp(`^filter\\.${name} `));
  });

  it('can be previewed for a filter: how many there are, and who would be left out, and why', async () => {
    const person = service.person();
    const raised = await Promise.all(
      ['A', 'B', 'C', 'D'].map((name) => person.raise({ reason: 'Late, by a day', source: name })),
    );
    await person.raise({ reason: 'Another' });
    const [free, taken, gone, out] = raised.map(({ id }) => id as string);
    done(await person.post(`/v1/exceptions/${taken}/assign`, { assignee: 'cy@example.com' }));
    done(await person.post(`/v1/exceptions/${gone}/resolve`, { resolution: 'ACCEPTED' }));
    done(await person.post(`/v1/exceptions/${out}/dispatch`, { targetSystem: 'MANUAL' }));
    const filter = { reason: ['Late, by a day'] };
    let preview!: Answer;
    await nothingWritten(async () => {
      preview = await assign({ filter, preview: true }, person);
      const asQuery = await person.post('/v1/exceptions/bulk/assign?preview=true', {
        ...{ filter, assignee: 'cy@example.com' },
      });
      expect(asQuery.body).toEqual(preview.body);
    });
    const { preview: isPreview, ...told } = preview.body;
    expect([preview.status, isPreview, told.total, told.succeeded]).toEqual([200, true, 4, [free]]);
    const why = Object.fromEntries(told.failed.map((each: Json) => [each.exceptionId, each.code]));
    expect(why).toEqual({
      ...{ [taken!]: 'already_assigned', [gone!]: 'not_allowed', [out!]: 'not_allowed' },
    });
    expect((await assign({ filter }, person)).body).toEqual(told);
  });

  it('takes a filter that matches 1,000, and none that matches more', async () => {
    const person = service.person();
    const rows = Array.from({ length: 1001 }, (_, i) => ({
      ...{ tenant_id: person.tenant, source: i === 0 ? 'first' : 'others' },
    }));
    await writeExceptions(owner, rows);
    await nothingWritten(async () => {
      const { status, body } = await assign({ filter: {} }, person);
      expect([status, body.title, body.details]).toEqual([422, 'too_many_matches', { limit: 1000 }]);
    });
    const { body } = await assign({ filter: { source: 'others' }, preview: true }, person);
    expect(body.total).toBe(1000);
  }, 30_000);
});

describe('a callback', () => {
  const dispatched = async (): Promise<string> => {
    const { id } = await ana.raise();
    done(await ana.post(`/v1/exceptions/${id}/dispatch`, { targetSystem: 'MANUAL' }));
    return id;
  };
  const call = (id: string, body: object, key = keyed()) =>
    ana.post(`/v1/exceptions/${id}/callback`, body, key);

  it('takes effect once, however often it comes', async () => {
    const id = await dispatched();
    const key = keyed();
    const first = await call(id, report('RESOLVED'), key);
    expect([first.status, first.body]).toEqual([200, { status: 'accepted' }]);
    for (let time = 0; time < 3; time++) {
      const again = await call(id, report('RESOLVED'), key);
      expect([replayed(again), essence(again)]).toEqual(['true', essence(first)]);
    }
    const other = await call(id, report('OPEN'), key);
    expect([other.status, other.body.title]).toEqual([422, 'idempotency_key_reused']);
    expect(await historyOf(id)).toHaveLength(3);
  });

  it('needs a key, and an assignee where it says ASSIGNED', async () => {
    const id = await dispatched();
    await nothingWritten(async () => {
      const keyless = await call(id, report('RESOLVED'), {});
      expect([keyless.status, Object.keys(keyless.body.details.fields)]).toEqual([
        400,
        ['X-Idempotency-Key'],
      ]);
      const nobody = await call(id, report('ASSIGNED'));
      expect([nobody.status, Object.keys(nobody.body.details.fields)]).toEqual([400, ['assignee']]);
    });
  });

  it.each([
    ['another system', { externalSystem: 'JIRA' }],
    ['another issue', { externalIssueId: 'DESK-2' }],
  ])('for %s is refused', async (_who, other) => {
    const id = await dispatched();
    done(await call(id, report('ASSIGNED', { assignee: 'dee@example.com' })));
    const before = await ana.get(`/v1/exceptions/${id}`);
    const refused = await call(id, report('RESOLVED', other));
    expect([refused.status, refused.body.title]).toEqual([422, 'callback_mismatch']);
    expect((await ana.get(`/v1/exceptions/${id}`)).text).toBe(before.text);
    expect((await call(id, report('RESOLVED'))).status).toBe(200);
  });

  it('for what was never dispatched is refused', async () => {
    const { id } = await ana.raise();
    const refused = await call(id, report('RESOLVED'));
    expect([refused.status, refused.body.title]).toEqual([422, 'callback_mismatch']);
  });

  it('that is older than the last is accepted and written down, and changes nothing', async () => {
    const id = await dispatched();
    const [early, late] = ['2026-01-05T12:00:00.000Z', '2026-01-05T12:00:00.001Z'];
    done(await call(id, report('ASSIGNED', { assignee: 'dee@example.com', updatedAt: late })));
    const [before, told] = [await ana.get(`/v1/exceptions/${id}`), await historyOf(id)];
    const stale = report('RESOLVED', { updatedAt: early });
    const answer = await call(id, stale);
    expect([answer.status, answer.body]).toEqual([200, { status: 'accepted' }]);
    expect((await ana.get(`/v1/exceptions/${id}`)).text).toBe(before.text);
    const [last, ...others] = (await historyOf(id)).reverse();
    expect(others.reverse()).toEqual(told);
    expect(last).toMatchObject({
      type: 'exception.callback_ignored',
      changes: {},
      data: { callback: stale },
    });
    expect((await call(id, report('RESOLVED', { updatedAt: late }))).status).toBe(200);
    expect((await ana.get(`/v1/exceptions/${id}`)).body.status).toBe('RESOLVED');
  });
});

describe('an exception', () => {
  it('keeps its due date when it is assigned without one', async () => {
    const { id } = await ana.raise();
    const assign = async (body: object) =>
      done(await ana.post(`/v1/exceptions/${id}/assign`, { assignee: newId(), ...body })).dueAt;
    const first = (await ana.get(`/v1/exceptions/${id}`)).body.dueAt;
    expect(await assign({})).toBe(first);
    expect(await assign({ dueAt: '2030-01-05T12:00:00-03:00' })).toBe('2030-01-05T15:00:00.000Z');
    expect(await assign({})).toBe('2030-01-05T15:00:00.000Z');
    done(await ana.post(`/v1/exceptions/${id}/unassign`));
    expect((await ana.get(`/v1/exceptions/${id}`)).body.dueAt).toBe('2030-01-05T15:00:00.000Z');
  });

  it('comes back from a person it was handed to, and can be handed over again', async () => {
    const { id } = await ana.raise();
    const of = `/v1/exceptions/${id}`;
    for (let round = 0; round < 2; round++) {
      done(await ana.post(`${of}/dispatch`, { targetSystem: 'MANUAL' }));
      const { body } = await ana.post(`${of}/recall`, { reason: 'Solved by ourselves.' });
      expect(body.status).toBe('OPEN');
      for (const field of ['pending', 'externalSystem', 'externalIssueId'])
        expect(body).not.toHaveProperty(field);
    }
    const last = (await historyOf(id)).at(-1);
    expect(last).toMatchObject({ type: 'exception.recalled', data: { reason: 'Solved by ourselves.' } });
    const again = await ana.post(`${of}/recall`, {});
    expect([again.status, again.body.title]).toEqual([422, 'not_allowed']);
  });
});

describe('a comment', () => {
  it('is its author’s to change, and gone for all once it was deleted', async () => {
    const { id } = await ana.raise();
    const of = `/v1/exceptions/${id}/comments`;
    const kept = done(await bo.post(of, { content: 'Mine.' }));
    const { id: commentId } = done(await ana.post(of, { content: 'Seen.' }));
    const change = (person: Person, at = commentId) => [
      person.send('PATCH', `${of}/${at}`, { body: { content: 'Changed.' } }),
      person.send('DELETE', `${of}/${at}`),
    ];
    await nothingWritten(async () => {
      for (const { status, body } of await Promise.all(change(bo)))
        expect([status, body.title]).toEqual([403, 'not_author']);
      for (const { status, body } of await Promise.all(change(ana, newId())))
        expect([status, body.title]).toEqual([404, 'not_found']);
    });
    const elsewhere = await ana.raise();
    const astray = await ana.send('DELETE', `/v1/exceptions/${elsewhere.id}/comments/${commentId}`);
    expect([astray.status, astray.body.title]).toEqual([404, 'not_found']);

    const listed = async () => (await ana.get(of)).body.items;
    expect((await listed()).map(({ content }: Json) => content)).toEqual(['Mine.', 'Seen.']);
    const deleted = await ana.send('DELETE', `${of}/${commentId}`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect(await listed()).toEqual([kept]);
    for (const { status } of await Promise.all(change(ana))) expect(status).toBe(404);
    const told = await historyOf(id);
    expect(told.map(({ type }) => type)).toEqual([
      ...['exception.raised', 'comment.added', 'comment.added', 'comment.deleted'],
    ]);
    expect(JSON.stringify(told)).toContain('Seen.');
  });
});

describe('an export that was edited', () => {
  const apply = (person: Person, raw: string, query = '') =>
    person.send('POST', `/v1/exceptions/bulk/apply${query}`, {
      headers: { 'content-type': 'text/csv' },
      raw,
    });

  /** The file as rows that can be edited, and back. Nothing in it needs quotes. */
  async function exported(person: Person) {
    const file = await person.get('/v1/exceptions/export?sort_by=created_at&sort_order=asc', {
      headers: { accept: 'text/csv' },
    });
    const [header = '', ...lines] = file.text.trimEnd().split('\r\n');
    const names = header.split(',');
    const rows = lines.map((line) => {
      const cells = line.split(',');
      return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
    });
    const text = (edited = rows) =>
      [header, ...edited.map((row) => names.map((name) => row[name]).join(','))].join('\r\n');
    return { rows, text };
  }

  const stateOf = async (person: Person, id: string) => (await person.get(`/v1/exceptions/${id}`)).body;

  async function six(person: Person): Promise<string[]> {
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push((await person.raise({ reason: `Late ${i}` })).id);
    for (const at of [2, 4])
      done(await person.post(`/v1/exceptions/${ids[at]}/assign`, { assignee: '=SUM(A1)' }));
    return ids;
  }

  it('changes what was edited, and nothing that has changed since', async () => {
    const person = service.person();
    const [assigned, resolved, formula, late, emptied, typed] = await six(person);
    const { rows, text } = await exported(person);
    expect(rows[2]!['assignee']).toBe(`'=SUM(A1)`);
    rows[0]!['assignee'] = 'bo@example.com';
    Object.assign(rows[1]!, { resolution: 'ACCEPTED', reason: 'Small.' });
    rows[3]!['assignee'] = 'bo@example.com';
    rows[4]!['assignee'] = '';
    rows[5]!['assignee'] = `'=HYPERLINK(A1)`;
    done(await person.post(`/v1/exceptions/${late}/assign`, { assignee: 'dee@example.com' }));

    const expected = {
      ...{ received: 6, changed: 4, unchanged: 1, failed: 1 },
      failures: [{ line: 5, exceptionId: late, code: 'stale_version', error: expect.any(String) }],
    };
    await nothingWritten(async () => {
      const { status, body } = await apply(person, text(), '?preview=true');
      expect([status, body]).toEqual([200, { ...expected, preview: true }]);
    });
    const { status, body } = await apply(person, text());
    expect([status, body]).toEqual([200, expected]);
    expect(await stateOf(person, assigned!)).toMatchObject({ assignedTo: 'bo@example.com', version: 2 });
    expect(await stateOf(person, resolved!)).toMatchObject({
      ...{ status: 'RESOLVED', resolutionNotes: 'ACCEPTED', resolutionReason: 'Small.' },
    });
    expect(await stateOf(person, formula!)).toMatchObject({ assignedTo: '=SUM(A1)', version: 2 });
    expect(await stateOf(person, late!)).toMatchObject({ assignedTo: 'dee@example.com', version: 2 });
    expect(await stateOf(person, emptied!)).toMatchObject({ status: 'OPEN', version: 3 });
    expect(await stateOf(person, typed!)).toMatchObject({ assignedTo: '=HYPERLINK(A1)' });
    expect((await historyFlaws(owner)).filter((flaw) => flaw.startsWith(person.tenant))).toEqual([]);

    // What was done is not done again: those versions are old by now.
    await nothingWritten(async () => {
      const again = await apply(person, text());
      expect(again.body).toMatchObject({ received: 6, changed: 0, unchanged: 1, failed: 5 });
    });
    const { text: untouched } = await exported(person);
    const { body: same } = await apply(person, untouched());
    expect(same).toEqual({ received: 6, changed: 0, unchanged: 6, failed: 0, failures: [] });
  });

  it('resolves nothing for whoever may only assign, line by line', async () => {
    const person = service.person();
    const [assigned, resolved] = await six(person);
    const { rows, text } = await exported(person);
    rows[0]!['assignee'] = 'bo@example.com';
    rows[1]!['resolution'] = 'ACCEPTED';
    const limited = service.person({ tenant: person.tenant, scopes: ['exception:assign'] });
    const { status, body } = await apply(limited, text());
    expect([status, body]).toEqual([
      200,
      {
        ...{ received: 6, changed: 1, unchanged: 4, failed: 1 },
        failures: [{ line: 3, exceptionId: resolved, code: 'insufficient_scope', error: expect.any(String) }],
      },
    ]);
    expect(await stateOf(person, assigned!)).toMatchObject({ assignedTo: 'bo@example.com' });
    expect(await stateOf(person, resolved!)).toMatchObject({ status: 'OPEN', version: 1 });
  });

  it('is told of each line that cannot be read, and the others count', async () => {
    const person = service.person();
    const { id } = await person.raise();
    const nobody = newId();
    const lines = [
      'id,version,assignee',
      `${id},1,bo@example.com`,
      `${id.toUpperCase()},1,cy@example.com`,
      `${nobody},1,bo@example.com`,
      'x,1,bo@example.com',
      `${id},one,bo@example.com`,
      `${id},1`,
    ];
    const { status, body } = await apply(person, lines.join('\n'));
    expect([status, body.received, body.changed, body.failed]).toEqual([200, 6, 1, 5]);
    expect(body.failures.map(({ line, code }: Json) => [line, code])).toEqual([
      ...[3, 4, 5, 6, 7].map((line) => [line, [4, 5].includes(line) ? 'not_found' : 'invalid_request']),
    ]);
    expect((await stateOf(person, id)).assignedTo).toBe('bo@example.com');
    const headless = await apply(person, 'version,assignee\n1,bo@example.com');
    expect([headless.status, Object.keys(headless.body.details.fields)]).toEqual([400, ['id']]);
  });
});
