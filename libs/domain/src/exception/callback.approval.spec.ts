import type { ApprovalRule } from '../resolution/approval-policy';
import { limits } from '../value/text';
import { aCallback, aContext, anException, aReport, sampleCommands } from '../testing';
import { aDesk, meta } from '../testing/a-desk';
import { accepted, verdict } from '../testing/outcomes';
import { allowedActions } from '../actions';
import { decide } from './exception';
import { noFacts } from './exception.facts';

const { tenant } = meta;
const by = (actor: string) => ({ tenant, actor });
const approve = { type: 'confirm', of: 'proposal' } as const;
const done = aCallback({ externalSystem: 'MANUAL', externalIssueId: 'M-1' });

async function dispatched(rules: readonly ApprovalRule[], report = {}) {
  const { desk, uow, raised, found, types } = aDesk();
  uow.approveUnder(tenant, { version: 2, rules });
  const { id } = await raised(aReport(report));
  accepted(await desk.handle(id, { type: 'dispatch', target: 'MANUAL' }, by('ana')));
  return {
    ...{ desk, uow, id, found, types },
    receiveReport: (actor = 'ana', over = {}) => desk.receive(id, { ...done, ...over }, by(actor)),
  };
}

const resolving: ApprovalRule = { command: 'resolve', currency: 'EUR', minimumAmount: '1000', approvers: 1 };
const large = { amount: '1000', currency: 'EUR' };

describe('a report that an exception was resolved elsewhere, where a policy asks for approval', () => {
  it('is accepted as a proposal of the reporter, who does not approve it', async () => {
    const { id, receiveReport, desk, found, uow, types } = await dispatched([resolving], large);
    accepted(await receiveReport());
    expect(await found(id)).toMatchObject({
      status: 'PENDING_RESOLUTION',
      pending: 'approval',
      externalSystem: 'MANUAL',
      externalIssueId: 'M-1',
      proposal: {
        resolution: { type: 'resolve', resolution: done.resolutionNotes },
        proposedBy: 'ana',
        reportedBy: 'MANUAL',
        approvalsNeeded: 1,
      },
    });
    expect(types(id).at(-1)).toBe('exception.resolution_proposed');
    expect(uow.history(tenant, id).at(-1)?.data).toMatchObject({ callback: { externalIssueId: 'M-1' } });
    expect(uow.dispatches(tenant)).toMatchObject([{ live: true }]);
    expect(verdict(await desk.handle(id, approve, by('ana')))).toBe('own_proposal');
    const { state } = accepted(await desk.handle(id, approve, by('bo')));
    expect(state).toMatchObject({
      status: 'RESOLVED',
      resolutionNotes: done.resolutionNotes,
      resolvedBy: 'bo',
    });
    expect(uow.dispatches(tenant)).toMatchObject([{ live: false }]);
  });

  it('may be repeated, which changes nothing; anything else waits for the approval', async () => {
    const { id, receiveReport, found, types } = await dispatched([resolving], large);
    await receiveReport();
    const before = await found(id);
    for (const actor of ['ana', 'svc']) accepted(await receiveReport(actor));
    expect(await found(id)).toEqual(before);
    expect(types(id).slice(-2)).toEqual(['exception.callback_ignored', 'exception.callback_ignored']);
    expect(verdict(await receiveReport('ana', { externalIssueId: 'M-2' }))).toBe('callback_mismatch');
    expect(verdict(await receiveReport('ana', { status: 'ASSIGNED', assignee: 'eve' }))).toBe(
      'still_pending',
    );
    expect(verdict(await receiveReport('ana', { status: 'OPEN' }))).toBe('still_pending');
    expect(await found(id)).toEqual(before);
  });

  it('is proposed of what was taken up there, too, and comes back to who has it when rejected', async () => {
    const { id, receiveReport, desk, found } = await dispatched([resolving], large);
    await receiveReport('svc', {
      status: 'ASSIGNED',
      assignee: 'eve',
      updatedAt: '2026-01-02T11:00:00.000Z',
    });
    accepted(await receiveReport('svc'));
    expect(await found(id)).toMatchObject({ pending: 'approval', proposal: { reportedBy: 'MANUAL' } });
    const reject = { type: 'return', of: 'proposal', reason: 'It is not.' } as const;
    const { state } = accepted(await desk.handle(id, reject, by('bo')));
    expect(state).toMatchObject({ status: 'ASSIGNED', assignedTo: 'eve', externalSystem: 'MANUAL' });
    expect(state.proposal).toBeUndefined();
  });

  it('resolves as ever what no rule about `resolve` fits', async () => {
    for (const [rules, report] of [
      [[resolving], { amount: '999.99', currency: 'EUR' }],
      [[{ ...resolving, command: 'force_match' } as const], large],
      [[], large],
    ] as const) {
      const { receiveReport } = await dispatched(rules, report);
      expect(accepted(await receiveReport()).state).toMatchObject({ status: 'RESOLVED' });
    }
  });

  it('does not lose what is too long for a resolution', () => {
    const waiting = anException({
      status: 'PENDING_RESOLUTION',
      pending: 'external',
      externalSystem: 'JIRA',
    });
    const facts = {
      ...noFacts,
      approvalPolicy: { version: 1, rules: [{ command: 'resolve', approvers: 1 } as const] },
    };
    const notes = 'x'.repeat(limits.notes);
    const { state } = accepted(decide(waiting, { type: 'confirm', notes }, aContext(), facts));
    expect(state.proposal?.resolution).toEqual({
      type: 'resolve',
      resolution: 'x'.repeat(255),
      reason: notes,
    });
    const silent = accepted(decide(waiting, { type: 'confirm' }, aContext(), facts));
    expect(silent.state.proposal?.resolution).toMatchObject({ resolution: 'Resolved in JIRA' });
  });
});

describe('a proposal for the ledger', () => {
  it('awaits approval first, where a policy asks for it', () => {
    const facts = {
      ...{ ...noFacts, ledger: true as const },
      approvalPolicy: { version: 1, rules: [{ command: 'adjust_entry', approvers: 1 } as const] },
    };
    const { adjust_entry: resolution } = sampleCommands.exception;
    const command = { type: 'propose', resolution, waitsFor: 'ledger' } as const;
    const { state, dispatch } = accepted(decide(anException(), command, aContext(), facts));
    expect([state.pending, dispatch]).toEqual(['approval', undefined]);
  });
});

describe('a proposal whose time is over', () => {
  const { adjust_entry: resolution } = sampleCommands.exception;
  const expiresAt = '2026-01-05T03:04:05.678Z';
  const waiting = anException({
    ...{ status: 'PENDING_RESOLUTION', pending: 'approval', pendingSince: '2026-01-02T03:04:05.678Z' },
    proposal: { resolution, proposedBy: 'ana', proposedAt: '2026-01-02T03:04:05.678Z', expiresAt },
  });
  const { expiresAt: _none, ...older } = waiting.proposal!;

  it.each([
    ['with a time of its own', waiting],
    ['of before there were times', { ...waiting, proposal: older }],
  ])('is not approved by anybody, though nothing has given it back: %s', (_what, exception) => {
    const at = (now: string) => aContext({ actor: 'bo', now });
    accepted(decide(exception, approve, at('2026-01-05T03:04:05.677Z')));
    for (const actor of ['ana', 'bo']) {
      const late = { ...at(expiresAt), actor };
      const refused = { code: 'proposal_expired', expiresAt };
      expect(decide(exception, approve, late)).toEqual({ ok: false, refusal: refused });
      expect(allowedActions(exception, late).approve).toMatchObject({
        allowed: false,
        code: 'proposal_expired',
      });
    }
    const reject = { type: 'return', of: 'proposal', reason: 'Too late.' } as const;
    expect(accepted(decide(exception, reject, at(expiresAt))).state.status).toBe('OPEN');
    const withdraw = { type: 'recall', of: 'proposal' } as const;
    expect(accepted(decide(exception, withdraw, aContext({ now: expiresAt }))).state.status).toBe('OPEN');
  });
});
