import type { Context } from '../change';
import type { Dispatch } from './dispatch';
import { reservePosting } from './reserve';
import type { ExceptionCommand, ResolvingCommand } from '../exception/exception.lifecycle';
import type { Adjustment } from '../resolution/adjustment';
import type { ReconException } from '../exception/recon-exception';
import type { Proposal } from '../resolution/proposal';
import { exactly } from '../resolution/counterpart';
import { ok, refuse, type Result } from '../result';
import { money } from '../value/money';
import type { Posting } from './posting';

/** A resolution that changes what the books say. A plain resolve only says that nothing has to change. */
export type BookedResolution = Exclude<ResolvingCommand, { type: 'resolve' }>;

export const isBooked = (resolution: { type: string }): resolution is BookedResolution =>
  resolution.type === 'force_match' || resolution.type === 'adjust_entry';

/** What a command comes to where the books are kept in a ledger elsewhere: it takes effect once that has it. */
export function underLedger(
  exception: ReconException,
  command: ExceptionCommand,
  hasLedger: boolean,
): Result<ExceptionCommand> {
  if (!hasLedger || !isBooked(command) || exception.status === 'RESOLVED') return ok(command);
  if (exception.pending !== undefined) return refuse({ code: 'still_pending', waitsFor: exception.pending });
  return ok({ type: 'propose', resolution: command, waitsFor: 'ledger' });
}

/** Sends what was proposed on its way to the ledger, under the id that its adjustment is going to have. */
export function carried(
  exception: ReconException,
  proposal: Proposal,
  resolution: BookedResolution,
  ctx: Context,
): Result<Readonly<{ proposal: Proposal; dispatch: Dispatch }>> {
  const posting = postingFor(exception, proposal, resolution);
  if (!posting.ok) return posting;
  const dispatch = reservePosting(ctx.newId(), posting.value, ctx);
  return ok({ proposal: { ...proposal, postingId: dispatch.id }, dispatch });
}

function postingFor(
  exception: ReconException,
  { proposedBy, proposedAt, approvals = [], residuals }: Proposal,
  resolution: BookedResolution,
): Result<Posting> {
  const about = {
    ...aboutOf(exception),
    requestedBy: proposedBy,
    requestedAt: proposedAt,
    ...(approvals.length && { approvedBy: approvals.map(({ by }) => by) }),
  };
  if (resolution.type === 'force_match') {
    const { overrideReason, notes, counterparts } = resolution;
    const named = counterparts && exactly(counterparts);
    if (named && !named.ok) return named;
    return ok({
      ...about,
      type: 'forced_match',
      overrideReason,
      notes,
      ...(named && { counterparts: named.value }),
      ...(residuals && { residuals }),
    });
  }
  const { currency, effectiveAt, reasonCode, notes, direction = 'DEBIT' } = resolution;
  const amount = money(resolution.amount, currency);
  if (!amount.ok) return amount;
  return ok({
    ...about,
    type: 'adjustment',
    amount: amount.value,
    direction,
    effectiveAt,
    reasonCode,
    notes,
  });
}

/** What takes back an adjustment that a ledger was told of goes there as well. */
export function carriedBack(
  exception: ReconException,
  reversal: Adjustment & Readonly<{ reverses: string }>,
  ctx: Context,
): Dispatch {
  const { id, reverses, amount, direction, effectiveAt, reasonCode, notes, createdBy, createdAt, approval } =
    reversal;
  const booked = { type: 'reversal', reverses, amount, direction, effectiveAt, reasonCode, notes } as const;
  const who = approval
    ? {
        requestedBy: approval.proposedBy,
        requestedAt: approval.proposedAt,
        approvedBy: approval.approvals.map(({ by }) => by),
      }
    : { requestedBy: createdBy, requestedAt: createdAt };
  return reservePosting(id, { ...aboutOf(exception), ...who, ...booked }, ctx);
}

const aboutOf = ({ id, transactionId, reason, source }: ReconException) => ({
  exceptionId: id,
  transactionId,
  reason,
  ...(source !== undefined && { source }),
});
