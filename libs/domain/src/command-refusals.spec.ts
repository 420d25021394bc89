import {
  adjustmentRefusals,
  commentRefusals,
  dispatchRefusals,
  disputeRefusals,
  exceptionRefusals,
  proposalRefusals,
} from './command-refusals';
import { addComment, decideComment } from './comment/comment';
import { defaultLookupPolicies } from './dispatch/lookup-policy';
import { decideDispute, openDispute } from './dispute/dispute';
import type { DisputeCommand } from './dispute/dispute.lifecycle';
import { decide } from './exception/exception';
import { exceptionLifecycle, type ExceptionCommand } from './exception/exception.lifecycle';
import { callbackStatuses } from './exception/callback';
import { raise } from './exception/raise';
import { receive } from './exception/receive';
import { reverse, type Reversible } from './exception/reversal';
import { commands } from './lifecycle';
import { decideOperatorAnswer } from './outcome/operator-answer';
import { decideOutcome } from './outcome/decide-outcome';
import { dispatchStates } from './dispatch/dispatch.lifecycle';
import type { Adjustment } from './resolution/adjustment';
import { resolvingCommands, type ResolvingCommand } from './resolution/commands';
import { noFacts, type ExceptionFacts } from './exception/exception.facts';
import { defaultPolicy } from './exception/policy';
import type { ReconException } from './exception/recon-exception';
import { endpointRefusals, replayDeliveries } from './desks/replay-deliveries';
import type { EndpointTransaction } from './ports/endpoint-store';
import { ok, type Result } from './result';
import { endpointStates, type WebhookEndpoint } from './webhook/endpoint';
import {
  aCallback,
  aComment,
  aContext,
  aDispatch,
  aDispute,
  aReport,
  anException,
  inEveryDisputeState,
  inEveryStatus,
  now,
  sampleCommands,
} from './testing';
import { laterBy } from './value/timestamp';
import { limits } from './value/text';

/** The codes that come of all these attempts, one after the other; a malformed command is none of the table's business. */
const codesOf = (outcomes: readonly Result<unknown>[]): readonly string[] =>
  [...new Set(outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal.code])))]
    .filter((code) => code !== 'invalid_value')
    .sort();
const sorted = (codes: readonly string[]): readonly string[] => [...codes].sort();

const { exception: sample, dispute: sampleOfDispute, comment: sampleOfComment } = sampleCommands;

/** Amounts that each currency has something against, and one that none has. */
const amounts = [
  { amount: '1.50', currency: 'EUR' },
  { amount: '1.50', currency: 'XXX' },
  { amount: '1.50', currency: 'JPY' },
  { amount: '2', currency: 'JPY' },
  { amount: '0', currency: 'EUR' },
  { amount: '9'.repeat(30), currency: 'EUR' },
];

const variants: { readonly [T in ResolvingCommand['type']]: readonly ResolvingCommand[] } = {
  adjust_entry: amounts.map((money) => ({ ...sample.adjust_entry, ...money })),
  force_match: amounts.flatMap((money) =>
    [true, false].map((acceptResidual) => ({
      ...sample.force_match,
      acceptResidual,
      counterparts: [{ source: 'ledger', transactionId: '019b7c00-0000-7000-8000-000000008888', ...money }],
    })),
  ),
  resolve: [sample.resolve],
};

function commandsOf(type: ExceptionCommand['type'], of: { of?: 'proposal' }): readonly ExceptionCommand[] {
  if (type === 'propose')
    return Object.values(variants)
      .flat()
      .map((resolution) => ({ ...sample.propose, resolution }));
  if (type === 'dispatch')
    return (['MANUAL', 'JIRA', 'WEBHOOK'] as const).map((target) => ({ type, target }));
  if (type === 'assign') return [sample.assign, { type, assignee: 'bo' }];
  if (type === 'force_match' || type === 'adjust_entry' || type === 'resolve') return variants[type];
  return [{ ...sample[type], ...of }];
}

const approved = { approvalsNeeded: 2, approvals: [{ by: 'cy', at: '2026-01-02T03:00:00.000Z' }] };
const proposed: ReconException = {
  ...anException({
    status: 'PENDING_RESOLUTION',
    pending: 'approval',
    pendingSince: '2026-01-02T03:00:00.000Z',
  }),
  proposal: {
    resolution: sample.resolve,
    proposedBy: 'bo',
    proposedAt: '2026-01-02T03:00:00.000Z',
    assignedBy: 'di',
    ...approved,
  },
};
const exceptions: readonly ReconException[] = [
  ...Object.values(inEveryStatus),
  proposed,
  { ...proposed, proposal: { ...proposed.proposal!, expiresAt: '2026-01-02T03:01:00.000Z' } },
];

const everyFact: readonly ExceptionFacts[] = [
  noFacts,
  { ...noFacts, activeDisputes: [{ id: 'd1', category: 'OTHER' }] },
  { ...noFacts, liveDispatches: [{ id: 't1', target: 'MANUAL' }] },
  {
    ...noFacts,
    reasonCodes: Object.fromEntries(resolvingCommands.map((type) => [type, ['A code of its own']])),
  },
  { ...noFacts, ledger: true },
  {
    ...noFacts,
    approvalPolicy: { version: 1, rules: resolvingCommands.map((command) => ({ command, approvers: 2 })) },
  },
];

/** What becomes of these commands in every status, under every fact, from every person who is named there and a stranger. */
const attempts = (commands: readonly ExceptionCommand[]): readonly Result<unknown>[] =>
  exceptions.flatMap((exception) =>
    everyFact.flatMap((facts) =>
      ['ana', 'bo', 'cy', 'di'].flatMap((actor) =>
        commands.map((command) =>
          decide(exception, command, aContext({ actor }), facts, {
            ...defaultPolicy,
            adjustmentCheck: { mode: 'refuse', maxPercent: 100 },
            connectors: ['JIRA'],
            disputeBlocksResolving: true,
          }),
        ),
      ),
    ),
  );

const noDeliveries = { deliveries: { again: async () => undefined } } as unknown as EndpointTransaction;

describe('the table of refusals', () => {
  it.each(commands(exceptionLifecycle))(
    'has all that an exception may refuse %s with, and nothing else',
    (type) => {
      expect(codesOf(attempts(commandsOf(type, {})))).toEqual(sorted(exceptionRefusals[type]));
    },
  );

  it.each(Object.keys(proposalRefusals) as (keyof typeof proposalRefusals)[])(
    'has all that an exception may refuse %s of a proposal with, and nothing else',
    (type) => {
      expect(codesOf(attempts(commandsOf(type, { of: 'proposal' })))).toEqual(sorted(proposalRefusals[type]));
    },
  );

  it.each(Object.values(sampleOfDispute) as DisputeCommand[])(
    'has all that a dispute may refuse $type with, and nothing else',
    (command) => {
      const [any] = Object.values(inEveryDisputeState);
      const evidence = Array(limits.evidencePerDispute).fill(any!.evidence[0]);
      const outcomes = Object.values(inEveryDisputeState).flatMap((dispute) =>
        [dispute, { ...dispute, evidence }].flatMap((one) =>
          [[], [{ id: 'd9', category: one.category }]].map((activeDisputes) =>
            decideDispute(one, command, aContext(), { activeDisputes }),
          ),
        ),
      );
      expect(codesOf(outcomes)).toEqual(sorted(disputeRefusals[command.type]));
    },
  );

  it.each(Object.values(sampleOfComment))(
    'has all that a comment may refuse $type with, and nothing else',
    (command) => {
      const outcomes = ['ana', 'bo'].map((actor) => decideComment(aComment(), command, aContext({ actor })));
      expect(codesOf(outcomes)).toEqual(sorted(commentRefusals[command.type]));
    },
  );

  it('has all that a report may be refused with, and nothing else', () => {
    const outcomes = amounts.map((money) => raise(aReport(money), aContext(), defaultPolicy));
    expect(codesOf(outcomes)).toEqual(sorted(exceptionRefusals.raise));
  });

  it('has all that a callback may be refused with, and nothing else', () => {
    const outcomes = exceptions.flatMap((exception) =>
      everyFact.flatMap((facts) =>
        callbackStatuses.flatMap((status) =>
          ['bo', 'dee'].flatMap((assignee) =>
            ['OPS-4711', 'OPS-1'].map((externalIssueId) => {
              const { dueAt: _due, ...callback } = aCallback({ status, assignee, externalIssueId });
              return receive(exception, callback, aContext(), facts);
            }),
          ),
        ),
      ),
    );
    expect(codesOf(outcomes)).toEqual(sorted(exceptionRefusals.receive));
  });

  it('has all that opening a dispute may be refused with, and nothing else', () => {
    const { category, description } = aDispute();
    const outcomes = [true, false].flatMap((draft) =>
      [[], [{ id: 'd9', category }]].map((activeDisputes) =>
        openDispute('e1', { category, description, draft }, aContext(), { activeDisputes }),
      ),
    );
    expect(codesOf(outcomes)).toEqual(sorted(disputeRefusals.draft));
  });

  it('has all that a new comment may be refused with, and nothing else', () => {
    expect(codesOf([addComment('e1', 'Called the bank.', aContext())])).toEqual(commentRefusals.add_comment);
  });

  it('has all that a reversal may be refused with, and nothing else', () => {
    const adjustment: Adjustment = {
      ...{
        id: 'a1',
        exceptionId: 'e1',
        amount: { amount: '1.00', currency: 'EUR' },
        direction: 'DEBIT' as const,
      },
      ...{ effectiveAt: '2026-01-02T03:00:00.000Z', reasonCode: 'FEE', notes: 'Fee.', createdBy: 'bo' },
      createdAt: '2026-01-02T03:00:00.000Z',
    };
    const reversibles = exceptions.flatMap((exception): Reversible[] => [
      { adjustment, exception },
      { adjustment, exception, reversedBy: 'a2' },
      { adjustment: { ...adjustment, reverses: 'a0' }, exception },
    ]);
    const outcomes = reversibles.flatMap((reversible) =>
      everyFact.map(({ approvalPolicy }) =>
        reverse(
          { ...reversible, ...(approvalPolicy && { approvalPolicy }) },
          { reason: 'Twice.' },
          aContext(),
        ),
      ),
    );
    expect(codesOf(outcomes)).toEqual(sorted(adjustmentRefusals.reverse));
  });

  it('has all that an operator may be refused with about a dispatch, and nothing else', () => {
    const request = { arrived: true, reference: 'L-1' };
    const proposedAnswer = {
      ...{ request, proposedBy: 'ana', proposedAt: now, expiresAt: laterBy(now, 1) },
      ...{ approvalsNeeded: 2, approvals: [{ by: 'bo', at: now }] },
    };
    const loaded = exceptions.flatMap((exception) =>
      everyFact.flatMap((facts) =>
        dispatchStates.flatMap((state) =>
          [
            aDispatch({ state, ...(state === 'DEAD' && { proposedAnswer }) }),
            aDispatch({ state, target: 'LEDGER', kind: 'posting' }),
          ].map((dispatch) => ({
            ...{ dispatch, facts },
            exception: exception.proposal
              ? { ...exception, proposal: { ...exception.proposal, postingId: dispatch.id } }
              : exception,
          })),
        ),
      ),
    );
    const from = (actor: string) => aContext({ actor });
    const redriven = loaded.map((one) =>
      decideOutcome(one, { type: 'redrive' }, from('bo'), defaultLookupPolicies),
    );
    expect(codesOf(redriven)).toEqual(sorted(dispatchRefusals.redrive));
    const answered = loaded.flatMap((one) =>
      ['ana', 'bo', 'di'].flatMap((actor) =>
        [
          { arrived: true, reference: 'L-1' },
          { arrived: false, reason: 'Lost.' },
        ].map((answer) => decideOperatorAnswer(one, answer, from(actor), defaultLookupPolicies)),
      ),
    );
    expect(codesOf(answered)).toEqual(sorted(dispatchRefusals.answer));
  });

  it('has all that a replay of deliveries may be refused with, and nothing else', async () => {
    const outcomes = await Promise.all(
      endpointStates.map((state) =>
        replayDeliveries({ state } as WebhookEndpoint, noDeliveries, aContext(), async () => ok([])),
      ),
    );
    expect(codesOf(outcomes)).toEqual(sorted(endpointRefusals.replay));
  });
});
