import type { Context } from '../change';
import { defined } from '../value/defined';
import type { DispatchTarget } from '../value/dispatch-target';
import { laterBy } from '../value/timestamp';
import { headStartMs, type Dispatch } from './dispatch';
import type { Addressee } from './dispatch.lifecycle';
import type { Posting } from './posting';
import { messageFor, type TicketSubject } from './ticket-text';

/** The place of a ticket; `link` is the template of the link to its exception. */
type Place = Readonly<{ target: DispatchTarget; queue?: string | undefined; link?: string | undefined }>;

/** A ticket about an exception. MANUAL is confirmed at once: that person is informed outside of this software. */
export function reserveTicket(
  exception: TicketSubject,
  { target, queue, link }: Place,
  ctx: Context,
): Dispatch {
  const ticket = {
    ...reserved(exception.id, ctx),
    ...defined({ target, live: true, kind: 'ticket' as const, queue }),
  };
  if (target === 'MANUAL') return { ...ticket, state: 'CONFIRMED' };
  return {
    ...ticket,
    message: messageFor(exception, { queue, link: link ? link.replaceAll('{id}', exception.id) : undefined }),
    nextAttemptAt: laterBy(ctx.now, headStartMs),
  };
}

/** A posting, which is due at once. Its id may be given, because the proposal or the adjustment has the same. */
export const reservePosting = (posting: Posting, ctx: Context, id?: string): Dispatch => ({
  ...reserved(posting.exceptionId, ctx, id),
  target: 'LEDGER',
  kind: 'posting',
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
    ...reserved(exceptionId, ctx),
    target,
    kind: 'note',
    note,
    ticketId: id,
    nextAttemptAt: ctx.now,
  }));
}

const reserved = (exceptionId: string, ctx: Context, id = ctx.newId()) => ({
  id,
  version: 1,
  exceptionId,
  state: 'RESERVED' as const,
  live: false,
  sends: 0,
  doubtfulSends: 0,
  attempts: 0,
  misses: 0,
  sweeps: 0,
  requestedBy: ctx.actor,
  requestedAt: ctx.now,
  updatedAt: ctx.now,
});
