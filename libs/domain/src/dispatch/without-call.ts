import type { Dispatch } from './dispatch';
import type { DispatchCommand } from './dispatch.lifecycle';

const minute = 60_000;

/** The commands for due work that needs no external system. */
export const withoutCall = {
  withdraw: { type: 'withdraw', reason: 'It was taken back before it was sent.' },
  /** The worker that sent it is gone. It may have arrived. */
  overdue: { type: 'lose', problem: 'Whoever sent it did not report back.' },
} as const;

/** The command for a note whose ticket does not exist, or not yet; undefined when the note can be sent. */
export function missingTicket({
  dispatch,
  ticket,
}: Readonly<{ dispatch: Dispatch; ticket?: Dispatch }>): DispatchCommand | undefined {
  if (dispatch.kind !== 'note' || dispatch.state !== 'RESERVED' || ticket?.externalReference)
    return undefined;
  if (!ticket || ticket.state === 'FAILED')
    return { type: 'withdraw', reason: 'There is no ticket that it could be a note on.' };
  // A dead ticket may still be redriven.
  const afterMs = ticket.state === 'DEAD' ? 60 * minute : minute;
  return { type: 'defer', problem: 'The ticket is not there yet.', afterMs };
}
