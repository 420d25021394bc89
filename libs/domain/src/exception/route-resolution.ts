import type { Context } from '../change';
import type { ExceptionCommand } from './exception.lifecycle';
import { isBooked, isResolving, type Resolve, type ResolvingCommand } from '../resolution/commands';
import type { ReconException } from './recon-exception';
import { ok, refuse, type Result } from '../result';
import { defined } from '../value/defined';
import { cut, limits } from '../value/text';
import { plusHours } from '../value/timestamp';
import { needsApproval, type ApprovalPolicy, type ApprovalRule } from '../resolution/approval-policy';
import type { Proposal } from '../resolution/proposal';

/**
 * Routes a command through approval where the policy asks for it: a command that would resolve the exception, or post to a
 * ledger, becomes the proposal to do so. A confirmation by the ledger or by an approver passes: the policy was asked when
 * its proposal was made.
 */
export function routeThroughApproval(
  exception: ReconException,
  command: ExceptionCommand,
  policy: ApprovalPolicy | undefined,
): Result<ExceptionCommand> {
  if (exception.status === 'RESOLVED') return ok(command);
  const resolution = isResolving(command) ? command : resolutionBy(exception, command);
  if (!resolution || !needsApproval(exception, resolution, policy)) return ok(command);
  // Otherwise an external system and an approver would be asked for the same resolution at once.
  if (isResolving(command) && exception.pending !== undefined)
    return refuse({ code: 'still_pending', waitsFor: exception.pending });
  return ok({ type: 'propose', resolution, waitsFor: 'approval' });
}

/** Routes a booked resolution through the ledger of a tenant that has one: it takes effect once the ledger has booked it. */
export function routeThroughLedger(
  exception: ReconException,
  command: ExceptionCommand,
  hasLedger: boolean,
): Result<ExceptionCommand> {
  if (!hasLedger || !isBooked(command) || exception.status === 'RESOLVED') return ok(command);
  if (exception.pending !== undefined) return refuse({ code: 'still_pending', waitsFor: exception.pending });
  return ok({ type: 'propose', resolution: command, waitsFor: 'ledger' });
}

/** The resolution that a command implies: one that an external system reports, or one that is proposed to the ledger. */
function resolutionBy(
  { pending, externalSystem }: ReconException,
  command: ExceptionCommand,
): ResolvingCommand | undefined {
  if (command.type === 'propose') return command.waitsFor === 'ledger' ? command.resolution : undefined;
  if (command.type !== 'confirm' || pending !== 'external') return undefined;
  return reportedResolution(command.notes ?? `Resolved in ${externalSystem ?? 'another system'}`);
}

/** A resolution is shorter than notes may be: where it is cut off, its reason is the whole text. */
function reportedResolution(notes: string): Resolve {
  const resolution = cut(notes, limits.resolution);
  return { type: 'resolve', resolution, ...(resolution !== notes && { reason: notes }) };
}

/** The proposal that this command makes, with the rule that asked for approval. */
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
  return { ...made, ...approvalTerms(exception, rule, policy, ctx, expiresHours) };
}

/** The terms of an approval: the number of approvers, who is barred, by which rule, and until when. */
export const approvalTerms = (
  { assignedBy, formerAssigners }: ReconException,
  rule: ApprovalRule | undefined,
  policy: ApprovalPolicy | undefined,
  { now }: Pick<Context, 'now'>,
  expiresHours: number,
) => ({
  approvalsNeeded: rule?.approvers ?? 1,
  ...(rule?.mayNotApprove?.includes('assigner') && defined({ assignedBy, formerAssigners })),
  ...(rule && policy && { rule, policyVersion: policy.version }),
  expiresAt: plusHours(now, expiresHours),
});
