import type { Context } from '../change';
import { decideOutcome, type DispatchChange } from '../outcome/decide-outcome';
import type { KnownTicket } from './decide-inbound';
import type { ParsedMessage } from './message';

/**
 * The change of a dispatch whose ticket was moved, and so has another reference; undefined where there is
 * nothing to follow. An older message than the newest still has the reference from before a move.
 */
export function followTicket(
  { reference, ticketId: id, movedFrom, at }: ParsedMessage,
  { loaded, newest }: KnownTicket,
  ctx: Context,
): DispatchChange | undefined {
  if (!loaded || reference === undefined || id === undefined) return undefined;
  const { state, kind, externalReference: known, externalId } = loaded.dispatch;
  if (state !== 'CONFIRMED' || kind !== 'ticket' || known === undefined) return undefined;
  const isOld = at === undefined || (newest !== undefined && at < newest);
  const isMoved = externalId === undefined ? movedFrom === known : externalId === id && reference !== known;
  if (!isMoved || isOld) return undefined;
  const change = decideOutcome(loaded, { type: 'follow', reference, id }, ctx);
  return change.ok ? change.value : undefined;
}
