import type { Context, HistoryEvent } from '../change';
import type { DispatchTarget } from '../exception/exception.lifecycle';
import type { ReconException } from '../exception/recon-exception';
import type { Posting } from './posting';
import { noteFor, messageFor } from './ticket-text';
import { laterBy } from '../value/timestamp';
import { headStartMs, type Dispatch } from './dispatch';
import type { Addressee } from './dispatch.lifecycle';

/** A hand-over of an exception. MANUAL is confirmed at once: the person was told already. */
export function reserveTicket(
  exception: ReconException,
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

type Ticket = Readonly<{ id: string; target: Addressee }>;

/** What has happened here, for everybody outside who has the exception. A person was told in person. */
export function reserveNotes(
  tickets: readonly Ticket[],
  event: HistoryEvent,
  ctx: Context,
): readonly Dispatch[] {
  const outside = tickets.filter(({ target }) => target !== 'MANUAL');
  const text = outside.length ? noteFor(event) : undefined;
  if (text === undefined) return [];
  return outside.map(({ id, target }) => ({
    ...fresh(event.exceptionId, ctx),
    target,
    kind: 'note',
    state: 'RESERVED',
    live: false,
    note: text,
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
