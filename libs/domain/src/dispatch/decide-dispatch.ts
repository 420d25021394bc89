import { nextVersion, type Context, type Patch } from '../change';
import { commandsFrom, move } from '../lifecycle';
import { ok, refuse, type Result } from '../result';
import { cut } from '../value/text';
import { laterBy, type Timestamp } from '../value/timestamp';
import type { LookupPolicy } from './lookup-policy';
import { leaseMs, maySend, problemLength, type Dispatch } from './dispatch';
import { dispatchLifecycle, type DispatchCommand } from './dispatch.lifecycle';
import { lost, missed, received, refused, retried, waited } from './look-ups';

/** When a confirmed dispatch that was sent more than once is looked at again. */
const secondSweepMs = 24 * 3_600_000;

/** What becomes of a dispatch. Pure; says nothing about the exception. */
export function decideDispatch(
  dispatch: Dispatch,
  command: DispatchCommand,
  ctx: Context,
  assured: LookupPolicy,
): Result<Dispatch> {
  const next = move(dispatchLifecycle, dispatch.state, command.type);
  if (!next.ok) return next;
  if (command.type === 'send' && !maySend(dispatch)) {
    const allowed = commandsFrom(dispatchLifecycle, dispatch.state).filter((type) => type !== 'send');
    return refuse({ code: 'not_allowed', command: 'send', status: dispatch.state, allowed });
  }
  return ok(nextVersion(dispatch, patchOf(dispatch, command, ctx.now, assured), ctx));
}

function patchOf(
  dispatch: Dispatch,
  command: DispatchCommand,
  now: Timestamp,
  assured: LookupPolicy,
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
      return confirmed(dispatch, command, now, assured);
    case 'refuse':
      return refused(dispatch, command.problem);
    case 'put_off':
      return { ...retried(dispatch, now, command.retryAfterMs), lastError: told(command.problem) };
    case 'lose':
      return { ...lost(dispatch, now, assured, command.retryAfterMs), lastError: told(command.problem) };
    case 'receive':
      return { ...received(dispatch, now, assured, command.retryAfterMs), lastError: told(command.problem) };
    case 'miss':
      return missed(dispatch, now, assured);
    case 'wait':
      return waited(dispatch, now, command.problem, command.retryAfterMs);
    case 'sweep':
      return swept(dispatch, command.references, now);
    case 'defer':
      return { nextAttemptAt: laterBy(now, command.afterMs), lastError: told(command.problem) };
    case 'withdraw':
      return { state: 'FAILED', live: false, lastError: told(command.reason), nextAttemptAt: undefined };
    case 'redrive': {
      const sent = dispatch.sends > 0 && assured.lookups > 0;
      return { state: sent ? 'UNKNOWN' : 'RESERVED', attempts: 0, misses: 0, nextAttemptAt: now };
    }
    default:
      return command satisfies never;
  }
}

const told = (problem: string): string => cut(problem, problemLength);

function confirmed(
  dispatch: Dispatch,
  { reference, url, duplicates = [] }: Extract<DispatchCommand, { type: 'confirm' }>,
  now: Timestamp,
  { settleMs }: LookupPolicy,
): Patch<Dispatch> {
  // Sent once, there can be but one. Whoever de-duplicates by id has but one as well.
  const doubtful = dispatch.sends > 1 && settleMs > 0;
  return {
    state: 'CONFIRMED',
    externalReference: reference,
    externalUrl: url,
    ...(duplicates.length && { duplicates }),
    lastError: undefined,
    nextAttemptAt: doubtful ? laterBy(now, settleMs) : undefined,
  };
}

function swept(dispatch: Dispatch, references: readonly string[], now: Timestamp): Patch<Dispatch> {
  const others = references.filter((reference) => reference !== dispatch.externalReference);
  const duplicates = [...new Set([...(dispatch.duplicates ?? []), ...others])];
  const sweeps = dispatch.sweeps + 1;
  return {
    sweeps,
    ...(duplicates.length && { duplicates }),
    nextAttemptAt: sweeps < 2 ? laterBy(now, secondSweepMs) : undefined,
  };
}
