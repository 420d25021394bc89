import type { ReasonCodes } from '@redress/domain';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type Json, type Person, type TestApp } from '../support/app';

let service: TestApp;

beforeAll(async () => {
  service = await startTestApp();
}, 60_000);

afterAll(() => service.close());

const outcomeOf = ({ status, body }: Answer): [number, string?] =>
  status < 300 ? [status] : [status, body.title as string];

const freeText: ReasonCodes = { force_match: 'free_text', adjust_entry: 'free_text', resolve: 'free_text' };
const lists: ReasonCodes = {
  force_match: [{ code: 'BUSINESS_DECISION', label: 'Decided by the business' }],
  adjust_entry: [
    { code: 'FEE', label: 'Bank fee' },
    { code: 'ROUNDING', label: 'Rounding difference', active: false },
  ],
  resolve: [
    { code: 'TIMING', label: 'Came with a later statement', active: true },
    { code: 'Überweisung "doppelt"', label: '日本' },
  ],
};

const put = (person: Person, commands: unknown, headers: Record<string, string> = {}) =>
  person.send('PUT', '/v1/reason-codes', { body: { commands }, headers });

async function holding(person: Person, commands: ReasonCodes): Promise<void> {
  const { status, text } = await put(person, commands);
  if (status !== 200) throw new Error(text);
}

type Tenant = Readonly<{ ana: Person; ben: Person }>;

/** A tenant with lists, and two who work there. */
async function aTenant(commands = lists): Promise<Tenant> {
  const tenant = `tenant-${newId()}`;
  const [ana, ben] = [service.person({ tenant }), service.person({ tenant, actor: 'ben' })];
  await holding(ana, commands);
  return { ana, ben };
}

const act = (person: Person, id: string, what: string, body?: object, query = '') =>
  person.post(`/v1/exceptions/${id}/${what}${query}`, body);

const bodies: Readonly<Record<string, (reason?: string) => Record<string, unknown>>> = {
  'force-match': (overrideReason) => ({ overrideReason, notes: 'Seen.' }),
  'adjust-entry': (reasonCode) => ({
    amount: '1.50',
    currency: 'EUR',
    effectiveAt: '2026-01-01T00:00:00.000Z',
    reasonCode,
    notes: 'Seen.',
  }),
  resolve: (reason) => ({ resolution: 'Seen.', reason }),
};

describe('where there is a list of reasons', () => {
  it.each([
    ['force-match', 'BUSINESS_DECISION'],
    ['adjust-entry', 'FEE'],
    ['resolve', 'TIMING'],
    ['resolve', 'Überweisung "doppelt"'],
  ])('%s takes %s', async (command, code) => {
    const { ana } = await aTenant();
    const { id } = await ana.raise();
    const { status, body } = await act(ana, id, command, bodies[command]!(code));
    expect([status, body.status, body.resolutionReason]).toEqual([200, 'RESOLVED', code]);
  });

  it.each([
    ['force-match', 'overrideReason', ['BUSINESS_DECISION']],
    ['adjust-entry', 'reasonCode', ['FEE']],
    ['resolve', 'reason', ['TIMING', 'Überweisung "doppelt"']],
  ])('%s takes no other, and says in which field and which it takes', async (command, field, allowed) => {
    const { ana } = await aTenant();
    const { id } = await ana.raise();
    for (const given of ['WHIM', 'ROUNDING', 'timing', 'TIMING ']) {
      const answer = await act(ana, id, command, bodies[command]!(given));
      expect(outcomeOf(answer)).toEqual([422, 'reason_not_listed']);
      expect(answer.body.details).toEqual({ field, given, allowed });
      expect(answer.body.message).toBe(
        `${field} ${given} is not among the reason codes; give one of ${allowed.join(', ')}.`,
      );
    }
    expect((await ana.get(`/v1/exceptions/${id}`)).body).toMatchObject({ status: 'OPEN', version: 1 });
    expect((await ana.get(`/v1/exceptions/${id}/adjustments`)).body.items).toEqual([]);
  });

  it('resolve needs a reason, which it does not elsewhere', async () => {
    const { ana } = await aTenant();
    const { id } = await ana.raise();
    const answer = await act(ana, id, 'resolve', { resolution: 'Seen.' });
    expect(outcomeOf(answer)).toEqual([422, 'reason_not_listed']);
    expect(answer.body.details).toEqual({ field: 'reason', allowed: ['TIMING', 'Überweisung "doppelt"'] });
    await holding(ana, freeText);
    expect(outcomeOf(await act(ana, id, 'resolve', { resolution: 'Seen.' }))).toEqual([200]);
  });

  it('what is malformed is still malformed', async () => {
    const { ana } = await aTenant();
    const { id } = await ana.raise();
    for (const reason of ['', ' ', 'x'.repeat(256)])
      expect(outcomeOf(await act(ana, id, 'force-match', bodies['force-match']!(reason)))).toEqual([
        400,
        'invalid_request',
      ]);
  });

  it('a preview refuses what the command would', async () => {
    const { ana } = await aTenant();
    const { id } = await ana.raise();
    const preview = async (reason: string) =>
      outcomeOf(await act(ana, id, 'resolve', bodies['resolve']!(reason), '?preview=true'));
    expect(await preview('WHIM')).toEqual([422, 'reason_not_listed']);
    expect(await preview('TIMING')).toEqual([200]);
    expect((await ana.get(`/v1/exceptions/${id}`)).body.status).toBe('OPEN');
  });

  it('a refusal under a key is told again, whatever the list says by then', async () => {
    const { ana } = await aTenant();
    const { id } = await ana.raise();
    const once = () =>
      ana.post(`/v1/exceptions/${id}/resolve`, bodies['resolve']!('WHIM'), { 'x-idempotency-key': 'k' });
    const first = await once();
    await holding(ana, freeText);
    const again = await once();
    expect([again.status, again.text]).toEqual([422, first.text]);
    expect(outcomeOf(await act(ana, id, 'resolve', bodies['resolve']!('WHIM')))).toEqual([200]);
  });

  it('many at once are held to it one by one', async () => {
    const { ana } = await aTenant();
    const exceptionIds = [(await ana.raise()).id, (await ana.raise()).id];
    const bulk = (reason?: string) =>
      ana.post('/v1/exceptions/bulk/resolve', { exceptionIds, ...bodies['resolve']!(reason) });
    for (const reason of ['WHIM', undefined]) {
      const { status, body } = await bulk(reason);
      expect([status, body.succeeded]).toEqual([200, []]);
      expect(body.failed.map(({ code }: Json) => code)).toEqual(['reason_not_listed', 'reason_not_listed']);
    }
    expect((await bulk('TIMING')).body.succeeded.sort()).toEqual([...exceptionIds].sort());
  });

  it('so is an edited export', async () => {
    const { ana } = await aTenant();
    const [one, two, three] = [await ana.raise(), await ana.raise(), await ana.raise()];
    const raw = [
      'id,version,resolution,reason',
      `${one.id},1,Seen,TIMING`,
      `${two.id},1,Seen,WHIM`,
      `${three.id},1,Seen,`,
      '',
    ].join('\n');
    const headers = { 'content-type': 'text/csv' };
    const { body } = await ana.send('POST', '/v1/exceptions/bulk/apply', { raw, headers });
    expect(body).toMatchObject({ changed: 1, failed: 2 });
    expect(body.failures.map(({ line, code }: Json) => [line, code])).toEqual([
      [3, 'reason_not_listed'],
      [4, 'reason_not_listed'],
    ]);
  });

  it('a proposal is held to it when it is made, and confirmed whatever it says by then', async () => {
    const { ana, ben } = await aTenant();
    const rules = [{ command: 'adjust_entry', approvers: 1 }];
    await ana.send('PUT', '/v1/approval-policy', { body: { rules } });
    const { id } = await ana.raise();
    const adjust = (reason: string) => act(ana, id, 'adjust-entry', bodies['adjust-entry']!(reason));
    expect(outcomeOf(await adjust('WHIM'))).toEqual([422, 'reason_not_listed']);
    expect((await adjust('FEE')).body.pending).toBe('approval');
    await holding(ana, { ...lists, adjust_entry: [{ code: 'OTHER', label: 'Other' }] });
    const { status, body } = await act(ben, id, 'approve');
    expect([status, body.status, body.resolutionReason]).toEqual([200, 'RESOLVED', 'FEE']);
  });

  it('what an external system reports is not held to it', async () => {
    const { ana } = await aTenant();
    const { id } = await ana.raise();
    await act(ana, id, 'dispatch', { targetSystem: 'MANUAL' });
    const callback = {
      externalSystem: 'MANUAL',
      externalIssueId: 'M-1',
      status: 'RESOLVED',
      resolutionNotes: 'Paid back.',
    };
    const { status } = await ana.post(`/v1/exceptions/${id}/callback`, callback, {
      'x-idempotency-key': newId(),
    });
    expect(status).toBe(200);
    expect((await ana.get(`/v1/exceptions/${id}`)).body.status).toBe('RESOLVED');
  });

  it('a reversal is not, for it says why in prose', async () => {
    const { ana } = await aTenant();
    const { id } = await ana.raise();
    await act(ana, id, 'adjust-entry', bodies['adjust-entry']!('FEE'));
    await holding(ana, { ...lists, adjust_entry: [{ code: 'OTHER', label: 'Other' }] });
    const [posted] = (await ana.get(`/v1/exceptions/${id}/adjustments`)).body.items;
    const reversed = await ana.post(`/v1/adjustments/${posted.id}/reverse`, { reason: 'Wrong account.' });
    expect(outcomeOf(reversed)).toEqual([201]);
  });

  it('no other tenant is held to it', async () => {
    await aTenant();
    const eve = service.person();
    const { id } = await eve.raise();
    expect(outcomeOf(await act(eve, id, 'force-match', bodies['force-match']!('WHIM')))).toEqual([200]);
  });

  it('a refusal names the first of many codes, and how many more there are', async () => {
    const codes = Array.from({ length: 200 }, (_, i) => ({ code: `C${i}`, label: `Code ${i}` }));
    const { ana } = await aTenant({ ...freeText, resolve: codes });
    const { id } = await ana.raise();
    const { body } = await act(ana, id, 'resolve', bodies['resolve']!('x'.repeat(1000)));
    expect(body.details).toMatchObject({ given: 'x'.repeat(255), more: 180 });
    expect(body.details.allowed).toEqual(codes.slice(0, 20).map(({ code }) => code));
    expect(outcomeOf(await act(ana, id, 'resolve', bodies['resolve']!('C199')))).toEqual([200]);
  });
});

describe('the reason codes', () => {
  it('are put by version, and every version is kept', async () => {
    const ana = service.person();
    const before = await ana.get('/v1/reason-codes');
    expect([before.headers['etag'], before.body]).toEqual(['"0"', { version: 0, commands: freeText }]);
    const key = { 'x-idempotency-key': newId() };
    const first = await put(ana, lists, { 'if-match': '"0"', ...key });
    expect(first.headers['etag']).toBe('"1"');
    expect(first.body).toEqual({
      id: expect.any(String),
      version: 1,
      commands: lists,
      createdAt: expect.any(String),
      createdBy: ana.actor,
    });
    const again = await put(ana, lists, { 'if-match': '"0"', ...key });
    expect([again.text, again.headers['x-idempotency-replayed']]).toEqual([first.text, 'true']);
    expect(outcomeOf(await put(ana, freeText, { 'if-match': '"0"' }))).toEqual([412, 'stale_version']);
    expect(outcomeOf(await put(ana, freeText, { 'if-match': '"1"' }))).toEqual([200]);
    expect((await ana.get('/v1/reason-codes')).body).toMatchObject({ version: 2, commands: freeText });
    const { body } = await ana.get('/v1/reason-codes/versions');
    expect(body.items.map(({ version }: Json) => version)).toEqual([2, 1]);
    expect(body.items[1]).toEqual(first.body);
    const page = (await ana.get('/v1/reason-codes/versions?limit=1')).body;
    const next = await ana.get(`/v1/reason-codes/versions?limit=1&cursor=${page.nextCursor}`);
    expect(next.body.items.map(({ version }: Json) => version)).toEqual([1]);
  });

  it('are previewed without being put', async () => {
    const ana = service.person();
    const { status } = await ana.send('PUT', '/v1/reason-codes?preview=true', { body: { commands: lists } });
    expect(status).toBe(200);
    expect((await ana.get('/v1/reason-codes')).body.version).toBe(0);
  });

  it('get one version from each of ten who put them at once', async () => {
    const ana = service.person();
    const answers = await Promise.all(Array.from({ length: 10 }, () => put(ana, lists)));
    expect(answers.map(({ body }) => body.version).sort((a, b) => a - b)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
  });

  it('are read with the permission to read exceptions, and put by an administrator alone', async () => {
    const { ana } = await aTenant();
    const reader = service.person({ tenant: ana.tenant, scopes: ['exception:read', 'exception:resolve'] });
    const admin = service.person({ tenant: ana.tenant, scopes: ['admin'] });
    expect((await reader.get('/v1/reason-codes')).body.commands).toEqual(lists);
    expect(outcomeOf(await put(reader, freeText))).toEqual([403, 'insufficient_scope']);
    expect(outcomeOf(await reader.get('/v1/reason-codes/versions'))).toEqual([403, 'insufficient_scope']);
    expect(outcomeOf(await admin.get('/v1/reason-codes'))).toEqual([403, 'insufficient_scope']);
    expect(outcomeOf(await admin.get('/v1/reason-codes/versions'))).toEqual([200]);
    expect(outcomeOf(await put(admin, freeText))).toEqual([200]);
  });

  it('belong to one tenant', async () => {
    await aTenant();
    const eve = service.person();
    expect((await eve.get('/v1/reason-codes')).body).toEqual({ version: 0, commands: freeText });
    expect((await eve.get('/v1/reason-codes/versions')).body.items).toEqual([]);
  });

  const fee = { code: 'FEE', label: 'Bank fee' };
  it.each([
    [undefined],
    [null],
    ['free_text'],
    [[]],
    [{}],
    [{ force_match: 'free_text', adjust_entry: 'free_text' }],
    [{ ...freeText, dispatch: [fee] }],
    [{ ...freeText, resolve: 'anything' }],
    [{ ...freeText, resolve: null }],
    [{ ...freeText, resolve: [] }],
    [{ ...freeText, resolve: ['FEE'] }],
    [{ ...freeText, resolve: [{ code: 'FEE' }] }],
    [{ ...freeText, resolve: [{ ...fee, code: 7 }] }],
    [{ ...freeText, resolve: [{ ...fee, active: 'no' }] }],
    [{ ...freeText, resolve: [{ ...fee, since: '2026' }] }],
    [{ ...freeText, resolve: [{ ...fee, active: false }] }],
    [{ ...freeText, resolve: [fee, fee] }],
    [{ ...freeText, resolve: [{ ...fee, code: ' FEE' }] }],
    [{ ...freeText, resolve: [{ ...fee, code: '' }] }],
    [{ ...freeText, resolve: [{ ...fee, label: ' ' }] }],
    [{ ...freeText, resolve: [{ ...fee, code: 'x'.repeat(256) }] }],
    [{ ...freeText, resolve: Array.from({ length: 201 }, (_, i) => ({ ...fee, code: `C${i}` })) }],
  ])('are none: case %#', async (commands) => {
    const ana = service.person();
    const answer = await put(ana, commands);
    expect(outcomeOf(answer)).toEqual([400, 'invalid_request']);
    expect(Object.keys(answer.body.details.fields)).toEqual(['commands']);
    expect((await ana.get('/v1/reason-codes')).body.version).toBe(0);
  });

  it('may hold what objects have by themselves', async () => {
    const ana = service.person();
    const odd = ['constructor', '__proto__', 'toString'].map((code) => ({ code, label: code }));
    await holding(ana, { ...freeText, resolve: odd });
    for (const { code } of odd) {
      const { id } = await ana.raise();
      expect(outcomeOf(await act(ana, id, 'resolve', bodies['resolve']!(code)))).toEqual([200]);
    }
    const raw = `{"commands":{"__proto__":{},"force_match":"free_text","adjust_entry":"free_text","resolve":"free_text"}}`;
    const headers = { 'content-type': 'application/json' };
    expect(outcomeOf(await ana.send('PUT', '/v1/reason-codes', { raw, headers }))).toEqual([
      400,
      'invalid_request',
    ]);
  });
});
