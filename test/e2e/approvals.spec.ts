import { newId } from '../../apps/api/src/ids';
import { ExceptionDesk, type DeskStore } from '@redress/domain';
import { Deadlines } from '@redress/domain/integrations';
import { STORE } from '../../apps/api/src/storage/storage.module';
import { startTestApp, type Answer, type Json, type Person, type TestApp } from '../support/app';
import { ownerOf, type Owner } from '../support/owner';

let service: TestApp;
let owner: Owner;

beforeAll(async () => {
  service = await startTestApp();
  owner = ownerOf(service.database.url);
}, 60_000);

afterAll(async () => {
  await owner.end();
  await service.close();
});

const outcomeOf = ({ status, body }: Answer): [number, string?] =>
  status < 300 ? [status] : [status, body.title as string];

const rules = [
  { command: 'adjust_entry', currency: 'EUR', minimumAmount: '1000.00', approvers: 2 },
  { command: 'force_match', approvers: 1 },
  { command: 'resolve', severity: 'CRITICAL', approvers: 1 },
];

type Tenant = Readonly<{ tenant: string; ana: Person; ben: Person; cyd: Person }>;

/** A tenant with a policy, and three who work there. */
async function aTenant(policy: readonly object[] = rules): Promise<Tenant> {
  const tenant = `tenant-${newId()}`;
  const [ana, ben, cyd] = ['ana', 'ben', 'cyd'].map((actor) => service.person({ tenant, actor }));
  const put = await ana!.send('PUT', '/v1/approval-policy', { body: { rules: policy } });
  if (put.status !== 200) throw new Error(put.text);
  return { tenant, ana: ana!, ben: ben!, cyd: cyd! };
}

const forceMatch = { overrideReason: 'BUSINESS_DECISION', notes: 'Seen.' };
const adjustment = (amount: string, currency = 'EUR') => ({
  amount,
  currency,
  effectiveAt: '2026-01-01T00:00:00.000Z',
  reasonCode: 'FEE',
  notes: 'Seen.',
});

async function proposed(by: Person, command = 'force-match', body: object = forceMatch): Promise<string> {
  const { id } = await by.raise();
  const answer = await by.post(`/v1/exceptions/${id}/${command}`, body);
  if (answer.body.pending !== 'approval') throw new Error(answer.text);
  return id as string;
}

const act = (person: Person, id: string, what: string, body?: object, headers?: Record<string, string>) =>
  person.post(`/v1/exceptions/${id}/${what}`, body, headers);

const types = async (person: Person, id: string): Promise<string[]> =>
  (await person.get(`/v1/exceptions/${id}/history`)).body.items.map(({ type }: Json) => type);

describe('where a policy asks for approval', () => {
  it('resolving proposes, and another person approves it', async () => {
    const { ana, ben } = await aTenant();
    const { id } = await ana.raise();
    const { status, body } = await act(ana, id, 'force-match', forceMatch);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'PENDING_RESOLUTION',
      pending: 'approval',
      proposal: {
        command: 'force_match',
        details: forceMatch,
        proposedBy: 'ana',
        approvalsNeeded: 1,
        approvals: [],
        policyVersion: 1,
      },
    });
    const hours = Date.parse(body.proposal.expiresAt) - Date.parse(body.proposal.proposedAt);
    expect(hours).toBe(72 * 3_600_000);
    expect(body.pendingSince).toBe(body.proposal.proposedAt);
    const approved = await act(ben, id, 'approve');
    expect(approved.body).toMatchObject({
      status: 'RESOLVED',
      resolvedBy: 'ben',
      resolutionType: 'FORCE_MATCH',
    });
    expect(approved.body).not.toHaveProperty('proposal');
    expect(approved.body).not.toHaveProperty('pendingSince');
    expect(await types(ana, id)).toEqual([
      'exception.raised',
      'exception.resolution_proposed',
      'exception.confirmed',
    ]);
  });

  it('takes as many different approvers as the rule says, and posts once', async () => {
    const { ana, ben, cyd } = await aTenant();
    const id = await proposed(ana, 'adjust-entry', adjustment('1000.00'));
    expect(outcomeOf(await act(ana, id, 'approve'))).toEqual([422, 'own_proposal']);
    const first = await act(ben, id, 'approve');
    expect(first.body).toMatchObject({
      status: 'PENDING_RESOLUTION',
      proposal: { approvals: [{ by: 'ben' }] },
    });
    expect(outcomeOf(await act(ben, id, 'approve'))).toEqual([422, 'already_approved']);
    expect((await ana.get(`/v1/exceptions/${id}/adjustments`)).body.items).toEqual([]);
    expect(outcomeOf(await act(cyd, id, 'approve'))).toEqual([200]);
    expect((await ana.get(`/v1/exceptions/${id}/adjustments`)).body.items).toMatchObject([
      { amount: '1000.00' },
    ]);
    expect(await types(ana, id)).toEqual([
      'exception.raised',
      'exception.resolution_proposed',
      'exception.approval_given',
      'exception.confirmed',
    ]);
  });

  it('is refused to the assigner, where the rule says so', async () => {
    const { ana, ben, cyd } = await aTenant([
      { command: 'resolve', approvers: 1, mayNotApprove: ['assigner'] },
    ]);
    const { id } = await ana.raise();
    await act(ben, id, 'assign', { assignee: 'ana' });
    const { body } = await act(ana, id, 'resolve', { resolution: 'ACCEPTED' });
    expect(body).toMatchObject({ assignedBy: 'ben', proposal: { assignedBy: 'ben' } });
    expect(outcomeOf(await act(ben, id, 'approve'))).toEqual([422, 'assigned_by_approver']);
    expect((await ben.get('/v1/approvals?mine=true')).body.items).toEqual([]);
    expect((await cyd.get('/v1/approvals?mine=true')).body.items).toHaveLength(1);
    expect(outcomeOf(await act(cyd, id, 'approve'))).toEqual([200]);
  });

  it('leaves alone what no rule fits', async () => {
    const { ana } = await aTenant();
    for (const [command, body] of [
      ['adjust-entry', adjustment('999.99')],
      ['resolve', { resolution: 'ACCEPTED' }],
    ] as const) {
      const { id } = await ana.raise({ severity: 'LOW' });
      expect((await act(ana, id, command, body)).body.status).toBe('RESOLVED');
    }
    // What no rule names the currency of is never cheaper.
    const { id: foreign } = await ana.raise({ severity: 'LOW' });
    expect((await act(ana, foreign, 'adjust-entry', adjustment('0.01', 'BRL'))).body.pending).toBe(
      'approval',
    );
    const nobody = service.person();
    const { id } = await nobody.raise();
    expect((await act(nobody, id, 'force-match', forceMatch)).body.status).toBe('RESOLVED');
  });

  it('a rejection gives it back to its assignee, with the reason', async () => {
    const { ana, ben } = await aTenant();
    const { id } = await ana.raise();
    await act(ana, id, 'assign', { assignee: 'ana' });
    await act(ana, id, 'force-match', forceMatch);
    expect(outcomeOf(await act(ana, id, 'reject', { reason: 'No.' }))).toEqual([422, 'own_proposal']);
    const rejected = await act(ben, id, 'reject', { reason: 'The fee is right.' });
    expect(rejected.body).toMatchObject({ status: 'ASSIGNED', assignedTo: 'ana' });
    expect(rejected.body).not.toHaveProperty('proposal');
    const { items } = (await ana.get(`/v1/exceptions/${id}/history`)).body;
    expect(items.at(-1)).toMatchObject({
      type: 'exception.returned',
      actor: 'ben',
      data: { reason: 'The fee is right.' },
    });
  });

  it('the proposer alone withdraws', async () => {
    const { ana, ben } = await aTenant();
    const id = await proposed(ana);
    expect(outcomeOf(await act(ben, id, 'withdraw'))).toEqual([422, 'not_proposer']);
    expect((await act(ana, id, 'withdraw')).body.status).toBe('OPEN');
    expect(outcomeOf(await act(ana, id, 'withdraw'))).toEqual([422, 'not_allowed']);
    expect(await types(ana, id)).toContain('exception.recalled');
  });

  it('does not apply to what waits for an external system', async () => {
    const { ana, ben } = await aTenant();
    const { id } = await ana.raise();
    await act(ana, id, 'dispatch', { targetSystem: 'MANUAL' });
    expect(outcomeOf(await act(ben, id, 'approve'))).toEqual([422, 'nothing_proposed']);
    expect(outcomeOf(await act(ben, id, 'reject', { reason: 'No.' }))).toEqual([422, 'nothing_proposed']);
    expect(outcomeOf(await act(ana, id, 'withdraw'))).toEqual([422, 'nothing_proposed']);
    expect(outcomeOf(await act(ana, id, 'force-match', forceMatch))).toEqual([422, 'still_pending']);
  });

  it('a policy of later changes nothing about what was proposed', async () => {
    const { ana, ben } = await aTenant();
    const id = await proposed(ana, 'adjust-entry', adjustment('2000'));
    await ana.send('PUT', '/v1/approval-policy', { body: { rules: [] } });
    expect((await act(ben, id, 'approve')).body.status).toBe('PENDING_RESOLUTION');
    const { id: other } = await ana.raise();
    expect((await act(ana, other, 'force-match', forceMatch)).body.status).toBe('RESOLVED');
  });

  it('previews, replays and conditions work as everywhere', async () => {
    const { ana, ben } = await aTenant();
    const { id, version } = await ana.raise();
    const preview = await act(ana, id, 'force-match?preview=true', forceMatch);
    expect(preview.body.pending).toBe('approval');
    expect((await ana.get(`/v1/exceptions/${id}`)).body.status).toBe('OPEN');
    await act(ana, id, 'force-match', forceMatch);
    expect(outcomeOf(await act(ben, id, 'approve', {}, { 'if-match': `"${version}"` }))).toEqual([
      412,
      'stale_version',
    ]);
    expect((await act(ben, id, 'approve?preview=true')).body.status).toBe('RESOLVED');
    const key = { 'x-idempotency-key': newId() };
    const first = await act(ben, id, 'approve', {}, key);
    const again = await act(ben, id, 'approve', {}, key);
    expect(again.text).toBe(first.text);
    expect(again.headers['x-idempotency-replayed']).toBe('true');
    expect(outcomeOf(await act(ben, id, 'approve'))).toEqual([422, 'not_allowed']);
  });

  it('asks for the scope, and knows nothing of other tenants', async () => {
    const { tenant, ana } = await aTenant();
    const id = await proposed(ana);
    const resolver = service.person({ tenant, actor: 'dee', scopes: ['exception:resolve'] });
    const approver = service.person({ tenant, actor: 'eli', scopes: ['exception:approve'] });
    expect(outcomeOf(await act(resolver, id, 'approve'))).toEqual([403, 'insufficient_scope']);
    expect(outcomeOf(await act(resolver, id, 'reject', { reason: 'No.' }))).toEqual([
      403,
      'insufficient_scope',
    ]);
    expect(outcomeOf(await act(approver, id, 'withdraw'))).toEqual([403, 'insufficient_scope']);
    const stranger = service.person();
    for (const what of ['approve', 'withdraw'])
      expect(outcomeOf(await act(stranger, id, what))).toEqual([404, 'not_found']);
    expect(outcomeOf(await act(stranger, id, 'reject', { reason: 'No.' }))).toEqual([404, 'not_found']);
    expect((await stranger.get('/v1/approvals')).body.items).toEqual([]);
    expect((await stranger.get('/v1/approval-policy')).body).toEqual({ version: 0, rules: [] });
    expect(outcomeOf(await act(approver, id, 'reject', { reason: ' ' }))).toEqual([400, 'invalid_request']);
    expect(outcomeOf(await act(approver, id, 'reject', { reason: 'x'.repeat(1001) }))).toEqual([
      400,
      'invalid_request',
    ]);
  });

  it('many at once are proposed, and the answer says which', async () => {
    const { ana } = await aTenant();
    const [grave, light] = [await ana.raise({ severity: 'CRITICAL' }), await ana.raise({ severity: 'LOW' })];
    const { body } = await ana.post('/v1/exceptions/bulk/resolve', {
      exceptionIds: [grave.id, light.id],
      resolution: 'ACCEPTED',
    });
    expect(body).toMatchObject({ succeeded: [grave.id, light.id], proposed: [grave.id], failed: [] });

    const other = await ana.raise({ severity: 'CRITICAL' });
    const csv = `id,version,assignee,resolution,reason\n${other.id},1,,ACCEPTED,\n`;
    const applied = await ana.send('POST', '/v1/exceptions/bulk/apply', {
      headers: { 'content-type': 'text/csv' },
      raw: csv,
    });
    expect(applied.body).toMatchObject({ changed: 1, proposed: 1 });
  });
});

describe('the queue', () => {
  it('shows what waits, longest first, by what is asked for', async () => {
    const { ana, ben } = await aTenant();
    const first = await proposed(ana);
    const second = await proposed(ben, 'adjust-entry', adjustment('1000'));
    const ids = async (query = ''): Promise<string[]> => {
      const { status, body, text } = await ana.get(`/v1/approvals${query}`);
      if (status !== 200) throw new Error(text);
      return body.items.map(({ id }: Json) => id);
    };
    expect(await ids()).toEqual([first, second]);
    expect(await ids('?status=pending&proposer=ben')).toEqual([second]);
    expect(await ids('?command=force_match')).toEqual([first]);
    expect(await ids('?mine=true')).toEqual([second]);
    await act(ana, second, 'approve');
    expect(await ids('?mine=true')).toEqual([]);
    expect(await ids('?currency=EUR')).toEqual([]);
    const page = (await ana.get('/v1/approvals?limit=1')).body;
    expect([page.items.length, page.hasMore]).toEqual([1, true]);
    expect(await ids(`?limit=1&cursor=${page.nextCursor}`)).toEqual([second]);
    expect(outcomeOf(await ana.get('/v1/approvals?status=done'))).toEqual([400, 'invalid_request']);
    const listed = await ana.get('/v1/exceptions?pending=approval&pending_since=2999-01-01');
    expect(listed.body.items).toHaveLength(2);
    expect((await ana.get('/v1/exceptions?pending=approval&pending_since=2001-01-01')).body.items).toEqual(
      [],
    );
    expect((await ana.get('/v1/exceptions?pending=external')).body.items).toEqual([]);
  });
});

describe('the policy', () => {
  const put = (person: Person, body: object, headers: Record<string, string> = {}) =>
    person.send('PUT', '/v1/approval-policy', { body, headers });

  it('is put by version, and every version is kept', async () => {
    const ana = service.person();
    expect((await ana.get('/v1/approval-policy')).headers['etag']).toBe('"0"');
    const key = { 'x-idempotency-key': newId() };
    const first = await put(ana, { rules }, { 'if-match': '"0"', ...key });
    expect(first.headers['etag']).toBe('"1"');
    expect(first.body).toMatchObject({ version: 1, rules, createdBy: 'ana@example.com' });
    expect((await put(ana, { rules }, { 'if-match': '"0"', ...key })).text).toBe(first.text);
    expect(outcomeOf(await put(ana, { rules: [] }, { 'if-match': '"0"' }))).toEqual([412, 'stale_version']);
    expect(outcomeOf(await put(ana, { rules: [] }, { 'if-match': '"1"' }))).toEqual([200]);
    expect((await ana.get('/v1/approval-policy')).body).toMatchObject({ version: 2, rules: [] });
    const { body } = await ana.get('/v1/approval-policy/versions');
    expect(body.items.map(({ version }: Json) => version)).toEqual([2, 1]);
    expect(body.items[1]).toMatchObject({ rules });
    const page = (await ana.get('/v1/approval-policy/versions?limit=1')).body;
    const next = await ana.get(`/v1/approval-policy/versions?limit=1&cursor=${page.nextCursor}`);
    expect(next.body.items.map(({ version }: Json) => version)).toEqual([1]);
  });

  it('takes amounts as numbers, digit by digit', async () => {
    const ana = service.person();
    const headers = { 'content-type': 'application/json' };
    const raw = '{"rules":[{"command":"resolve","minimumAmount":99999999999999999999.9999,"approvers":3}]}';
    const { body } = await ana.send('PUT', '/v1/approval-policy', { raw, headers });
    expect(body.rules).toEqual([
      { command: 'resolve', minimumAmount: '99999999999999999999.9999', approvers: 3 },
    ]);
  });

  it.each([
    {},
    { rules: 'none' },
    { rules: [null] },
    { rules: [{ command: 'assign', approvers: 1 }] },
    { rules: [{ command: 'resolve' }] },
    { rules: [{ command: 'resolve', approvers: 4 }] },
    { rules: [{ command: 'resolve', approvers: 1.5 }] },
    { rules: [{ command: 'resolve', approvers: 1, minimumAmount: '-1' }] },
    { rules: [{ command: 'resolve', approvers: 1, currency: 'XXX' }] },
    { rules: [{ command: 'resolve', approvers: 1, severity: 'WORST' }] },
    { rules: [{ command: 'resolve', approvers: 1, when: 'always' }] },
    { rules: [{ command: 'resolve', approvers: 1, mayNotApprove: 'assigner' }] },
    { rules: [{ command: 'resolve', approvers: 1, mayNotApprove: ['boss'] }] },
    { rules: Array(101).fill({ command: 'resolve', approvers: 1 }) },
  ])('is none: case %#', async (body) => {
    const ana = service.person();
    expect(outcomeOf(await put(ana, body))).toEqual([400, 'invalid_request']);
    expect((await ana.get('/v1/approval-policy')).body.version).toBe(0);
  });
});

describe('a proposal without a decision', () => {
  /** The desk as it would be so many hours from now. */
  const deskIn = (hours: number) =>
    new ExceptionDesk({
      uow: service.app.get<DeskStore>(STORE).desk,
      clock: () => new Date(Date.now() + hours * 3_600_000),
      newId,
    });
  /** Rings the alarm at that time; answers what it was set to again. */
  const expire = async (hours: number, tenant: string, id: string): Promise<string | undefined> => {
    let again: string | undefined;
    await new Deadlines(deskIn(hours), {
      scheduleJob: async (_tenant, _id, at) => void (again = at),
      scheduleMissingDeadlines: async () => 0,
      expired: () => undefined,
    }).runJob(tenant, id);
    return again;
  };

  const alarms = (id: string) =>
    owner.rows<{ run_at: Date }>(`SELECT run_at FROM graphile_worker._private_jobs WHERE key = $1`, [
      `deadline:${id}`,
    ]);

  it('goes back in the name of the service, and an alarm was set in the same commit', async () => {
    const { tenant, ana } = await aTenant();
    const id = await proposed(ana);
    const { proposal } = (await ana.get(`/v1/exceptions/${id}`)).body;
    expect(await alarms(id)).toEqual([{ run_at: new Date(proposal.expiresAt) }]);
    expect(await expire(71, tenant, id)).toBe(proposal.expiresAt);
    await expire(73, tenant, id);
    expect((await ana.get(`/v1/exceptions/${id}`)).body.status).toBe('OPEN');
    const { items } = (await ana.get(`/v1/exceptions/${id}/history`)).body;
    expect(items.at(-1)).toMatchObject({ type: 'exception.returned', actor: 'redress:approvals' });
    await expire(73, tenant, id);
    expect((await ana.get(`/v1/exceptions/${id}/history`)).body.items).toHaveLength(items.length);
  });

  it('is not what was proposed again meanwhile', async () => {
    const { tenant, ana } = await aTenant();
    const id = await proposed(ana);
    await act(ana, id, 'withdraw');
    await act(ana, id, 'force-match', forceMatch);
    await owner.rows(
      `UPDATE exception SET proposal = jsonb_set(proposal::jsonb, '{expiresAt}', '"2999-01-01T00:00:00.000Z"')::json WHERE id = $1`,
      [id],
    );
    expect(await expire(73, tenant, id)).toBe('2999-01-01T00:00:00.000Z');
    expect((await ana.get(`/v1/exceptions/${id}`)).body.pending).toBe('approval');
    expect(await alarms(id)).toHaveLength(1);
  });
});
