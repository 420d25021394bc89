import { commentRefusals, disputeRefusals, exceptionRefusals, proposalRefusals } from './command-refusals';
import { decideComment } from './comment/comment';
import { decideDispute } from './dispute/dispute';
import type { DisputeCommand } from './dispute/dispute.lifecycle';
import { decide } from './exception/exception';
import { type ExceptionCommand } from './exception/exception.lifecycle';
import { resolvingCommands, type ResolvingCommand } from './resolution/commands';
import { noFacts, type ExceptionFacts } from './exception/exception.facts';
import { defaultPolicy } from './exception/policy';
import type { ReconException } from './exception/recon-exception';
import type { Result } from './result';
import {
  aComment,
  aContext,
  anException,
  inEveryDisputeState,
  inEveryStatus,
  sampleCommands,
} from './testing';
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
            connectors: ['JIRA'],
            disputeBlocksResolving: true,
          }),
        ),
      ),
    ),
  );

describe('the table of refusals', () => {
  it.each(Object.keys(exceptionRefusals) as (keyof typeof exceptionRefusals)[])(
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
});
