import { fieldChanges, historyEvent, type Change, type Context, type HistoryEvent } from '../change';
import type { Dispatch } from '../dispatch/dispatch';
import type { Refusal } from '../refusal';
import type { Adjustment } from '../resolution/adjustment';
import type { ForcedMatch } from '../resolution/forced-match';
import type { Timestamp } from '../value/timestamp';
import { exceptionEvents, type ExceptionEventType } from './exception.lifecycle';
import type { ReconException } from './recon-exception';

/** An event of an exception. `version` is that of the exception. */
export type ExceptionEvent = HistoryEvent<ExceptionEventType>;

/** A new state of an exception, with all rows that are written with it. */
export type ExceptionChange = Change<ReconException, ExceptionEvent> &
  Readonly<{
    adjustment?: Adjustment;
    match?: ForcedMatch;
    /** The ticket or the posting that the change reserves. */
    dispatch?: Dispatch;
    /** The notes that the change puts on the live tickets of the exception. */
    notes?: readonly Dispatch[];
    /** The live tickets end: no answer from outside is expected any more. */
    endsDispatches?: true;
    /** The end of a wait that begins: the exception has to be looked at by then. */
    deadline?: Timestamp;
    /** Of an approved reversal: the exception to work on now. A desk saves it beside this one. */
    reopened?: ExceptionChange;
    /** What the policy would have refused, and only warns of. Not kept. */
    warnings?: readonly Refusal[];
  }>;

/** A change with its one event; without `before`, of a new exception. */
export const changeTo = (
  state: ReconException,
  event: keyof typeof exceptionEvents,
  before: ReconException | undefined,
  ctx: Context,
  data?: HistoryEvent['data'],
): ExceptionChange => ({
  basedOn: before?.version ?? 0,
  state,
  events: [
    historyEvent(
      exceptionEvents[event],
      { exceptionId: state.id, version: state.version },
      fieldChanges(before, state),
      ctx,
      data,
    ),
  ],
});
