import type { Dispatch } from '../dispatch/dispatch';
import { receive } from './receive';
import { ExceptionDesk } from '../desks/exception-desk';
import type { ApprovalRule } from '../resolution/approval-policy';
import { InMemoryUnitOfWork } from '../in-memory';
import type { Result } from '../result';
import { aReport, now, sampleCommands, sequentialIds } from '../testing';
import { accepted, refusal, verdict } from '../testing/outcomes';
import { AdjustmentDesk } from '../desks/adjustment-desk';
import type { ReversalOutcome } from './reversal';

const tenant = 'acme';
const by = (actor: string) => ({ tenant, actor });
const approve = { type: 'confirm', of: 'proposal' } as const;
const reject = { type: 'return', of: 'proposal', reason: 'It was right.' } as const;
const withdraw = { type: 'recall', of: 'proposal' } as const;
const { adjust_entry: adjust } = sampleCommands.exception;

/** Desks over one store, whose clock is set by hand, and an adjustment that was posted before there was a policy. */
async function posted(rules: readonly ApprovalRule[], { ledger = false, raised = {} } = {}) {
  const uow = new InMemoryUnitOfWork();
  let hours = 0;
  const clock = () => new Date(Date.parse(now) + hours * 3_600_000);
  const ports = { uow, clock, newId: sequentialIds() };
  const exceptions = new ExceptionDesk(ports);
  const adjustments = new AdjustmentDesk(ports);
  const { id } = accepted(await exceptions.raise(aReport(raised), by('ana'))).state;
  accepted(await exceptions.handle(id, { type: 'assign', assignee: 'ana' }, by('bo')));
  const adjustment = accepted(await exceptions.handle(id, adjust, by('ana'))).adjustment!;
  if (ledger)
    await uow.run({ tenant }, async (tx) => {
      const { exception } = (await tx.exceptions.load(id))!;
      const dispatch = { ...aPosting, id: adjustment.id, exceptionId: id };
      await tx.exceptions.save({ basedOn: exception.version, state: exception, events: [], dispatch });
      return { ok: true, value: undefined };
    });
  uow.approveUnder(tenant, { version: 4, rules });
  return {
    uow,
    id,
    adjustment,
    exceptions,
    reverse: (actor: string, reason = 'Wrong account.') =>
      adjustments.reverse(adjustment.id, { reason }, by(actor)),
    give: (actor: string, command: typeof approve | typeof reject | typeof withdraw) =>
      exceptions.handle(id, command, by(actor)),
    rows: () => uow.adjustments(tenant, id),
    found: async () => accepted(await exceptions.find(tenant, id)).exception,
    types: () => uow.history(tenant, id).map(({ type }) => type),
    after: (later: number) => (hours = later),
  };
}

const aPosting: Omit<Dispatch, 'id' | 'exceptionId'> = {
  ...{
    version: 1,
    target: 'LEDGER',
    kind: 'posting',
    state: 'CONFIRMED',
    live: false,
    doubtfulSends: 0,
    sends: 1,
    attempts: 1,
  },
  ...{ misses: 0, sweeps: 0, requestedBy: 'ana', requestedAt: now, updatedAt: now },
};

const proposedBy = (outcome: Result<ReversalOutcome>) => {
  const value = accepted(outcome);
  if (!('proposed' in value)) throw new Error('It was posted.');
  return value.proposed;
};

const one: ApprovalRule = { command: 'adjust_entry', approvers: 1 };
const two: ApprovalRule = { command: 'adjust_entry', approvers: 2 };

describe('a reversal that a policy asks approval for', () => {
  it('is proposed, and posts nothing; the exception stays resolved', async () => {
    const { reverse, rows, found, adjustment, types } = await posted([one]);
    const before = await found();
    const { state } = proposedBy(await reverse('ana'));
    expect(await found()).toEqual(state);
    expect(state).toEqual({
      ...before,
      version: before.version + 1,
      pending: 'approval',
      pendingSince: now,
      proposal: {
        resolution: { type: 'reverse', adjustment, reason: 'Wrong account.' },
        proposedBy: 'ana',
        proposedAt: now,
        approvalsNeeded: 1,
        rule: one,
        policyVersion: 4,
        expiresAt: '2026-01-05T03:04:05.678Z',
      },
    });
    expect(rows()).toEqual([adjustment]);
    expect(types().at(-1)).toBe('exception.reversal_proposed');
  });

  it('is posted with the last approval, once, by another person than the proposer', async () => {
    const { reverse, give, rows, found, adjustment, types, exceptions } = await posted([two]);
    const before = await found();
    await reverse('ana');
    expect(refusal(await reverse('bo'))).toEqual({ code: 'still_pending', waitsFor: 'approval' });
    expect(verdict(await give('ana', approve))).toBe('own_proposal');
    expect(accepted(await give('bo', approve)).state.pending).toBe('approval');
    expect(verdict(await give('bo', approve))).toBe('already_approved');
    expect(rows()).toHaveLength(1);
    const { reopened, adjustment: row, state } = accepted(await give('cy', approve));
    expect(rows()).toEqual([adjustment, row]);
    expect(row).toMatchObject({
      reverses: adjustment.id,
      amount: adjustment.amount,
      direction: 'DEBIT',
      createdBy: 'cy',
      notes: 'Wrong account.',
      approval: { proposedBy: 'ana', policyVersion: 4, approvals: [{ by: 'bo' }, { by: 'cy' }] },
    });
    expect(await found()).toEqual({ ...before, version: before.version + 3, updatedAt: now });
    expect(state.status).toBe('RESOLVED');
    const again = accepted(await exceptions.find(tenant, reopened!.state.id)).exception;
    expect(again).toMatchObject({ status: 'OPEN', reversalOf: before.id });
    expect(types().slice(-3)).toEqual([
      ...['exception.reversal_proposed', 'exception.approval_given', 'exception.adjustment_reversed'],
    ]);
    expect(verdict(await give('di', approve))).toBe('not_allowed');
    expect(verdict(await reverse('di'))).toBe('already_reversed');
  });

  it('stands for the exception that was reported again meanwhile', async () => {
    const { reverse, give, exceptions } = await posted([one]);
    await reverse('ana');
    const { id } = accepted(await exceptions.raise(aReport(), by('matcher'))).state;
    const { reopened } = accepted(await give('bo', approve));
    expect(reopened).toMatchObject({ basedOn: 1, state: { id, reversalOf: expect.any(String) } });
  });

  it.each([
    ['rejected', 'bo', reject, 'ana', 'own_proposal', 'exception.returned'],
    ['withdrawn', 'ana', withdraw, 'bo', 'not_proposer', 'exception.recalled'],
  ] as const)('is %s, and may be wanted again', async (_what, actor, command, other, code, type) => {
    const { reverse, give, rows, found, types } = await posted([one]);
    const before = await found();
    await reverse('ana');
    expect(verdict(await give(other, command))).toBe(code);
    accepted(await give(actor, command));
    expect(await found()).toEqual({ ...before, version: before.version + 2, updatedAt: now });
    expect(types().at(-1)).toBe(type);
    expect(rows()).toHaveLength(1);
    proposedBy(await reverse('ana'));
  });

  it('ends at its time, whether or not the alarm rings', async () => {
    const { reverse, give, rows, after, exceptions, id, found } = await posted([one]);
    await reverse('ana');
    after(72);
    const expiresAt = '2026-01-05T03:04:05.678Z';
    expect(refusal(await give('bo', approve))).toEqual({ code: 'proposal_expired', expiresAt });
    after(71.99);
    const preview = await exceptions.handle(id, approve, { ...by('bo'), preview: true });
    expect(verdict(preview)).toBe('ok');
    after(72);
    expect(accepted(await exceptions.meetDeadline(tenant, id))).toMatchObject({
      state: { status: 'RESOLVED' },
    });
    expect((await found()).pending).toBeUndefined();
    expect(rows()).toHaveLength(1);
  });

  it.each<[string, ApprovalRule, object, boolean]>([
    ['the amount of the adjustment', { ...one, currency: 'BRL', minimumAmount: '150.50' }, {}, true],
    ['an amount below that', { ...one, currency: 'BRL', minimumAmount: '150.51' }, {}, false],
    [
      'the amount of its exception',
      { ...one, currency: 'BRL', minimumAmount: '1000' },
      { amount: '-1000', currency: 'BRL' },
      true,
    ],
    ['a currency that no rule names', { ...one, currency: 'EUR', minimumAmount: '1000' }, {}, true],
    ['another command', { command: 'resolve', approvers: 1 }, {}, false],
  ])('goes by %s', async (_what, rule, raised, isAsked) => {
    const { reverse } = await posted([rule], { raised });
    expect('proposed' in accepted(await reverse('ana'))).toBe(isAsked);
  });

  it('is not for the assigner of the exception, where the rule says so', async () => {
    const { reverse, give } = await posted([{ ...one, mayNotApprove: ['assigner'] }]);
    await reverse('ana');
    expect(verdict(await give('bo', approve))).toBe('assigned_by_approver');
    accepted(await give('cy', approve));
  });

  it('tells the ledger after the last approval, and who agreed', async () => {
    const { reverse, give, uow } = await posted([one], { ledger: true });
    await reverse('ana');
    expect(uow.dispatches(tenant)).toHaveLength(1);
    const { adjustment: row } = accepted(await give('bo', approve));
    const sent = uow.dispatches(tenant).find(({ id }) => id === row!.id);
    expect(sent?.posting).toMatchObject({ type: 'reversal', requestedBy: 'ana', approvedBy: ['bo'] });
  });

  it('is decided on among many, too', async () => {
    const { reverse, exceptions, id, rows } = await posted([one]);
    await reverse('ana');
    await exceptions.raise(aReport(), by('matcher'));
    const [handled] = accepted(await exceptions.handleAll([id], approve, by('bo')));
    expect(verdict(handled!.outcome)).toBe('ok');
    expect(rows()).toHaveLength(2);
  });

  it('is not touched by what an external system says', async () => {
    const { reverse, exceptions, id, found } = await posted([one]);
    await reverse('ana');
    const before = await found();
    const linked = { ...before, externalSystem: 'JIRA' as const, version: before.version + 1 };
    for (const status of ['OPEN', 'ASSIGNED', 'RESOLVED'] as const) {
      const callback = { externalSystem: 'JIRA', externalIssueId: 'J-1', status, assignee: 'dee' };
      const received = receive(linked, callback, { ...by('svc'), now, newId: sequentialIds() });
      expect(verdict(received)).toBe('still_pending');
    }
    expect(accepted(await exceptions.find(tenant, id)).exception).toEqual(before);
  });
});
