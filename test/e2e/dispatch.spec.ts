import { startTestApp, type Answer, type Json, type Person, type TestApp } from '../support/app';
import { connect } from '../support/connections';
import type { FakeSystem } from '../support/fake-systems';
import { Outside, targets, type Target } from '../support/outside';
import { ownerOf } from '../support/owner';
import { lookUntil } from '../support/until';
import type { WebhookReceiver } from '../support/webhook-receiver';

let outside: Outside;
let jira: FakeSystem;
let serviceNow: FakeSystem;
let hook: WebhookReceiver;
let service: TestApp;
let ana: Person;

beforeAll(async () => {
  outside = await Outside.start();
  ({ jira, serviceNow, hook } = outside);
  service = await startTestApp({
    ...outside.env,
    EXCEPTION_LINK: 'https://desk.example.com/exceptions/{id}',
    WORKERS: '4',
  });
}, 60_000);
afterAll(async () => {
  await service.close();
  await outside.stop();
});

async function connected(jiraOver: object = {}): Promise<Person> {
  const person = service.person();
  for (const target of targets)
    await connect(person, target, { ...outside.settings[target], ...(target === 'JIRA' && jiraOver) });
  return person;
}

beforeEach(async () => {
  await outside.reset();
  ana = await connected();
});

const dispatch = (
  { id }: Json,
  targetSystem: string,
  headers: Record<string, string> = {},
  more: object = {},
): Promise<Answer> => ana.post(`/v1/exceptions/${id}/dispatch`, { targetSystem, ...more }, headers);
const read = async ({ id }: Json): Promise<Json> => (await ana.get(`/v1/exceptions/${id}`)).body;
const dispatchesOf = async ({ id }: Json): Promise<Json[]> =>
  (await ana.get(`/v1/exceptions/${id}/dispatches`)).body.items;

const confirmed = (exception: Json) =>
  lookUntil(
    () => dispatchesOf(exception),
    (all) => all.length > 0 && all.every(({ state }: Json) => state === 'CONFIRMED'),
  );

const exists: Record<Target, () => Promise<readonly string[]>> = {
  JIRA: async () => (await jira.tickets()).map(({ key }) => key),
  SERVICENOW: async () => (await serviceNow.tickets()).map(({ key }) => key),
  WEBHOOK: async () => hook.deliveries().map(({ reference }) => reference),
};

describe.each(targets)('dispatching to %s', (target) => {
  it('makes one ticket, and presents its reference to readers', async () => {
    const exception = await ana.raise({ amount: '1500.50', currency: 'BRL' });
    const answer = await dispatch(exception, target);
    expect(answer.status).toBe(200);
    const { externalReference } = answer.body;
    expect(answer.body).toEqual({
      exceptionId: exception.id,
      target,
      externalReference,
      acknowledged: true,
      dispatchedAt: expect.any(String),
    });
    expect(await exists[target]()).toContain(externalReference);
    const now = await read(exception);
    expect(now).toMatchObject({
      status: 'PENDING_RESOLUTION',
      pending: 'external',
      externalSystem: target,
      externalIssueId: externalReference,
    });
    expect(answer.headers['etag']).toBe(`"${now.version}"`);
    const [made] = await dispatchesOf(exception);
    expect(made).toMatchObject({ state: 'CONFIRMED', sends: 1, externalReference, kind: 'ticket' });
    expect(made.history).toMatchObject([{ kind: 'send', outcome: 'created', reference: externalReference }]);

    const again = await dispatch(exception, target);
    expect([again.status, again.body.title]).toEqual([422, 'already_dispatched']);
    expect(again.body.details.reference).toBe(externalReference);
  });

  it('answers a repetition under one key with the same bytes', async () => {
    const exception = await ana.raise();
    const key = { 'x-idempotency-key': `dispatch-${target}` };
    const answers = await Promise.all([1, 2, 3].map(() => dispatch(exception, target, key)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const later = await dispatch(exception, target, key);
    expect([later.text, later.headers['x-idempotency-replayed']]).toEqual([answers[0]?.text, 'true']);
    expect((await dispatchesOf(exception)).length).toBe(1);
  });

  it('shows a preview without sending it', async () => {
    const exception = await ana.raise();
    const before = (await exists[target]()).length;
    const answer = await ana.post(`/v1/exceptions/${exception.id}/dispatch?preview=true`, {
      targetSystem: target,
    });
    expect([answer.status, answer.body.acknowledged]).toEqual([200, false]);
    expect([await dispatchesOf(exception), (await exists[target]()).length]).toEqual([[], before]);
  });
});

describe.each([
  ['JIRA', () => jira],
  ['SERVICENOW', () => serviceNow],
] as const)('%s in trouble', (target, fake) => {
  it('has its ticket found when its answer got lost', async () => {
    await fake().faults({ seed: 1, lostAnswer: 1, only: 'writes' });
    const exception = await ana.raise();
    const answer = await dispatch(exception, target);
    expect([answer.status, answer.body.acknowledged]).toEqual([200, false]);
    await fake().faults();
    const [made] = await confirmed(exception);
    expect(made).toMatchObject({ sends: 1, firstSentAt: made.lastSentAt });
    expect(made.history.map(({ kind, outcome }: Json) => [kind, outcome])).toContainEqual(['find', 'found']);
    expect(await exists[target]()).toEqual([made.externalReference]);
    expect((await read(exception)).externalIssueId).toBe(made.externalReference);
  });

  it('gets it again, after the look-ups, when it never arrived', async () => {
    await fake().faults({ seed: 1, lostOnTheWayIn: 1, only: 'writes' });
    const exception = await ana.raise();
    expect((await dispatch(exception, target)).body.acknowledged).toBe(false);
    await fake().faults();
    const [made] = await lookUntil(
      () => dispatchesOf(exception),
      ([first]) => first?.state === 'CONFIRMED',
    );
    const [sent, ...looks] = made.history.map(({ outcome }: Json) => outcome);
    expect([sent, looks]).toEqual(['unknown', ['none', 'none', 'none', 'created']]);
    expect(await exists[target]()).toEqual([made.externalReference]);
  });

  it('answers late, and is acknowledged later', async () => {
    await fake().faults({ slowMs: 3000 });
    const exception = await ana.raise();
    const key = { 'idempotency-key': 'slowly' };
    const answer = await dispatch(exception, target, key);
    expect([answer.status, answer.body.acknowledged]).toEqual([200, false]);
    await fake().faults();
    await confirmed(exception);
    // What was answered stays the answer.
    expect((await dispatch(exception, target, key)).text).toBe(answer.text);
    expect((await exists[target]()).length).toBe(1);
  });

  it('is asked again on the schedule when it was unreachable', async () => {
    await fake().faults({ rateLimit: { every: 1, retryAfter: 1 } });
    const exception = await ana.raise();
    expect((await dispatch(exception, target)).body.acknowledged).toBe(false);
    const [waiting] = await dispatchesOf(exception);
    expect(waiting).toMatchObject({ state: 'RESERVED', attempts: 1 });
    const wait = Date.parse(waiting.nextAttemptAt) - Date.parse(waiting.updatedAt);
    expect(wait).toBeGreaterThanOrEqual(5000);
    expect(wait).toBeLessThanOrEqual(5500);
    await fake().faults();
    const [made] = await confirmed(exception);
    expect(made.sends).toBe(2);
    expect((await exists[target]()).length).toBe(1);
  }, 30_000);

  it('learns once what happens here later', async () => {
    const exception = await ana.raise();
    const { externalReference } = (await dispatch(exception, target)).body;
    await ana.post(`/v1/exceptions/${exception.id}/comments`, { content: 'Asked the bank.' });
    await fake().faults({ seed: 1, lostAnswer: 1, only: 'writes' });
    await ana.post(`/v1/exceptions/${exception.id}/resolve`, { resolution: 'Paid twice, returned' });
    await lookUntil(
      () => dispatchesOf(exception),
      (all) => all.length === 3 && all.every(({ state }: Json) => state !== 'RESERVED'),
    );
    await fake().faults();
    await confirmed(exception);
    const [ticket] = (await fake().tickets()).filter(({ key }) => key === externalReference);
    expect(ticket?.notes.length).toBe(2);
    expect(ticket?.notes.filter((note) => note.includes('Asked the bank.')).length).toBe(1);
    expect(ticket?.notes.filter((note) => note.includes('Paid twice, returned')).length).toBe(1);
  });
});

describe('a refusal of the other side', () => {
  it('is told at once, and gives the exception back', async () => {
    ana = await connected({ project: 'NOPE' });
    const exception = await ana.raise();
    const key = { 'idempotency-key': 'to-nobody' };
    const answer = await dispatch(exception, 'JIRA', key);
    expect([answer.status, answer.body.title]).toEqual([422, 'dispatch_refused']);
    expect(answer.body.details.problem).toMatch(/project/i);
    const now = await read(exception);
    expect([now.status, now.externalSystem]).toEqual(['OPEN', undefined]);
    expect((await dispatch(exception, 'JIRA', key)).text).toBe(answer.text);
    expect(await exists.JIRA()).toEqual([]);

    // What the answer advises works: corrected, and dispatched again with a new key.
    expect(answer.body.message).toMatch(/correct that and dispatch it again, with a new idempotency key/);
    await connect(ana, 'JIRA', outside.settings.JIRA);
    expect((await dispatch(exception, 'JIRA', key)).text).toBe(answer.text);
    const again = await dispatch(exception, 'JIRA', { 'idempotency-key': 'to-somebody' });
    expect([again.status, again.body.acknowledged]).toEqual([200, true]);
    expect(await exists.JIRA()).toHaveLength(1);
  });

  it('is what a target without a connection is', async () => {
    const bo = service.person();
    const exception = await bo.raise();
    const answer = await bo.post(`/v1/exceptions/${exception.id}/dispatch`, { targetSystem: 'JIRA' });
    expect([answer.status, answer.body.title]).toEqual([422, 'connector_not_configured']);
  });
});

describe('many at once', () => {
  it('are dispatched in the background, each once', async () => {
    const exceptions = await Promise.all(Array.from({ length: 20 }, () => ana.raise()));
    const exceptionIds = exceptions.map(({ id }) => id);
    const answer = await ana.post('/v1/exceptions/bulk/dispatch', { exceptionIds, targetSystem: 'JIRA' });
    expect(answer.body).toMatchObject({ succeeded: exceptionIds, failed: [] });
    for (const exception of exceptions) await confirmed(exception);
    const tickets = await jira.tickets();
    expect(tickets.length).toBe(20);
    expect(new Set(tickets.map(({ correlationId }) => correlationId)).size).toBe(20);
  }, 60_000);
});

describe('a dispatch that is dead', () => {
  it('is sent again when an operator redrives it, and only then', async () => {
    await jira.faults({ rateLimit: { every: 1, retryAfter: 1 } });
    const exception = await ana.raise();
    await dispatch(exception, 'JIRA');
    const [{ id }] = await dispatchesOf(exception);
    const redrive = (headers = {}) => ana.post(`/v1/dispatches/${id}/redrive`, undefined, headers);
    const early = await redrive();
    expect([early.status, early.body.title]).toEqual([422, 'not_allowed']);
    const owner = ownerOf(service.database.url);
    await owner.rows(
      `UPDATE dispatch SET state = 'DEAD', next_attempt_at = NULL, version = version + 1 WHERE id = $1`,
      [id],
    );
    await owner.end();
    await jira.faults();
    const key = { 'idempotency-key': 'once-more' };
    const [first, second] = [await redrive(key), await redrive(key)];
    expect([first.status, first.text]).toEqual([200, second.text]);
    const [made] = await confirmed(exception);
    expect(made.id).toBe(id);
    expect((await exists.JIRA()).length).toBe(1);
    const history = await ana.get(`/v1/exceptions/${exception.id}/history`);
    expect(history.body.items.map(({ type }: Json) => type)).toEqual([
      'exception.raised',
      'exception.dispatched',
      'dispatch.redriven',
      'dispatch.confirmed',
    ]);
  });
});
