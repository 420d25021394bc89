import { nextVersion, type Context, type Patch } from '../change';
import { commandsFrom, move } from '../lifecycle';
import { ok, refuse, type Result } from '../result';
import { cut } from '../value/text';
import { laterBy, type Timestamp } from '../value/timestamp';
import type { LookupPolicy } from './lookup-policy';
import { leaseMs, mayHaveArrived, maySend, problemLength, type Dispatch } from './dispatch';
import { dispatchLifecycle, type DispatchCommand } from './dispatch.lifecycle';
import { lost, missed, received, refused, retried, waited } from './look-ups';

/** The delay of the second sweep for duplicates of a dispatch that was sent more than once. */
const secondSweepMs = 24 * 3_600_000;

/** The effect of a command on a dispatch alone; its exception is not considered. */
export function decideDispatch(
  dispatch: Dispatch,
  command: DispatchCommand,
  ctx: Context,
  policy: LookupPolicy,
): Result<Dispatch> {
  const next = move(dispatchLifecycle, dispatch.state, command.type);
  if (!next.ok) return next;
  if (command.type === 'send' && !maySend(dispatch)) {
    const allowed = commandsFrom(dispatchLifecycle, dispatch.state).filter((type) => type !== 'send');
    return refuse({ code: 'not_allowed', command: 'send', status: dispatch.state, allowed });
  }
  // An answer that awaits others is about a dispatch to which nothing has happened since.
  const patch = { proposedAnswer: undefined, ...patchOf(dispatch, command, ctx.now, policy) };
  return ok(nextVersion(dispatch, patch, ctx));
}

function patchOf(
  dispatch: Dispatch,
  command: DispatchCommand,
  now: Timestamp,
  policy: LookupPolicy,
): Patch<Dispatch> {
  switch (command.type) {
    case 'send':
      return {
        state: 'SENDING',
        sends: dispatch.sends + 1,
        attempts: dispatch.attempts + 1,
        misses: 0,
        firstSentAt: dispatch.firstSentAt ?? now,
        lastSentAt: now,
        nextAttemptAt: laterBy(now, leaseMs),
      };
    case 'look':
      return {
        ...(dispatch.state === 'RESERVED' && { state: 'UNKNOWN', misses: 0 }),
        nextAttemptAt: laterBy(now, leaseMs),
      };
    case 'confirm':
      return confirmed(dispatch, command, now, policy);
    case 'refuse':
      return refused(dispatch, command.problem);
    case 'put_off':
      return { ...retried(dispatch, now, command.retryAfterMs), lastError: shortened(command.problem) };
    case 'lose':
      return { ...lost(dispatch, now, policy, command.retryAfterMs), lastError: shortened(command.problem) };
    case 'receive':
      return {
        ...received(dispatch, now, policy, command.retryAfterMs),
        lastError: shortened(command.problem),
      };
    case 'miss':
      return missed(dispatch, now, policy, command);
    case 'wait':
      return waited(dispatch, now, command.problem, command.retryAfterMs);
    case 'sweep':
      return swept(dispatch, command.references, now);
    case 'duplicate':
      return withDuplicates(dispatch, [command.reference]);
    case 'follow':
      return followed(dispatch, command);
    case 'defer':
      return { nextAttemptAt: laterBy(now, command.afterMs), lastError: shortened(command.problem) };
    case 'withdraw':
      return { state: 'FAILED', live: false, lastError: shortened(command.reason), nextAttemptAt: undefined };
    case 'redrive': {
      return {
        state: mayHaveArrived(dispatch) ? 'UNKNOWN' : 'RESERVED',
        attempts: 0,
        misses: 0,
        nextAttemptAt: now,
      };
    }
    default:
      return command satisfies never;
  }
}

const shortened = (problem: string): string => cut(problem, problemLength);

function confirmed(
  dispatch: Dispatch,
  { reference, url, id, duplicates = [] }: Extract<DispatchCommand, { type: 'confirm' }>,
  now: Timestamp,
  { settleMs }: LookupPolicy,
): Patch<Dispatch> {
  // One send makes one ticket at most, and so does a receiver that de-duplicates by id.
  const doubtful = dispatch.sends > 1 && settleMs > 0;
  return {
    state: 'CONFIRMED',
    externalReference: reference,
    externalUrl: url,
    ...(id !== undefined && { externalId: id }),
    ...(duplicates.length && { duplicates }),
    lastError: undefined,
    nextAttemptAt: doubtful ? laterBy(now, settleMs) : undefined,
  };
}

function swept(dispatch: Dispatch, references: readonly string[], now: Timestamp): Patch<Dispatch> {
  const sweeps = dispatch.sweeps + 1;
  return {
    sweeps,
    ...withDuplicates(dispatch, references),
    nextAttemptAt: sweeps < 2 ? laterBy(now, secondSweepMs) : undefined,
  };
}

function withDuplicates(dispatch: Dispatch, references: readonly string[]): Patch<Dispatch> {
  const others = references.filter((reference) => reference !== dispatch.externalReference);
  const duplicates = [...new Set([...(dispatch.duplicates ?? []), ...others])];
  return duplicates.length ? { duplicates } : {};
}

/** The link of a ticket has its reference in it, or something that does not change. */
const followed = (
  { externalReference, externalUrl }: Dispatch,
  { reference, id }: Extract<DispatchCommand, { type: 'follow' }>,
): Patch<Dispatch> => ({
  externalReference: reference,
  externalId: id,
  externalUrl: externalUrl?.replaceAll(externalReference ?? reference, reference),
});
