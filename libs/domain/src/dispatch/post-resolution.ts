import type { Context } from '../change';
import type { Adjustment } from '../resolution/adjustment';
import type { BookedResolution } from '../resolution/commands';
import { exactly } from '../resolution/counterpart';
import type { Proposal } from '../resolution/proposal';
import { ok, type Result } from '../result';
import { defined } from '../value/defined';
import { money } from '../value/money';
import type { Dispatch } from './dispatch';
import { reservePosting } from './reserve';

/** The facts of an exception that a posting has. */
type Subject = Readonly<{ id: string; transactionId: string; reason: string; source?: string }>;

/** Reserves the posting of a proposed resolution. Its id is the id that the adjustment will have. */
export function postResolution(
  subject: Subject,
  { proposedBy, proposedAt, approvals, residuals }: Proposal,
  resolution: BookedResolution,
  ctx: Context,
): Result<Dispatch> {
  const about = aboutOf(subject, { proposedBy, proposedAt, approvals });
  if (resolution.type === 'force_match') {
    const { overrideReason, notes, counterparts } = resolution;
    const exact = counterparts && exactly(counterparts);
    if (exact && !exact.ok) return exact;
    const match = defined({ overrideReason, notes, counterparts: exact?.value, residuals });
    return ok(reservePosting({ ...about, type: 'forced_match', ...match }, ctx));
  }
  const { currency, effectiveAt, reasonCode, notes, direction = 'DEBIT' } = resolution;
  const amount = money(resolution.amount, currency);
  if (!amount.ok) return amount;
  const booked = {
    type: 'adjustment',
    amount: amount.value,
    direction,
    effectiveAt,
    reasonCode,
    notes,
  } as const;
  return ok(reservePosting({ ...about, ...booked }, ctx));
}

/** Reserves the posting of a reversal, for an adjustment that was posted to a ledger. Its id is that of the reversal. */
export function postReversal(
  subject: Subject,
  reversal: Adjustment & Readonly<{ reverses: string }>,
  reopenedAs: string,
  ctx: Context,
): Dispatch {
  const { id, reverses, amount, direction, effectiveAt, reasonCode, notes, createdBy, createdAt } = reversal;
  const entry = { amount, direction, effectiveAt, reasonCode, notes };
  const booked = { type: 'reversal', reverses, reopenedAs, ...entry } as const;
  const asked = reversal.approval ?? { proposedBy: createdBy, proposedAt: createdAt };
  return reservePosting({ ...aboutOf(subject, asked), ...booked }, ctx, id);
}

const aboutOf = (
  { id: exceptionId, transactionId, reason, source }: Subject,
  {
    proposedBy,
    proposedAt,
    approvals = [],
  }: Pick<Proposal, 'proposedBy' | 'proposedAt'> &
    Readonly<{ approvals?: Proposal['approvals'] | undefined }>,
) =>
  defined({
    exceptionId,
    transactionId,
    reason,
    source,
    requestedBy: proposedBy,
    requestedAt: proposedAt,
    approvedBy: approvals.length ? approvals.map(({ by }) => by) : undefined,
  });
