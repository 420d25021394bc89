import { nextVersion, type Context } from '../change';
import { isBooked } from '../resolution/commands';
import { approvalsOutstanding } from '../resolution/proposal';
import { ok, type Result } from '../result';
import { dispatchData } from './event-data';
import { changeTo, type ExceptionChange } from './exception.change';
import type { Effect } from './effect';
import type { ExceptionFacts } from './exception.facts';
import type { Policy } from './policy';
import { deadlineOf } from './deadline';
import type { ReconException } from './recon-exception';
import { sendToLedger } from './resolve';

/**
 * An approval that does not resolve by itself: while others are needed, the proposal goes on waiting for them; after the
 * last, a booked resolution waits for the ledger of a tenant that has one. Undefined for any other confirmation.
 */
export function approve(
  exception: ReconException,
  ctx: Context,
  facts: ExceptionFacts,
  policy: Policy,
): Result<ExceptionChange> | undefined {
  if (exception.pending !== 'approval' || !exception.proposal) return undefined;
  const approvals = [...(exception.proposal.approvals ?? []), { by: ctx.actor, at: ctx.now }];
  const proposal = { ...exception.proposal, approvals };
  const { resolution } = proposal;
  if (approvalsOutstanding(proposal) > 0) return ok(approved(exception, { patch: { proposal } }, ctx));
  if (!facts.ledger || !isBooked(resolution)) return undefined;
  const sent = sendToLedger(exception, proposal, resolution, ctx);
  if (!sent.ok) return sent;
  const change = approved(exception, sent.value, ctx);
  return ok({ ...change, ...deadlineFor(change.state, policy) });
}

function approved(exception: ReconException, { patch, dispatch }: Effect, ctx: Context): ExceptionChange {
  const state = nextVersion(exception, patch, ctx);
  const data = dispatch && { dispatch: dispatchData(dispatch) };
  return { ...changeTo(state, 'approve', exception, ctx, data), ...(dispatch && { dispatch }) };
}

/** The deadline of a wait that begins. */
export function deadlineFor(waiting: ReconException, policy: Policy): Pick<ExceptionChange, 'deadline'> {
  const deadline = deadlineOf(waiting, policy);
  return deadline ? { deadline: deadline.at } : {};
}
