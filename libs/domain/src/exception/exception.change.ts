import type { Adjustment } from '../resolution/adjustment';
import type { Change } from '../change';
import type { Dispatch } from '../dispatch/dispatch';
import type { ForcedMatch } from '../resolution/forced-match';
import type { Timestamp } from '../value/timestamp';
import type { ExceptionEvent } from './exception.event';
import type { ReconException } from './recon-exception';

/** A new state of an exception, with all that is to be written with it. */
export type ExceptionChange = Change<ReconException, ExceptionEvent> &
  Readonly<{
    adjustment?: Adjustment;
    match?: ForcedMatch;
    dispatch?: Dispatch;
    /** What those outside who have it are told about this. */
    notes?: readonly Dispatch[];
    /** The hand-overs still out are over: nobody outside is to answer any more. */
    endsDispatches?: true;
    /** A wait begins, and somebody has to look then whether it has ended. */
    deadline?: Timestamp;
    /** Of a reversal that was approved: the exception that has to be worked on now. Saved beside this one by a desk. */
    reopened?: ExceptionChange;
  }>;
