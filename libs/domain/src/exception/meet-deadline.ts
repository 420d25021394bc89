import { nextVersion, type Context } from '../change';
import { ok, type Result } from '../result';
import { defined } from '../value/defined';
import type { Timestamp } from '../value/timestamp';
import { deadlineOf, type Deadline } from './deadline';
import { decide } from './exception';
import { changeTo, type ExceptionChange } from './exception.change';
import type { ExceptionFacts } from './exception.facts';
import type { Policy } from './policy';
import type { ReconException } from './recon-exception';

/** The actor that the history names. */
const actors: Readonly<Record<Deadline['then'], string>> = {
  return: 'redress:approvals',
  flag: 'redress:deadlines',
};

/** The deadline has not come yet. */
export type Later = Readonly<{ later: Timestamp }>;

/** The effect of a passed deadline on a waiting exception; undefined when there is none. */
export function passDeadline(
  exception: ReconException,
  facts: ExceptionFacts,
  { now, newId }: Omit<Context, 'actor'>,
  policy: Policy,
): Result<ExceptionChange> | Later | undefined {
  const deadline = deadlineOf(exception, policy);
  if (!deadline) return undefined;
  if (deadline.at > now) return { later: deadline.at };
  const ctx = { actor: actors[deadline.then], now, newId };
  if (deadline.then === 'flag') return ok(flagged(exception, ctx));
  return decide(exception, { type: 'return', reason: 'Nobody decided on it in time.' }, ctx, facts, policy);
}

/** The exception goes on waiting, and the event says that it has waited too long. */
function flagged(exception: ReconException, ctx: Context): ExceptionChange {
  const { pending: waitsFor, pendingSince: since, externalSystem, proposal } = exception;
  const data = defined({
    waitsFor,
    since,
    externalSystem: waitsFor === 'external' ? externalSystem : undefined,
    postingId: waitsFor === 'ledger' ? proposal?.postingId : undefined,
  });
  return changeTo(nextVersion(exception, { flaggedAt: ctx.now }, ctx), 'flag', exception, ctx, data);
}
