import type { Report } from './attempt-result';
import type { Dispatch } from './dispatch';
import type { DispatchCommand } from './dispatch.lifecycle';
import type { LookupPolicy } from './lookup-policy';

/**
 * The command for a late report: one whose lease had ended, so that the dispatch has changed since. Only a send that created
 * something counts, since the ticket is there whatever was decided meanwhile; undefined where there is nothing to add.
 * A confirmation is never overwritten: another ticket is a duplicate of the confirmed one.
 */
export function lateCommand(
  { state, receivedAt, externalReference }: Dispatch,
  { kind, answer }: Report,
  reported: DispatchCommand,
  { lookups }: LookupPolicy,
): DispatchCommand | undefined {
  if (kind !== 'send') return undefined;
  const isOver = state === 'CONFIRMED' || state === 'FAILED';
  if (answer.outcome === 'received')
    return isOver || state === 'DEAD' || receivedAt !== undefined ? undefined : reported;
  if (answer.outcome !== 'created') return undefined;
  if (!isOver) return reported;
  // A receiver that de-duplicates by id has one, whatever it calls it.
  return lookups === 0 || answer.reference === externalReference
    ? undefined
    : { type: 'duplicate', reference: answer.reference };
}
