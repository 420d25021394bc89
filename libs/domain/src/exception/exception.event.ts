import { fieldChanges, type Context, type HistoryEvent } from '../change';
import { exceptionEvents, type ExceptionEventType } from './exception.lifecycle';
import type { ReconException } from './recon-exception';

export type ExceptionEvent = HistoryEvent<ExceptionEventType>;

/** What the history says of something that has happened to an exception; without `before`, that there is one. */
export const eventOf = (
  what: keyof typeof exceptionEvents,
  before: ReconException | undefined,
  after: ReconException,
  ctx: Context,
  data?: HistoryEvent['data'],
): ExceptionEvent => ({
  id: ctx.newId(),
  type: exceptionEvents[what],
  exceptionId: after.id,
  version: after.version,
  actor: ctx.actor,
  at: ctx.now,
  changes: fieldChanges(before, after),
  ...(data && { data }),
});
