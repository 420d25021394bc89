import type { Context } from '../change';
import {
  resolvingCommands,
  type ExceptionCommand,
  type ResolvingCommand,
} from '../exception/exception.lifecycle';
import type { ReconException } from '../exception/recon-exception';
import { ok, refuse, type Result } from '../result';
import { plusHours } from '../value/timestamp';
import { needsApproval, type ApprovalPolicy } from './policy';
import type { Proposal } from './proposal';

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
  (resolvingCommands as readonly string[]).includes(command.type);

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
    expiresAt: plusHours(ctx.now, expiresHours),
  };
}
