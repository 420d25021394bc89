import { allowedActions, allowedDisputeActions, type ExceptionAction } from './allowed-actions';
import { decideDispute, openDispute } from '../dispute/dispute';
import { disputeCategories } from '../dispute/dispute.lifecycle';
import { decide } from '../exception/exception';
import { noFacts, type ExceptionFacts } from '../exception/exception.facts';
import { defaultPolicy } from '../exception/policy';
import { receive } from '../exception/receive';
import { explain } from '../refusal';
import type { Result } from '../result';
import { aContext, anException, inEveryDisputeState, inEveryStatus, now, sampleCommands } from '../testing';
import type { ReconException } from '../exception/recon-exception';

const disputed: ExceptionFacts = { ...noFacts, activeDisputes: [{ id: 'd1', category: 'OTHER' }] };
const out: ExceptionFacts = {
  ...noFacts,
  liveDispatches: [{ id: 'out', target: 'MANUAL' }],
};
const approved: ExceptionFacts = {
  ...noFacts,
  approvalPolicy: {
    version: 1,
    rules: ['resolve', 'force_match', 'adjust_entry'].map((command) => ({
      ...{ command: command as 'resolve', approvers: 1 },
    })),
  },
};
const listed: ExceptionFacts = {
  ...noFacts,
  reasonCodes: { force_match: ['A'], adjust_entry: ['B'], resolve: ['C'] },
};
const booked: ExceptionFacts = { ...noFacts, ledger: true };
const allFacts = [noFacts, disputed, out, { ...disputed, ...out }, approved, booked, listed];

const { exception: samples } = sampleCommands;

type Trial = (
  ...given: Parameters<typeof decide> extends [infer E, unknown, ...infer Rest] ? [E, ...Rest] : never
) => Result<unknown>;

/** A command of one's own for each action, with what a person might say. */
const commands: Readonly<Record<Exclude<ExceptionAction, 'comment' | 'dispute'>, Trial>> = {
  assign: (e, ...rest) => decide(e, { type: 'assign', assignee: 'zoe' }, ...rest),
  unassign: (e, ...rest) => decide(e, { type: 'unassign' }, ...rest),
  force_match: (e, ctx, facts, policy) => {
    const [overrideReason = 'Seen'] = facts?.reasonCodes?.force_match ?? [];
    return decide(e, { type: 'force_match', overrideReason, notes: 'By hand.' }, ctx, facts, policy);
  },
  adjust_entry: (e, ctx, facts, policy) => {
    const [reasonCode = 'FEE'] = facts?.reasonCodes?.adjust_entry ?? [];
    return decide(e, { ...samples.adjust_entry, reasonCode }, ctx, facts, policy);
  },
  resolve: (e, ctx, facts, policy) => {
    const [reason] = facts?.reasonCodes?.resolve ?? [];
    return decide(
      e,
      { type: 'resolve', resolution: 'ACCEPTED', ...(reason && { reason }) },
      ctx,
      facts,
      policy,
    );
  },
  dispatch: (e, ...rest) => decide(e, { type: 'dispatch', target: 'MANUAL' }, ...rest),
  recall: (e, ...rest) => decide(e, { type: 'recall', reason: 'Solved.' }, ...rest),
  approve: (e, ...rest) => decide(e, { type: 'confirm', of: 'proposal' }, ...rest),
  reject: (e, ...rest) => decide(e, { type: 'return', of: 'proposal', reason: 'No.' }, ...rest),
  withdraw: (e, ...rest) => decide(e, { type: 'recall', of: 'proposal' }, ...rest),
  callback: (e, ...rest) =>
    receive(
      e,
      {
        ...{ externalSystem: e.externalSystem ?? 'MANUAL', externalIssueId: e.externalIssueId ?? 'I-1' },
        ...{ status: 'RESOLVED', resolutionNotes: 'Paid.' },
      },
      ...rest,
    ),
};

const answerOf = (outcome: Result<unknown>) =>
  outcome.ok
    ? { allowed: true }
    : { allowed: false, code: outcome.refusal.code, reason: explain(outcome.refusal) };

describe.each(Object.entries(inEveryStatus))(
  'what is allowed with an exception that is %s',
  (_name, exception) => {
    it.each(Object.entries(commands))('is what deciding on %s comes to', (action, command) => {
      for (const actor of ['ana', 'bo', 'di']) {
        for (const facts of allFacts) {
          for (const disputeBlocksResolving of [false, true]) {
            const policy = { ...defaultPolicy, disputeBlocksResolving };
            const actions = allowedActions(exception, { actor, now }, facts, policy);
            expect(actions[action as keyof typeof commands]).toMatchObject(
              answerOf(command(exception, aContext({ actor }), facts, policy)),
            );
          }
        }
      }
    });

    it('names the targets that a dispatch is accepted for, and the categories of a dispute', () => {
      const policy = { ...defaultPolicy, connectors: ['JIRA', 'WEBHOOK'] as const };
      for (const facts of [noFacts, disputed, out]) {
        const { dispatch, dispute } = allowedActions(exception, { actor: 'ana', now }, facts, policy);
        const targets = (['JIRA', 'SERVICENOW', 'WEBHOOK', 'MANUAL'] as const).filter(
          (target) => decide(exception, { type: 'dispatch', target }, aContext(), facts, policy).ok,
        );
        expect(dispatch.allowed ? [...(dispatch.targets ?? [])].sort() : []).toEqual(targets.sort());
        const categories = disputeCategories.filter(
          (category) => openDispute(exception.id, { category, description: 'Wrong.' }, aContext(), facts).ok,
        );
        expect(dispute).toEqual({ allowed: true, categories });
      }
    });
  },
);

describe.each(Object.entries(inEveryDisputeState))(
  'what is allowed with a dispute that is %s',
  (_name, dispute) => {
    it('is what deciding comes to', () => {
      const { dispute: sample } = sampleCommands;
      const beside = { activeDisputes: [{ id: 'd2', category: dispute.category }] };
      for (const facts of [noFacts, beside]) {
        const actions = allowedDisputeActions(dispute, { actor: 'ana', now }, facts);
        const decided = (command: (typeof sample)[keyof typeof sample]) =>
          answerOf(decideDispute(dispute, command, aContext(), facts));
        expect(actions).toEqual({
          ...{ open: decided(sample.open), request_evidence: decided(sample.request_evidence) },
          ...{ submit_evidence: decided(sample.submit_evidence), close: decided(sample.win) },
          reopen: decided(sample.reopen),
        });
      }
    });
  },
);

describe('allowed actions', () => {
  const of = (exception: ReconException, actor = 'ana') => allowedActions(exception, { actor, now });

  it('say why not', () => {
    expect(of(anException()).unassign).toEqual({
      allowed: false,
      code: 'not_allowed',
      reason: expect.stringContaining('possible now: assign, force_match'),
    });
  });

  it('do not decide where there is no proposal', () => {
    for (const exception of Object.values(inEveryStatus).filter(({ pending }) => pending !== 'approval'))
      for (const action of ['approve', 'reject', 'withdraw'] as const)
        expect(of(exception)[action]).toMatchObject(
          exception.status === 'PENDING_RESOLUTION'
            ? {
                allowed: false,
                code:
                  exception.pending === 'ledger' && action === 'withdraw'
                    ? 'still_pending'
                    : 'nothing_proposed',
              }
            : {
                allowed: false,
                code: 'not_allowed',
                reason: expect.stringMatching(`^${action} is not possible`),
              },
        );
  });

  it('depend on who asks', () => {
    const waiting = inEveryStatus['PENDING_RESOLUTION for approval']!;
    const { proposedBy } = waiting.proposal!;
    expect(of(waiting, proposedBy)).toMatchObject({
      ...{ approve: { code: 'own_proposal' }, reject: { code: 'own_proposal' }, withdraw: { allowed: true } },
    });
    expect(of(waiting, 'another')).toMatchObject({
      ...{ approve: { allowed: true }, reject: { allowed: true }, withdraw: { code: 'not_proposer' } },
    });
  });
});
