import type { Context } from '../change';
import type { DispatchTarget } from '../value/dispatch-target';
import type { Posting } from './posting';
import { messageFor, type TicketSubject } from './ticket-text';
import { laterBy } from '../value/timestamp';
import { headStartMs, type Dispatch } from './dispatch';
import type { Addressee } from './dispatch.lifecycle';

/** A hand-over of an exception. MANUAL is confirmed at once: the person was told already. */
export function reserveTicket(
  exception: TicketSubject,
  { target, queue, link }: Readonly<{ target: DispatchTarget; queue?: string; link?: string }>,
  ctx: Context,
): Dispatch {
  const place = { target, live: true, kind: 'ticket', ...(queue && { queue }) } as const;
  if (target === 'MANUAL') return { ...fresh(exception.id, ctx), ...place, state: 'CONFIRMED' };
  return {
    ...fresh(exception.id, ctx),
    ...place,
    state: 'RESERVED',
    message: messageFor(exception, {
      ...(queue && { queue }),
      ...(link && { link: link.replaceAll('{id}', exception.id) }),
    }),
    nextAttemptAt: laterBy(ctx.now, headStartMs),
  };
}

/** A posting, which is sent at once; its id is known to whoever it is about. */
export const reservePosting = (id: string, posting: Posting, ctx: Context): Dispatch => ({
  ...fresh(posting.exceptionId, ctx),
  id,
  target: 'LEDGER',
  kind: 'posting',
  state: 'RESERVED',
  live: false,
  posting,
  nextAttemptAt: ctx.now,
});

export type Ticket = Readonly<{ id: string; target: Addressee }>;

/**
 * A note on each ticket. MANUAL gets none: that person is informed outside of this software. The text is built only
 * when there is a ticket for it; without a text there are no notes.
 */
export function reserveNotes(
  tickets: readonly Ticket[],
  exceptionId: string,
  text: () => string | undefined,
  ctx: Context,
): readonly Dispatch[] {
  const external = tickets.filter(({ target }) => target !== 'MANUAL');
  const note = external.length ? text() : undefined;
  if (note === undefined) return [];
  return external.map(({ id, target }) => ({
    ...fresh(exceptionId, ctx),
    target,
    kind: 'note',
    state: 'RESERVED',
    live: false,
    note,
    ticketId: id,
    nextAttemptAt: ctx.now,
  }));
}

const fresh = (exceptionId: string, ctx: Context) => ({
  id: ctx.newId(),
  version: 1,
  exceptionId,
  sends: 0,
  doubtfulSends: 0,
  attempts: 0,
  misses: 0,
  sweeps: 0,
  requestedBy: ctx.actor,
  requestedAt: ctx.now,
  updatedAt: ctx.now,
});
