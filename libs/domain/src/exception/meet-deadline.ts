import { nextVersion, type Context } from '../change';
import type { Policy } from './policy';
import { ok, type Result } from '../result';
import type { Timestamp } from '../value/timestamp';
import { deadlineOf, type Deadline } from './deadline';
import { decide, type ExceptionChange } from './exception';
import { eventOf } from './exception.event';
import type { ExceptionFacts } from './exception.rules';
import type { ReconException } from './recon-exception';

/** In whose name it is done. */
const clocks: Readonly<Record<Deadline['then'], string>> = {
  return: 'redress:approvals',
  flag: 'redress:deadlines',
};

/** When its time will be over. */
export type Later = Readonly<{ later: Timestamp }>;

/** What the end of its time does to an exception that waits; undefined: there is nothing to be done. */
export function overdue(
  exception: ReconException,
  facts: ExceptionFacts,
  { now, newId }: Omit<Context, 'actor'>,
  policy: Policy,
): Result<ExceptionChange> | Later | undefined {
  const deadline = deadlineOf(exception, policy);
  if (!deadline) return undefined;
  if (deadline.at > now) return { later: deadline.at };
  const ctx = { actor: clocks[deadline.then], now, newId };
  if (deadline.then === 'flag') return ok(flagged(exception, ctx));
  return decide(exception, { type: 'return', reason: 'Nobody decided on it in time.' }, ctx, facts, policy);
}

/** It goes on waiting, and whoever asks is told that it has waited too long. */
function flagged(exception: ReconException, ctx: Context): ExceptionChange {
  const state = nextVersion(exception, { flaggedAt: ctx.now }, ctx);
  const { pending: waitsFor, pendingSince: since, externalSystem, proposal } = exception;
  const data = {
    ...(waitsFor && { waitsFor }),
    ...(since && { since }),
    ...(waitsFor === 'external' && externalSystem && { externalSystem }),
    ...(waitsFor === 'ledger' && proposal?.postingId && { postingId: proposal.postingId }),
  };
  return { basedOn: exception.version, state, events: [eventOf('flag', exception, state, ctx, data)] };
}
