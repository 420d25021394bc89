import { evaluateMatch } from '../resolution/forced-match';
import { isReversalProposed, mayNotApprove } from '../resolution/proposal';
import type { ResolvingCommand } from '../resolution/commands';
import { unlistedReason } from '../resolution/reason-codes';
import type { Refusal } from '../refusal';
import { defined } from '../value/defined';
import type { DispatchTarget } from '../value/dispatch-target';
import { isPositive, money } from '../value/money';
import { deadlineOf } from './deadline';
import type { Asker, ExceptionFacts, Situation } from './exception.facts';
import type { ExceptionCommand, ExceptionCommandType } from './exception.lifecycle';
import type { Policy } from './policy';
import type { ReconException } from './recon-exception';

/** Depends on the situation alone, so it also decides which actions are offered. */
type StandingRule = (now: Situation) => Refusal | undefined;
/** Depends on the content of the command as well. */
type ContentRule<C> = (now: Situation, command: C) => Refusal | undefined;

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
  of && proposal?.proposedBy === actor ? { code: 'own_proposal', proposedBy: actor } : undefined;

const byProposer: ContentRule<OfProposal> = ({ exception: { proposal }, actor }, { of }) =>
  of && proposal && proposal.proposedBy !== actor
    ? { code: 'not_proposer', proposedBy: proposal.proposedBy }
    : undefined;

type Assignment = Readonly<{ assignee: string; dueAt?: string }>;
const isNewAssignment: ContentRule<Assignment> = ({ exception }, { assignee, dueAt }) =>
  exception.assignedTo === assignee && (dueAt === undefined || dueAt === exception.dueAt)
    ? { code: 'already_assigned', assignee }
    : undefined;

const connected: ContentRule<{ target: DispatchTarget }> = ({ policy }, { target }) =>
  target === 'MANUAL' || policy.connectors.includes(target)
    ? undefined
    : { code: 'connector_not_configured', target };

/** One live ticket for each target. Only a pending one can be recalled; one that was taken up stays until the resolution. */
const notDispatchedYet: ContentRule<{ target: DispatchTarget }> = ({ exception, facts }, { target }) => {
  const live = facts.liveDispatches.find((dispatch) => dispatch.target === target);
  if (!live) return undefined;
  const beyondRecall = exception.pending === undefined ? (true as const) : undefined;
  const { externalReference: reference } = live;
  return defined({ code: 'already_dispatched' as const, target, reference, beyondRecall });
};

/** The content of a resolution, at once or proposed. The confirmation of a proposal is not checked against the list again. */
const soundResolution: ContentRule<ResolvingCommand> = (now, command) =>
  badAmount(now, command) ?? unlistedReason(command, now.facts.reasonCodes);

const badAmount: ContentRule<ResolvingCommand> = ({ exception, policy }, command) => {
  if (command.type === 'resolve') return undefined;
  if (command.type === 'force_match') {
    const match = evaluateMatch(exception, command, policy.residualTolerance);
    return match.ok ? undefined : match.refusal;
  }
  const amount = money(command.amount, command.currency);
  if (!amount.ok) return amount.refusal;
  return isPositive(amount.value) ? undefined : { code: 'amount_not_positive', field: 'amount' };
};

const soundProposal: ContentRule<Readonly<{ resolution: ResolvingCommand }>> = (now, { resolution }) =>
  soundResolution(now, resolution);

type Rules = {
  readonly [T in ExceptionCommandType]?: Readonly<{
    standing?: readonly StandingRule[];
    content?: readonly ContentRule<Extract<ExceptionCommand, { type: T }>>[];
  }>;
};

const resolving = [onlyExternalPending, noActiveDispute];

/** Every reason to refuse a command that the lifecycle table allows. The first broken rule is the answer. */
const rules: Rules = {
  assign: { content: [isNewAssignment] },
  force_match: { standing: resolving, content: [soundResolution] },
  adjust_entry: { standing: resolving, content: [soundResolution] },
  resolve: { standing: resolving, content: [soundResolution] },
  propose: { standing: resolving, content: [soundProposal] },
  dispatch: { standing: [onlyExternalPending], content: [connected, notDispatchedYet] },
  confirm: { standing: [notExpired, secondPerson, noActiveDisputeToApprove], content: [hasProposal] },
  return: { content: [hasProposal, notByProposer] },
  recall: { standing: [notAtLedger], content: [hasProposal, byProposer] },
};

/** The first standing rule that forbids this type of command now, whatever its content. */
export const forbidden = (type: ExceptionCommandType, now: Situation): Refusal | undefined =>
  firstRefusal(rules[type]?.standing, (rule) => rule(now));

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
  const content = rules[command.type]?.content as readonly ContentRule<ExceptionCommand>[] | undefined;
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
