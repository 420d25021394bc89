import { readFileSync } from 'node:fs';
import path from 'node:path';
import { severities, type Severity } from '@redress/domain';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type Person, type TestApp } from '../support/app';

type Item = Record<string, Answer['body']>;
type Line = Readonly<{
  transactionId: string;
  reason: string;
  severity?: Severity;
  currency?: string;
  occurredAt?: string;
  dueAt?: string;
}>;
type Expected = Readonly<{
  received: number;
  raised: number;
  seenAgain: number;
  rejected: number;
  rejectedLines: readonly { line: number }[];
}>;

const folder = path.join(__dirname, '../../examples/breaks');
const file = (name: string) => readFileSync(path.join(folder, name));
const expected = JSON.parse(file('expected.json').toString()) as Record<string, Expected>;

let service: TestApp;
let ana: Person;
let bo: Person;

beforeAll(async () => {
  service = await startTestApp();
  ana = service.person({ actor: 'ana@example.com' });
  bo = service.person({ tenant: ana.tenant, actor: 'bo@example.com' });
}, 60_000);
afterAll(() => service.close());

const importFile = (person: Person, name: string, type: string) =>
  person.send('POST', '/v1/exceptions/import', { headers: { 'content-type': type }, raw: file(name) });

/** Every item of a list, page by page. */
async function all(person: Person, list: string, query: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor = ''; ;) {
    const at = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await person.get(`${list}?${query}${at}`);
    expect(status).toBe(200);
    items.push(...body.items);
    if (!body.hasMore) return items;
    cursor = body.nextCursor;
  }
}

/** The good lines of the file, without the machinery that is being tested: amounts are picked out as text. */
function goodLines(): { text: string; line: Line }[] {
  const bad = new Set(expected['breaks.ndjson']!.rejectedLines.map(({ line }) => line));
  return file('breaks.ndjson')
    .toString()
    .split('\n')
    .flatMap((text, i) => (text === '' || bad.has(i + 1) ? [] : [{ text, line: JSON.parse(text) as Line }]));
}

/** The rule for severities that were not said, as it was agreed on. */
function severityBy(amount: number, hours: number): Severity {
  if (amount >= 100_000 || hours >= 120) return 'CRITICAL';
  if (amount >= 10_000 || hours >= 72) return 'HIGH';
  return amount >= 1_000 || hours >= 24 ? 'MEDIUM' : 'LOW';
}

/** What must be on the desk: severity is the highest of what was said or follows, the due date that of the first. */
function expectedDesk(now = Date.now()): Map<string, { severity: Severity; dueAt?: string }> {
  const desk = new Map<string, { severity: Severity; dueAt?: string }>();
  for (const { text, line } of goodLines()) {
    const lexeme = /"amount":"?([^",}]*)/.exec(text)?.[1];
    const whole = Math.abs(Math.trunc(Number(lexeme ?? 0)));
    const hours = line.occurredAt === undefined ? 0 : (now - Date.parse(line.occurredAt)) / 3_600_000;
    const severity = line.severity ?? severityBy(whole, hours);
    const key = `${line.transactionId.toLowerCase()} ${line.reason}`;
    const before = desk.get(key);
    if (!before)
      desk.set(key, { severity, ...(line.dueAt && { dueAt: new Date(line.dueAt).toISOString() }) });
    else if (severities.indexOf(severity) > severities.indexOf(before.severity)) before.severity = severity;
  }
  return desk;
}

const keyOf = ({ transactionId, reason }: Item): string => `${transactionId} ${reason}`;
const keysOf = (items: readonly Item[]): string[] => items.map(keyOf).sort();

/** The commands that have a route of their own, and how to send them without changing an earlier decision. */
const trials: Record<string, [path: string, body?: object]> = {
  assign: ['assign', { assignee: 'somebody@example.com' }],
  unassign: ['unassign'],
  force_match: ['force-match', { overrideReason: 'BUSINESS_DECISION', notes: 'Seen by finance.' }],
  adjust_entry: [
    'adjust-entry',
    { amount: 1, currency: 'JPY', effectiveAt: '2026-03-02T08:00:00Z', reasonCode: 'FX', notes: 'Rounding.' },
  ],
  resolve: ['resolve', { resolution: 'ACCEPTED' }],
  dispatch: ['dispatch', { targetSystem: 'MANUAL' }],
};

describe('an analyst’s morning', () => {
  it.each([
    ['breaks.ndjson', 'application/x-ndjson'],
    ['breaks.csv', 'text/csv'],
  ])(
    'begins with the import of %s, as its expectation says',
    async (name, type) => {
      const person = name === 'breaks.ndjson' ? ana : service.person();
      const { rejectedLines, ...counts } = expected[name]!;
      const { status, body } = await importFile(person, name, type);
      expect([status, { ...body, rejectedLines: 'see below' }]).toEqual([
        200,
        { ...counts, rejectedLines: 'see below' },
      ]);
      expect(body.rejectedLines.map(({ line }: Item) => line)).toEqual(rejectedLines.map(({ line }) => line));
      for (const { code, message } of body.rejectedLines as Item[]) {
        expect(code).toMatch(/^[a-z_]+$/);
        expect(message).toMatch(/\.$/);
      }
      const again = await importFile(person, name, type);
      const { received, raised, seenAgain, rejected } = counts;
      expect(again.body).toMatchObject({ received, raised: 0, seenAgain: raised + seenAgain, rejected });
    },
    60_000,
  );

  it('has everything on the desk, with the severities that follow from amount and age', async () => {
    const desk = expectedDesk();
    expect(desk.size).toBe(expected['breaks.ndjson']!.raised);
    const items = await all(ana, '/v1/exceptions', 'limit=200&sort_by=id&sort_order=asc');
    expect(keysOf(items)).toEqual([...desk.keys()].sort());
    const wrong = items.filter((item) => desk.get(keyOf(item))?.severity !== item['severity']);
    expect(wrong).toEqual([]);
  }, 60_000);

  it('goes on with what is overdue and what is critical, through all pages', async () => {
    const late = await ana.raise({ reason: 'Settlement missing', dueAt: '2026-01-05T12:00:00-03:00' });
    await ana.raise({
      reason: 'Settlement missing',
      dueAt: '2126-01-05T12:00:00-03:00',
      severity: 'CRITICAL',
    });
    const now = new Date().toISOString();
    const desk = expectedDesk();
    const overdue = await all(ana, '/v1/exceptions', 'overdue=true&sort_by=due_at&sort_order=asc&limit=7');
    const overdueKeys = [...desk]
      .filter(([, { dueAt }]) => dueAt !== undefined && dueAt < now)
      .map(([key]) => key);
    expect(keysOf(overdue)).toEqual([...overdueKeys, keyOf(late)].sort());
    const dueDates = overdue.map(({ dueAt }) => dueAt as string);
    expect(dueDates).toEqual([...dueDates].sort());
    const critical = await all(ana, '/v1/exceptions', 'severity=CRITICAL&limit=200');
    expect(critical).toHaveLength(
      [...desk.values()].filter(({ severity }) => severity === 'CRITICAL').length + 1,
    );
    const both = await all(ana, '/v1/exceptions', 'severity=CRITICAL&overdue=true&limit=200');
    expect(both.map(({ id }) => id).sort()).toEqual(
      overdue
        .filter(({ severity }) => severity === 'CRITICAL')
        .map(({ id }) => id)
        .sort(),
    );
  }, 60_000);

  it('takes on a few of them, and sees them as her own', async () => {
    const { body } = await ana.get('/v1/exceptions?unassigned=true&status=OPEN&limit=5');
    for (const { id, version, dueAt } of body.items as Item[]) {
      const assigned = await ana.post(
        `/v1/exceptions/${id}/assign`,
        { assignee: ana.actor },
        { 'if-match': `"${version}"` },
      );
      expect(assigned.body).toMatchObject({
        status: 'ASSIGNED',
        assignedTo: ana.actor,
        dueAt,
        version: version + 1,
      });
      expect(assigned.headers['etag']).toBe(`"${version + 1}"`);
    }
    const mine = await all(ana, '/v1/exceptions', `assigned_to=${encodeURIComponent(ana.actor)}`);
    expect(mine.map(({ id }) => id).sort()).toEqual((body.items as Item[]).map(({ id }) => id).sort());
  });

  it('does not overwrite what a colleague did in the meantime', async () => {
    const { id } = await ana.raise({ reason: 'Value date differs' });
    const seen = (await ana.get(`/v1/exceptions/${id}`)).headers['etag']!;
    await bo.post(`/v1/exceptions/${id}/assign`, { assignee: bo.actor });
    const late = await ana.post(
      `/v1/exceptions/${id}/resolve`,
      { resolution: 'ACCEPTED' },
      { 'if-match': seen },
    );
    expect([late.status, late.body.title, late.body.details]).toEqual([
      412,
      'stale_version',
      { expected: 1, actual: 2 },
    ]);
    const now = await ana.get(`/v1/exceptions/${id}`);
    expect(now.body).toMatchObject({ status: 'ASSIGNED', assignedTo: bo.actor });
    const informed = await ana.post(
      `/v1/exceptions/${id}/resolve`,
      { resolution: 'ACCEPTED' },
      { 'if-match': now.headers['etag']! },
    );
    expect(informed.status).toBe(200);
  });

  it('force-matches with a reason, which the history tells with before and after', async () => {
    const { id } = await ana.raise({ amount: '1500.50', currency: 'BRL' });
    await ana.post(`/v1/exceptions/${id}/assign`, { assignee: bo.actor, dueAt: '2026-12-24T18:00:00+01:00' });
    const matched = await bo.post(`/v1/exceptions/${id}/force-match`, trials['force_match']![1]);
    expect(matched.body).toMatchObject({
      status: 'RESOLVED',
      resolutionType: 'FORCE_MATCH',
      resolutionReason: 'BUSINESS_DECISION',
      resolutionNotes: 'Seen by finance.',
      resolvedBy: bo.actor,
    });
    const { body } = await ana.get(`/v1/exceptions/${id}/history`);
    expect(body.items.map(({ seq, type, actor, version }: Item) => [seq, type, actor, version])).toEqual([
      [1, 'exception.raised', ana.actor, 1],
      [2, 'exception.assigned', ana.actor, 2],
      [3, 'exception.force_matched', bo.actor, 3],
    ]);
    const [raised, assigned, forceMatched] = body.items;
    expect(raised.changes).toMatchObject({
      status: { to: 'OPEN' },
      amount: { to: { amount: '1500.50', currency: 'BRL' } },
    });
    expect(assigned.changes).toEqual({
      status: { from: 'OPEN', to: 'ASSIGNED' },
      assignedTo: { to: bo.actor },
      assignedBy: { to: ana.actor },
      dueAt: { from: expect.any(String), to: '2026-12-24T17:00:00.000Z' },
    });
    expect(forceMatched.changes).toEqual({
      status: { from: 'ASSIGNED', to: 'RESOLVED' },
      resolutionType: { to: 'FORCE_MATCH' },
      resolutionReason: { to: 'BUSINESS_DECISION' },
      resolutionNotes: { to: 'Seen by finance.' },
      resolvedAt: { to: matched.body.resolvedAt },
      resolvedBy: { to: bo.actor },
    });
    expect(raised.prevHash).toBe('0'.repeat(64));
    expect([assigned.prevHash, forceMatched.prevHash]).toEqual([raised.hash, assigned.hash]);
  });

  it.each([
    ['JPY', '1234567', 1_234_567],
    ['JPY', '12345678901234567890', '12345678901234567890'],
    ['BHD', '0.001', 0.001],
    ['BHD', '12345678901234567.891', '12345678901234567.891'],
    ['BHD', '1.500', '1.5'],
  ])('posts an adjustment in %s of exactly %s', async (currency, exact, amount) => {
    const { id } = await ana.raise();
    const how = { effectiveAt: '2026-02-28T23:30:00-03:00', reasonCode: 'FEE_ADJUSTMENT', notes: 'Fee.' };
    const adjusted = await ana.post(`/v1/exceptions/${id}/adjust-entry`, {
      ...how,
      amount,
      currency,
      direction: 'CREDIT',
    });
    expect([adjusted.status, adjusted.body.resolutionType]).toEqual([200, 'ADJUST_ENTRY']);
    const posted = await ana.get(`/v1/exceptions/${id}/adjustments`);
    expect(posted.body.items).toEqual([
      {
        ...{ id: expect.any(String), exceptionId: id, amount: exact, currency, direction: 'CREDIT' },
        ...{ effectiveAt: '2026-03-01T02:30:00.000Z', reasonCode: 'FEE_ADJUSTMENT', notes: 'Fee.' },
        ...{ createdBy: ana.actor, createdAt: expect.any(String) },
      },
    ]);
    const { body } = await ana.get(`/v1/exceptions/${id}/history?sort_order=desc&limit=1`);
    expect(body.items[0].data.adjustment.amount).toEqual({ amount: exact, currency });
  });

  it.each([
    ['JPY', 0.5, 0],
    ['BHD', '1.2345', 3],
  ])(
    'refuses an adjustment in %s with a digit too many, and posts nothing',
    async (currency, amount, allowed) => {
      const { id } = await ana.raise();
      const how = { effectiveAt: '2026-03-01T00:00:00Z', reasonCode: 'FEE', notes: 'Fee.' };
      const refused = await ana.post(`/v1/exceptions/${id}/adjust-entry`, { ...how, amount, currency });
      expect([refused.status, refused.body.title, refused.body.details.allowed]).toEqual([
        422,
        'amount_precision',
        allowed,
      ]);
      expect((await ana.get(`/v1/exceptions/${id}/adjustments`)).body).toEqual({ items: [] });
      expect((await ana.get(`/v1/exceptions/${id}`)).body).toMatchObject({ status: 'OPEN', version: 1 });
    },
  );

  it('resolves plainly, which leaves no type of resolution', async () => {
    const { id } = await ana.raise();
    const { body } = await ana.post(`/v1/exceptions/${id}/resolve`, {
      resolution: 'ACCEPTED',
      reason: 'Tolerable.',
    });
    expect(body).toMatchObject({
      status: 'RESOLVED',
      resolutionNotes: 'ACCEPTED',
      resolutionReason: 'Tolerable.',
    });
    expect(body).not.toHaveProperty('resolutionType');
  });

  it('hands one over by hand, once', async () => {
    const { id } = await ana.raise();
    const handed = await ana.post(`/v1/exceptions/${id}/dispatch`, {
      targetSystem: 'MANUAL',
      queue: 'BRANCH',
    });
    expect(handed.body).toEqual({
      exceptionId: id,
      target: 'MANUAL',
      acknowledged: true,
      dispatchedAt: expect.any(String),
    });
    const { body } = await ana.get(`/v1/exceptions/${id}`);
    expect(body).toMatchObject({
      status: 'PENDING_RESOLUTION',
      pending: 'external',
      externalSystem: 'MANUAL',
    });
    const twice = await ana.post(`/v1/exceptions/${id}/dispatch`, { targetSystem: 'MANUAL' });
    expect([twice.status, twice.body.title]).toEqual([422, 'already_dispatched']);
    const jira = await ana.post(`/v1/exceptions/${id}/dispatch`, { targetSystem: 'JIRA' });
    expect([jira.status, jira.body.title]).toEqual([422, 'connector_not_configured']);
    const done = await ana.post(`/v1/exceptions/${id}/resolve`, { resolution: 'DONE BY BRANCH' });
    expect(done.body).toMatchObject({ status: 'RESOLVED' });
    expect(done.body).not.toHaveProperty('pending');
  });

  it('opens a dispute, which its exception remembers', async () => {
    const { id } = await ana.raise();
    const opening = { category: 'amount_mismatch', description: 'Differs from the invoice.' };
    const opened = await ana.post(`/v1/exceptions/${id}/disputes`, opening);
    expect([opened.status, opened.headers['etag']]).toEqual([201, '"1"']);
    expect(opened.headers['location']).toBe(`/v1/disputes/${opened.body.id}`);
    const found = await bo.get(opened.headers['location']!);
    const { allowedActions: _, ...dispute } = found.body;
    expect([dispute, found.headers['etag']]).toEqual([opened.body, '"1"']);
    expect(found.body).toMatchObject({
      exceptionId: id,
      state: 'OPEN',
      category: 'AMOUNT_MISMATCH',
      evidence: [],
    });
    const second = await bo.post(`/v1/exceptions/${id}/disputes`, opening);
    expect([second.status, second.body.title, second.body.details.disputeId]).toEqual([
      422,
      'dispute_active',
      opened.body.id,
    ]);
    await bo.post(`/v1/exceptions/${id}/resolve`, { resolution: 'ACCEPTED' });
    const { body } = await ana.get(`/v1/exceptions/${id}/history`);
    expect(body.items.map(({ type }: Item) => type)).toEqual([
      'exception.raised',
      'dispute.opened',
      'exception.resolved',
    ]);
    expect(body.items[1]).toMatchObject({ disputeId: opened.body.id, version: 1, actor: ana.actor });
    expect(body.items[2].data).toEqual({ activeDisputes: [opened.body.id] });
  });

  describe('is told beforehand what can be done', () => {
    const prepared: Record<string, (id: string) => Promise<unknown>> = {
      OPEN: async () => undefined,
      ASSIGNED: (id) => ana.post(`/v1/exceptions/${id}/assign`, { assignee: ana.actor }),
      PENDING_RESOLUTION: (id) => ana.post(`/v1/exceptions/${id}/dispatch`, { targetSystem: 'MANUAL' }),
      RESOLVED: (id) => ana.post(`/v1/exceptions/${id}/resolve`, { resolution: 'ACCEPTED' }),
    };
    const matrix = Object.keys(prepared).flatMap((status) =>
      Object.keys(trials).map((command) => [command, status] as const),
    );

    it.each(matrix)('%s while %s goes as announced', async (command, status) => {
      const { id } = await ana.raise();
      await prepared[status]!(id);
      const before = await ana.get(`/v1/exceptions/${id}`);
      expect(before.body.status).toBe(status);
      const [route, body] = trials[command]!;
      const announced = before.body.allowedActions[route];
      const happened: Answer = await ana.post(`/v1/exceptions/${id}/${route}`, body, {
        'if-match': before.headers['etag']!,
      });
      if (announced.allowed) {
        expect([happened.status, happened.body.title]).toEqual([200, undefined]);
      } else {
        const { code: title, reason: message } = announced;
        expect(happened.status).toBe(422);
        expect(happened.body).toMatchObject({ title, message });
        expect((await ana.get(`/v1/exceptions/${id}`)).body).toEqual(before.body);
      }
    });
  });

  it('finds nothing on the desk of another tenant', async () => {
    const { id } = await ana.raise();
    const stranger = service.person();
    for (const route of ['', '/history', '/adjustments']) {
      const answer = await stranger.get(`/v1/exceptions/${id}${route}`);
      const unknown = await stranger.get(`/v1/exceptions/${newId()}${route}`);
      expect([answer.status, answer.body.title]).toEqual([404, 'not_found']);
      expect(Object.keys(answer.body)).toEqual(Object.keys(unknown.body));
    }
    for (const [route, body] of Object.values(trials)) {
      expect((await stranger.post(`/v1/exceptions/${id}/${route}`, body)).status).toBe(404);
    }
    expect((await stranger.get('/v1/exceptions')).body.items).toEqual([]);
  });
});
