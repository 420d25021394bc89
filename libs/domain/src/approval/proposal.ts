import type { Context } from '../change';
import { laterBy } from '../dispatch/schedule';
import type { ExceptionCommand, ResolvingCommand } from '../exception/exception.lifecycle';
import type { ReconException } from '../exception/recon-exception';
import type { Refusal } from '../refusal';
import { ok, refuse, type Result } from '../result';
import type { Timestamp } from '../value/timestamp';
import { needsApproval, type ApprovalPolicy, type ApprovalRule } from './policy';

export type Approval = Readonly<{ by: string; at: Timestamp }>;

/** A resolution that awaits approval or the ledger. What was asked for when it was made holds to its end. */
export type Proposal = Readonly<{
  resolution: ResolvingCommand;
  proposedBy: string;
  proposedAt: Timestamp;
  /** Approvals it takes; one, where it does not say. */
  approvalsNeeded?: number;
  /** Those before the last, which confirms it. */
  approvals?: readonly Approval[];
  /** Who assigned the exception, where the rule says that they may not approve. */
  assignedBy?: string;
  /** The rule that asked for approval, and the version of the policy it stood in. */
  rule?: ApprovalRule;
  policyVersion?: number;
  /** When it goes back if nobody has decided on it. */
  expiresAt?: Timestamp;
}>;

/** What a command comes to where a policy asks for more than one person: resolving becomes proposing. */
export function underApproval(
  exception: ReconException,
  command: ExceptionCommand,
  policy: ApprovalPolicy | undefined,
): Result<ExceptionCommand> {
  if (!isResolving(command) || exception.status === 'RESOLVED') return ok(command);
  if (!needsApproval(exception, command, policy)) return ok(command);
  // Whoever has it outside would be asked the same question as the second person here.
  if (exception.pending !== undefined) return refuse({ code: 'still_pending', waitsFor: exception.pending });
  return ok({ type: 'propose', resolution: command, waitsFor: 'approval' });
}

const isResolving = (command: ExceptionCommand): command is ResolvingCommand =>
  command.type === 'force_match' || command.type === 'adjust_entry' || command.type === 'resolve';

/** The proposal that this command makes; the rule that asked for it is kept with it. */
export function proposalOf(
  exception: ReconException,
  { resolution, waitsFor }: Extract<ExceptionCommand, { type: 'propose' }>,
  ctx: Context,
  policy: ApprovalPolicy | undefined,
  expiresHours: number,
): Proposal {
  const made = { resolution, proposedBy: ctx.actor, proposedAt: ctx.now };
  if (waitsFor !== 'approval') return made;
  const rule = needsApproval(exception, resolution, policy);
  const { assignedBy } = exception;
  return {
    ...made,
    approvalsNeeded: rule?.approvers ?? 1,
    ...(rule?.mayNotApprove?.includes('assigner') && assignedBy !== undefined && { assignedBy }),
    ...(rule && policy && { rule, policyVersion: policy.version }),
    expiresAt: laterBy(ctx.now, expiresHours * 3_600_000),
  };
}

/** How many approvals a proposal still takes, the one that confirms it included. */
export const approvalsOutstanding = ({ approvalsNeeded = 1, approvals = [] }: Proposal): number =>
  approvalsNeeded - approvals.length;

/** Why this person may not approve it, whoever else may. */
export function mayNotApprove(
  { proposedBy, assignedBy, approvals = [] }: Proposal,
  actor: string,
): Refusal | undefined {
  if (proposedBy === actor) return { code: 'own_proposal', proposedBy };
  if (assignedBy === actor) return { code: 'assigned_by_approver', assignedBy };
  return approvals.some(({ by }) => by === actor) ? { code: 'already_approved', approver: actor } : undefined;
}

/** In whose name proposals expire. */
export const approvalClock = 'redress:approvals';

/** What is to be done about a proposal now: nothing, come back later, or give it back. */
export function expiryOf(
  { pending, proposal }: ReconException,
  now: Timestamp,
): Extract<ExceptionCommand, { type: 'return' }> | 'later' | undefined {
  if (pending !== 'approval' || proposal?.expiresAt === undefined) return undefined;
  if (proposal.expiresAt > now) return 'later';
  return { type: 'return', of: 'proposal', reason: 'Nobody decided on it in time.' };
}
