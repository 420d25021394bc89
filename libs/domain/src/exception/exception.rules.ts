import { isReversalProposed, mayNotApprove } from '../resolution/proposal';
import type { Refusal, RefusalCode } from '../refusal';
import { isSamePerson } from '../value/person';
import { deadlineOf } from './deadline';
import { connected, notDispatchedYet } from './dispatch.rules';
import type { Asker, ContentRule, ExceptionFacts, Situation } from './exception.facts';
import type { ExceptionCommand, ExceptionCommandType } from './exception.lifecycle';
import type { Policy } from './policy';
import type { ReconException } from './recon-exception';
import { resolutionRefusals, soundProposal, soundResolution } from './resolution.rules';

/** Depends on the situation alone, so it also decides which actions are offered. */
type StandingRule = (now: Situation) => Refusal | undefined;

const onlyExternalPending: StandingRule = ({ exception: { pending } }) =>
  pending !== undefined && pending !== 'external' ? { code: 'still_pending', waitsFor: pending } : undefined;

const noActiveDispute: StandingRule = ({ facts, policy }) => {
  const [dispute] = facts.activeDisputes;
  return policy.disputeBlocksResolving && dispute
    ? { code: 'dispute_active', disputeId: dispute.id, category: dispute.category }
    : undefined;
};

/** A posting cannot be recalled: the ledger may have booked it already. */
const notAtLedger: StandingRule = ({ exception: { pending: waitsFor } }) =>
  waitsFor === 'ledger' ? { code: 'still_pending', waitsFor } : undefined;

/** An approver decides to resolve; the ledger and external systems only report what has happened. */
const noActiveDisputeToApprove: StandingRule = (now) =>
  now.exception.pending === 'approval' && !isReversalProposed(now.exception)
    ? noActiveDispute(now)
    : undefined;

/** A proposal expires at its time, whether or not the job that returns it has run. */
const notExpired: StandingRule = ({ exception, now, policy }) => {
  const deadline = exception.pending === 'approval' ? deadlineOf(exception, policy) : undefined;
  return deadline && deadline.at <= now ? { code: 'proposal_expired', expiresAt: deadline.at } : undefined;
};

const secondPerson: StandingRule = ({ exception: { pending, proposal }, actor }) =>
  pending === 'approval' && proposal ? mayNotApprove(proposal, actor) : undefined;

type OfProposal = Readonly<{ of?: 'proposal' }>;

const hasProposal: ContentRule<OfProposal> = ({ exception: { pending } }, { of }) =>
  of && pending !== 'approval' ? { code: 'nothing_proposed' } : undefined;

/** The proposer withdraws a proposal; others decide on it. */
const notByProposer: ContentRule<OfProposal> = ({ exception: { proposal }, actor }, { of }) =>
  of && proposal && isSamePerson(proposal.proposedBy, actor)
    ? { code: 'own_proposal', proposedBy: proposal.proposedBy }
    : undefined;

const byProposer: ContentRule<OfProposal> = ({ exception: { proposal }, actor }, { of }) =>
  of && proposal && !isSamePerson(proposal.proposedBy, actor)
    ? { code: 'not_proposer', proposedBy: proposal.proposedBy }
    : undefined;

type Assignment = Readonly<{ assignee: string; dueAt?: string }>;
const isNewAssignment: ContentRule<Assignment> = ({ exception }, { assignee, dueAt }) =>
  exception.assignedTo === assignee && (dueAt === undefined || dueAt === exception.dueAt)
    ? { code: 'already_assigned', assignee }
    : undefined;

type Rules = {
  readonly [T in ExceptionCommandType]?: Readonly<{
    /** The codes of all its rules, for documents; a spec compares them with what is decided. */
    refuses: readonly RefusalCode[];
    /** The codes that only a command with `of: 'proposal'` can have, beside `nothing_proposed`. */
    refusesOfProposal?: readonly RefusalCode[];
    standing?: readonly StandingRule[];
    content?: readonly ContentRule<Extract<ExceptionCommand, { type: T }>>[];
  }>;
};

const resolving = (type: keyof typeof resolutionRefusals) => ({
  refuses: ['still_pending', 'dispute_active', ...resolutionRefusals[type]] as const,
  standing: [onlyExternalPending, noActiveDispute],
});

/** Every reason to refuse a command that the lifecycle table allows. The first broken rule is the answer. */
export const exceptionRules: Rules = {
  assign: { refuses: ['already_assigned'], content: [isNewAssignment] },
  force_match: { ...resolving('force_match'), content: [soundResolution] },
  adjust_entry: { ...resolving('adjust_entry'), content: [soundResolution] },
  resolve: { ...resolving('resolve'), content: [soundResolution] },
  propose: { ...resolving('propose'), content: [soundProposal] },
  dispatch: {
    refuses: ['still_pending', 'already_dispatched', 'connector_not_configured'],
    standing: [onlyExternalPending],
    content: [connected, notDispatchedYet],
  },
  confirm: {
    refuses: [
      'own_proposal',
      'already_approved',
      'assigned_by_approver',
      'proposal_expired',
      'dispute_active',
    ],
    standing: [notExpired, secondPerson, noActiveDisputeToApprove],
    content: [hasProposal],
  },
  return: {
    refuses: [],
    refusesOfProposal: ['own_proposal'],
    content: [hasProposal, notByProposer],
  },
  recall: {
    refuses: ['still_pending'],
    refusesOfProposal: ['not_proposer'],
    standing: [notAtLedger],
    content: [hasProposal, byProposer],
  },
};

/** The first standing rule that forbids this type of command now, whatever its content. */
export const forbidden = (type: ExceptionCommandType, now: Situation): Refusal | undefined =>
  firstRefusal(exceptionRules[type]?.standing, (rule) => rule(now));

/** The first rule that this command breaks. */
export function broken(
  exception: ReconException,
  command: ExceptionCommand,
  { actor, now: at }: Asker,
  facts: ExceptionFacts,
  policy: Policy,
): Refusal | undefined {
  const now = { exception, actor, now: at, facts, policy };
  // The table is keyed by the type of the command, so its content rules are rules for this command.
  const content = exceptionRules[command.type]?.content as
    readonly ContentRule<ExceptionCommand>[] | undefined;
  return forbidden(command.type, now) ?? firstRefusal(content, (rule) => rule(now, command));
}

function firstRefusal<Rule>(
  list: readonly Rule[] = [],
  ask: (rule: Rule) => Refusal | undefined,
): Refusal | undefined {
  for (const rule of list) {
    const refusal = ask(rule);
    if (refusal) return refusal;
  }
  return undefined;
}
