import type { ApprovalPolicy } from '../resolution/approval-policy';
import { isReversalProposed, mayNotApprove } from '../resolution/proposal';
import type { Context } from '../change';
import type { Addressee } from '../dispatch/dispatch.lifecycle';
import { evaluateMatch } from '../resolution/forced-match';
import type { Policy } from './policy';
import { unlistedReason, type AcceptedReasons } from '../resolution/reason-codes';
import type { Refusal } from '../refusal';
import { isPositive, money } from '../value/money';
import type { ExceptionCommand, ExceptionCommandType } from './exception.lifecycle';
import type { DispatchTarget } from '../value/dispatch-target';
import type { ForceMatch, ResolvingCommand } from '../resolution/commands';
import { deadlineOf } from './deadline';
import type { ReconException } from './recon-exception';

/** What a rule may need to know beyond the exception itself; the store loads it along. */
export type ExceptionFacts = Readonly<{
  activeDisputes: readonly Readonly<{ id: string; category: string }>[];
  /** Tickets that are out there, or on their way. */
  liveDispatches: readonly Readonly<{ id: string; target: Addressee; externalReference?: string }>[];
  /** What the tenant has approved by more than one person now. */
  approvalPolicy?: ApprovalPolicy;
  /** The reason codes that the tenant's people may give now. */
  reasonCodes?: AcceptedReasons;
  /** The tenant's books are kept in a ledger elsewhere. */
  ledger?: true;
  /** Where a reversal was proposed: the unresolved exception of the same transaction and reason, if there is one. */
  unresolved?: ReconException;
}>;

export const noFacts: ExceptionFacts = { activeDisputes: [], liveDispatches: [] };

/** Who asks, and when. */
export type Asker = Pick<Context, 'actor' | 'now'>;

type Situation = Readonly<{
  exception: ReconException;
  actor: string;
  now: Context['now'];
  facts: ExceptionFacts;
  policy: Policy;
}>;

/** Depends on the situation alone, so it also tells which actions are possible before anybody tries. */
type StandingRule = (now: Situation) => Refusal | undefined;
/** Depends on what the command says as well. */
type ContentRule<C> = (now: Situation, command: C) => Refusal | undefined;

const onlyWhileOutside: StandingRule = ({ exception: { pending } }) =>
  pending !== undefined && pending !== 'external' ? { code: 'still_pending', waitsFor: pending } : undefined;

const noActiveDispute: StandingRule = ({ facts, policy }) => {
  const [dispute] = facts.activeDisputes;
  return policy.disputeBlocksResolving && dispute
    ? { code: 'dispute_active', disputeId: dispute.id, category: dispute.category }
    : undefined;
};

/** What the ledger was told cannot be taken back here: it may have it already. */
const notAtLedger: StandingRule = ({ exception: { pending } }) =>
  pending === 'ledger' ? { code: 'still_pending', waitsFor: pending } : undefined;

/** Whoever approves decides to resolve; the ledger and those outside only tell what has happened. */
const noActiveDisputeToApprove: StandingRule = (now) =>
  now.exception.pending === 'approval' && !isReversalProposed(now.exception)
    ? noActiveDispute(now)
    : undefined;

/** A proposal ends at its time, whether or not the alarm that gives it back has rung. */
const notExpired: StandingRule = ({ exception, now, policy }) => {
  const deadline = exception.pending === 'approval' ? deadlineOf(exception, policy) : undefined;
  return deadline && deadline.at <= now ? { code: 'proposal_expired', expiresAt: deadline.at } : undefined;
};

const secondPerson: StandingRule = ({ exception: { pending, proposal }, actor }) =>
  pending === 'approval' && proposal ? mayNotApprove(proposal, actor) : undefined;

type OfProposal = Readonly<{ of?: 'proposal' }>;

const somethingProposed: ContentRule<OfProposal> = ({ exception: { pending } }, { of }) =>
  of && pending !== 'approval' ? { code: 'nothing_proposed' } : undefined;

/** Who made it takes it back; others decide on it. */
const byOthers: ContentRule<OfProposal> = ({ exception: { proposal }, actor }, { of }) =>
  of && proposal?.proposedBy === actor ? { code: 'own_proposal', proposedBy: actor } : undefined;

const byProposer: ContentRule<OfProposal> = ({ exception: { proposal }, actor }, { of }) =>
  of && proposal && proposal.proposedBy !== actor
    ? { code: 'not_proposer', proposedBy: proposal.proposedBy }
    : undefined;

const somethingNew: ContentRule<{ assignee: string; dueAt?: string }> = (
  { exception },
  { assignee, dueAt },
) =>
  exception.assignedTo === assignee && (dueAt === undefined || dueAt === exception.dueAt)
    ? { code: 'already_assigned', assignee }
    : undefined;

const positiveAmount: ContentRule<{ amount: string; currency: string }> = (_now, command) => {
  const amount = money(command.amount, command.currency);
  if (!amount.ok) return amount.refusal;
  return isPositive(amount.value) ? undefined : { code: 'amount_not_positive', field: 'amount' };
};

const nothingMuchLeft: ContentRule<ForceMatch> = ({ exception, policy }, command) => {
  const weighed = evaluateMatch(exception, command, policy.residualTolerance);
  return weighed.ok ? undefined : weighed.refusal;
};

const connected: ContentRule<{ target: DispatchTarget }> = ({ policy }, { target }) =>
  target === 'MANUAL' || policy.connectors.includes(target)
    ? undefined
    : { code: 'connector_not_configured', target };

/** Nobody is asked twice. What is waited for can be recalled; what was taken up stays with them until it is resolved. */
const notOutThereAlready: ContentRule<{ target: DispatchTarget }> = ({ exception, facts }, { target }) => {
  const live = facts.liveDispatches.find((dispatch) => dispatch.target === target);
  if (!live) return undefined;
  const { externalReference: reference } = live;
  return {
    code: 'already_dispatched',
    target,
    ...(reference !== undefined && { reference }),
    ...(exception.pending === undefined && { beyondRecall: true }),
  };
};

/** What a resolution says, done at once or proposed. What is confirmed later was listed then, and that is enough. */
const soundResolution: ContentRule<ResolvingCommand> = (now, command) =>
  badAmount(now, command) ?? unlistedReason(command, now.facts.reasonCodes);

const badAmount: ContentRule<ResolvingCommand> = (now, command) => {
  if (command.type === 'adjust_entry') return positiveAmount(now, command);
  return command.type === 'force_match' ? nothingMuchLeft(now, command) : undefined;
};

const soundProposal: ContentRule<Extract<ExceptionCommand, { type: 'propose' }>> = (now, { resolution }) =>
  soundResolution(now, resolution);

type Rules = {
  readonly [T in ExceptionCommandType]?: Readonly<{
    standing?: readonly StandingRule[];
    content?: readonly ContentRule<Extract<ExceptionCommand, { type: T }>>[];
  }>;
};

const resolving = [onlyWhileOutside, noActiveDispute];

/** Beside the lifecycle table, all that can stand in the way of a command. The first broken rule is the answer. */
const rules: Rules = {
  assign: { content: [somethingNew] },
  force_match: { standing: resolving, content: [soundResolution] },
  adjust_entry: { standing: resolving, content: [soundResolution] },
  resolve: { standing: resolving, content: [soundResolution] },
  propose: { standing: resolving, content: [soundProposal] },
  dispatch: { standing: [onlyWhileOutside], content: [connected, notOutThereAlready] },
  confirm: { standing: [notExpired, secondPerson, noActiveDisputeToApprove], content: [somethingProposed] },
  return: { content: [somethingProposed, byOthers] },
  recall: { standing: [notAtLedger], content: [somethingProposed, byProposer] },
};

/** The first standing rule that forbids this kind of command now, whatever it says. */
export function forbidden(type: ExceptionCommandType, now: Situation): Refusal | undefined {
  for (const rule of rules[type]?.standing ?? []) {
    const refusal = rule(now);
    if (refusal) return refusal;
  }
  return undefined;
}

/** The first rule this command breaks. */
export function broken(
  exception: ReconException,
  command: ExceptionCommand,
  { actor, now: at }: Asker,
  facts: ExceptionFacts,
  policy: Policy,
): Refusal | undefined {
  const now = { exception, actor, now: at, facts, policy };
  const standing = forbidden(command.type, now);
  if (standing) return standing;
  // The table is keyed by the command's type, so its content rules are rules for this command.
  for (const rule of (rules[command.type]?.content ?? []) as readonly ContentRule<ExceptionCommand>[]) {
    const refusal = rule(now, command);
    if (refusal) return refusal;
  }
  return undefined;
}
