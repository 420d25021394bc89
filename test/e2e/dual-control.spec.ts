import { newId } from '../../apps/api/src/ids';
import { scopes } from '../../apps/api/src/auth/scopes';
import { startTestApp, type Answer, type Json, type Person, type TestApp } from '../support/app';
import { pretendConnections } from '../support/connections';
import { aDeadDispatch } from '../support/dead-dispatch';
import { ownerOf, type Owner } from '../support/owner';
import { oneName, refusedNames, reservedNames, sameName } from '../support/spellings';

/* Who counts as another person, and which requests of administrators take one. No process has workers here. */

let service: TestApp;
let owner: Owner;

beforeAll(async () => {
  service = await startTestApp();
  pretendConnections(service);
  owner = ownerOf(service.database.url);
}, 60_000);

afterAll(async () => {
  await owner.end();
  await service.close();
});

const verdictOf = ({ status, body }: Answer): string => (status < 300 ? String(status) : body.title);
const people = (): readonly [Person, Person, Person] => {
  const tenant = `tenant-${newId()}`;
  const one = (actor: string) => service.person({ tenant, actor });
  return [one('ana'), one('ben'), one('cyd')];
};
const put = (who: Person, body: object, headers?: Record<string, string>) =>
  who.send('PUT', '/v1/approval-policy', { body, ...(headers && { headers }) });
const needsTwo = [{ command: 'resolve', approvers: 1 }];

describe('a policy that one administrator cannot weaken', () => {
  const strict = { rules: needsTwo, policyChanges: { approvers: 1 } };

  it('still asks for approval after one of them has emptied it', async () => {
    const [ana, ben] = people();
    expect(verdictOf(await put(ana, strict))).toBe('200');
    const proposed = await put(ana, { rules: [] });
    expect([proposed.status, proposed.headers.etag]).toEqual([202, '"2"']);
    expect(proposed.body).toMatchObject({
      ...{ ...strict, version: 2 },
      proposed: { request: { rules: [] }, proposedBy: 'ana', approvalsNeeded: 1, approvals: [] },
    });
    expect((await ana.get('/v1/approval-policy')).body).toEqual(proposed.body);
    const { id } = await ana.raise();
    const resolved = await ana.post(`/v1/exceptions/${id}/resolve`, { resolution: 'ACCEPTED' });
    expect([resolved.body.pending, resolved.body.proposal.approvalsNeeded]).toEqual(['approval', 1]);

    expect(verdictOf(await put(ana, { rules: [] }))).toBe('own_proposal');
    expect(verdictOf(await put(ben, { rules: [] }, { 'if-match': '"1"' }))).toBe('stale_version');
    const confirmed = await put(ben, { rules: [] }, { 'if-match': '"2"' });
    expect([confirmed.status, confirmed.body]).toMatchObject([
      200,
      {
        rules: [],
        version: 3,
        createdBy: 'ben',
        approval: { proposedBy: 'ana', approvals: [{ by: 'ben' }] },
      },
    ]);
    expect(confirmed.body).not.toHaveProperty('proposed');
    const { items } = (await ana.get('/v1/approval-policy/versions')).body;
    expect(items.map(({ version, createdBy }: Json) => [version, createdBy])).toEqual([
      ...[
        [3, 'ben'],
        [2, 'ana'],
        [1, 'ana'],
      ],
    ]);
    // What was proposed under the rule keeps it.
    expect(verdictOf(await ana.post(`/v1/exceptions/${id}/approve`))).toBe('own_proposal');
    expect((await ben.post(`/v1/exceptions/${id}/approve`)).body.status).toBe('RESOLVED');
  });

  it('is made stricter by one, which drops what is proposed, and is previewed', async () => {
    const [ana, ben] = people();
    await put(ana, strict);
    const preview = await ana.send('PUT', '/v1/approval-policy?preview=true', { body: { rules: [] } });
    expect([preview.status, preview.body.proposed.proposedBy]).toEqual([202, 'ana']);
    expect((await ana.get('/v1/approval-policy')).body.version).toBe(1);
    await put(ana, { rules: [] });
    const more = await put(ben, { ...strict, answers: { approvers: 2 } });
    expect([more.status, more.body.proposed, more.body.answers]).toEqual([200, undefined, { approvers: 2 }]);
    expect(verdictOf(await put(ben, { rules: [] }))).toBe('202');
  });

  it('knows that the time of a proposal is over', async () => {
    const [ana, ben] = people();
    await put(ana, strict);
    await put(ana, { rules: [] });
    const { proposed } = (await ana.get('/v1/approval-policy')).body;
    expect(Date.parse(proposed.expiresAt) - Date.parse(proposed.proposedAt)).toBe(72 * 3_600_000);
    await owner.rows('ALTER TABLE approval_policy DISABLE TRIGGER USER', []);
    await owner.rows(
      `UPDATE approval_policy SET proposed =
         jsonb_set(proposed::jsonb, '{expiresAt}', '"2026-01-01T00:00:00.000Z"')::json
       WHERE tenant_id = $1 AND proposed IS NOT NULL`,
      [ana.tenant],
    );
    await owner.rows('ALTER TABLE approval_policy ENABLE ALWAYS TRIGGER approval_policy_keeps_rows', []);
    await owner.rows('ALTER TABLE approval_policy ENABLE ALWAYS TRIGGER approval_policy_keeps_all', []);
    expect((await put(ben, { rules: [] })).body).toMatchObject({
      rules: needsTwo,
      proposed: { proposedBy: 'ben' },
    });
  });

  it.each([
    ['policyChanges', { approvers: 0 }],
    ['ledgerChanges', { approvers: 4 }],
    ['answers', { approvers: 1.5 }],
    ['answers', { approvers: '1' }],
    ['answers', {}],
    ['answers', 1],
    ['policyChanges', { approvers: 1, more: true }],
  ])('is told what is wrong with %s %j', async (name, control) => {
    const [ana] = people();
    const { status, body } = await put(ana, { rules: [], [name]: control });
    expect([status, Object.keys(body.details.fields)]).toEqual([400, [name]]);
  });
});

describe('an answer for a dispatch that was given up', () => {
  it('takes effect once another person has given the same', async () => {
    const [ana, ben] = people();
    await put(ana, { rules: [], answers: { approvers: 1 } });
    const { dispatchId, exceptionId } = await aDeadDispatch(service, ana);
    const answer = (who: Person, body: object) => who.post(`/v1/dispatches/${dispatchId}/answer`, body);
    const found = { arrived: true, reference: 'M-7' };
    const first = await answer(ana, found);
    expect([first.status, first.body]).toMatchObject([
      202,
      { state: 'DEAD', proposedAnswer: { request: found, proposedBy: 'ana', approvals: [] } },
    ]);
    expect(verdictOf(await answer(service.person({ tenant: ana.tenant, actor: 'ANA' }), found))).toBe(
      'own_proposal',
    );
    expect(verdictOf(await answer(ben, { ...found, reference: 'M-8' }))).toBe('202');
    expect(verdictOf(await answer(ben, { ...found, reference: 'M-8' }))).toBe('own_proposal');
    expect(verdictOf(await answer(ben, found))).toBe('202');
    expect((await answer(ana, found)).body).toMatchObject({ state: 'CONFIRMED', externalReference: 'M-7' });
    const { items } = (await ana.get(`/v1/exceptions/${exceptionId}/history`)).body;
    expect(items.slice(2).map(({ type, actor }: Json) => `${type} ${actor}`)).toEqual([
      'dispatch.answer_proposed ana',
      'dispatch.answer_proposed ben',
      'dispatch.answer_proposed ben',
      'dispatch.confirmed ana',
    ]);
    expect(items[2].data.answer).toEqual(found);
  });
});

describe('the connection to the ledger', () => {
  const whsec = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
  const ledger = { url: 'https://ledger.acme.example/redress', secrets: [whsec(2)] };

  it('is made, moved and deleted once another person has asked for the same', async () => {
    const [ana, ben] = people();
    await put(ana, { rules: [], ledgerChanges: { approvers: 1 } });
    const connect = (who: Person, body: object) => who.send('PUT', '/v1/connections/LEDGER', { body });
    const read = async () => (await ana.get('/v1/connections/LEDGER')).body;
    const first = await connect(ana, ledger);
    expect([first.status, first.body.enabled, first.body.proposed]).toMatchObject([
      202,
      false,
      { proposedBy: 'ana', request: { type: 'put', newSecrets: ['secrets'], settings: { url: ledger.url } } },
    ]);
    expect(first.text).not.toContain('whsec_');
    expect(first.text).not.toContain('inboundSecret"');
    expect([(await read()).title, (await ana.get('/v1/connections')).body.items]).toEqual(['not_found', []]);
    expect(verdictOf(await connect(ana, ledger))).toBe('own_proposal');
    expect(verdictOf(await connect(ben, { ...ledger, secrets: [whsec(3)] }))).toBe('202');
    expect(verdictOf(await connect(ben, ledger))).toBe('202');
    const made = await connect(ana, ledger);
    expect([made.status, typeof made.body.inboundSecret, made.body.proposed]).toEqual([
      201,
      'string',
      undefined,
    ]);

    const moved = { url: 'https://elsewhere.example/redress' };
    expect(verdictOf(await connect(ana, moved))).toBe('202');
    expect(await read()).toMatchObject({
      settings: { url: ledger.url },
      proposed: { request: { settings: moved } },
    });
    const remove = (who: Person) => who.send('DELETE', '/v1/connections/LEDGER');
    const asked = await remove(ben);
    expect([asked.status, asked.body.proposed.request]).toEqual([202, { type: 'delete' }]);
    expect([verdictOf(await remove(ben)), verdictOf(await remove(ana))]).toEqual(['own_proposal', '204']);
    expect((await read()).title).toBe('not_found');
    const { items } = (await ana.get('/v1/connections/LEDGER/changes')).body;
    expect(items.map(({ type, actor }: Json) => `${type} ${actor}`)).toEqual([
      'connection.change_proposed ana',
      'connection.change_proposed ben',
      'connection.change_proposed ben',
      'connection.created ana',
      'connection.change_proposed ana',
      'connection.deletion_proposed ben',
      'connection.deleted ana',
    ]);
    const kept = await owner.rows<{ text: string }>(
      'SELECT proposed::text AS text FROM connection WHERE tenant_id = $1',
      [ana.tenant],
    );
    expect(JSON.stringify(kept)).not.toContain('whsec_');
  });
});

describe('the people who are compared', () => {
  it.each(Object.entries(sameName))('are one where a name has %s', async (_, spelling) => {
    const tenant = `tenant-${newId()}`;
    const ana = service.person({ tenant, actor: oneName });
    const twin = service.person({ tenant, actor: spelling });
    await put(ana, { rules: needsTwo });
    const { id } = await ana.raise();
    await ana.post(`/v1/exceptions/${id}/resolve`, { resolution: 'ACCEPTED' });
    const answers = [
      await twin.post(`/v1/exceptions/${id}/approve`),
      await twin.post(`/v1/exceptions/${id}/reject`, { reason: 'No.' }),
    ];
    expect(answers.map(verdictOf)).toEqual(['own_proposal', 'own_proposal']);
    expect((await twin.get('/v1/approvals?mine=true')).body.items).toEqual([]);
  });

  it.each([...Object.entries(refusedNames), ...reservedNames.map((name) => [name, name] as const)])(
    'are none with %s',
    async (_, actor) => {
      const { status, body } = await service.person({ actor }).get('/v1/exceptions');
      expect([status, body.title]).toEqual([401, 'unauthorized']);
    },
  );
});

describe('what a person may approve', () => {
  it('does not list what has expired, though no alarm has rung', async () => {
    const [ana, ben] = people();
    await put(ana, { rules: needsTwo });
    const { id } = await ana.raise();
    await ana.post(`/v1/exceptions/${id}/resolve`, { resolution: 'ACCEPTED' });
    const mine = async () => (await ben.get('/v1/approvals?mine=true')).body.items.length;
    expect(await mine()).toBe(1);
    await owner.rows(
      `UPDATE exception SET proposal =
         jsonb_set(proposal::jsonb, '{expiresAt}', '"2026-01-01T00:00:00.000Z"')::json WHERE id = $1`,
      [id],
    );
    expect(await mine()).toBe(0);
    expect((await ben.get('/v1/approvals')).body.items).toHaveLength(1);
    expect(verdictOf(await ben.post(`/v1/exceptions/${id}/approve`))).toBe('proposal_expired');
  });

  it('sees every amount that was reported, and everyone who assigned', async () => {
    const [ana, ben, cyd] = people();
    const rule = { command: 'resolve', currency: 'EUR', minimumAmount: '1000', approvers: 1 };
    await put(ana, { rules: [{ ...rule, mayNotApprove: ['assigner'] }] });
    const report = { transactionId: newId(), reason: 'Amount mismatch', amount: '1', currency: 'EUR' };
    const { id } = await ana.raise(report);
    await ana.raise({ ...report, amount: '5000' });
    await ben.post(`/v1/exceptions/${id}/assign`, { assignee: 'ana' });
    await ana.post(`/v1/exceptions/${id}/unassign`);
    await ana.post(`/v1/exceptions/${id}/assign`, { assignee: 'ana' });
    const { body } = await ana.post(`/v1/exceptions/${id}/resolve`, { resolution: 'ACCEPTED' });
    expect([body.pending, body.formerAssigners, body.proposal.formerAssigners]).toEqual([
      ...['approval', ['ben'], ['ben']],
    ]);
    expect(verdictOf(await ben.post(`/v1/exceptions/${id}/approve`))).toBe('assigned_by_approver');
    expect((await ben.get('/v1/approvals?mine=true')).body.items).toEqual([]);
    expect(verdictOf(await cyd.post(`/v1/exceptions/${id}/approve`))).toBe('200');
  });
});

describe('a scope for the callbacks of one external system', () => {
  const systems = ['MANUAL', 'JIRA', 'SERVICENOW', 'WEBHOOK'] as const;
  const table = systems.flatMap((held) => systems.map((named) => [held, named] as const));

  it.each(table)('callback:process:%s, for a report of %s', async (held, named) => {
    const tenant = `tenant-${newId()}`;
    const ana = service.person({ tenant });
    const { id } = await ana.raise();
    await ana.post(`/v1/exceptions/${id}/dispatch`, { targetSystem: 'MANUAL' });
    if (named !== 'MANUAL')
      await owner.rows('UPDATE exception SET external_system = $2 WHERE id = $1', [id, named]);
    const bot = service.person({
      tenant,
      actor: 'bot',
      scopes: ['exception:read', `callback:process:${held}`],
    });
    const report = { externalSystem: named.toLowerCase(), externalIssueId: 'M-1', status: 'RESOLVED' };
    const { allowedActions } = (await bot.get(`/v1/exceptions/${id}`)).body;
    const answer = await bot.post(`/v1/exceptions/${id}/callback`, report, { 'x-idempotency-key': newId() });
    expect(allowedActions.callback.allowed).toBe(held === named);
    expect(verdictOf(answer)).toBe(held === named ? '200' : 'insufficient_scope');
    expect((await ana.get(`/v1/exceptions/${id}`)).body.status).toBe(
      held === named ? 'RESOLVED' : 'PENDING_RESOLUTION',
    );
  });

  it.each([
    [['callback:process'], '200'],
    [['callback:process:JIRA', 'callback:process:MANUAL'], '200'],
    [['callback:process:manual'], 'insufficient_scope'],
    [['callback:process:'], 'insufficient_scope'],
    [['callback:process:JIRA:MANUAL'], 'insufficient_scope'],
    [['callback:processMANUAL'], 'insufficient_scope'],
    [scopes.filter((one) => one !== 'callback:process'), 'insufficient_scope'],
  ])('with %j is %s', async (held, verdict) => {
    const tenant = `tenant-${newId()}`;
    const ana = service.person({ tenant });
    const { id } = await ana.raise();
    await ana.post(`/v1/exceptions/${id}/dispatch`, { targetSystem: 'MANUAL' });
    const report = { externalSystem: 'MANUAL', externalIssueId: 'M-1', status: 'RESOLVED' };
    const bot = service.person({ tenant, actor: 'bot', scopes: held });
    const answer = await bot.post(`/v1/exceptions/${id}/callback`, report, { 'x-idempotency-key': newId() });
    expect(verdictOf(answer)).toBe(verdict);
  });
});
