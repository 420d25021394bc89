import type { Patch } from '../change';
import type { Dispatch } from '../dispatch/dispatch';
import type { Adjustment } from '../resolution/adjustment';
import type { ForcedMatch } from '../resolution/forced-match';
import type { ExceptionChange } from './exception.change';
import type { ReconException } from './recon-exception';

/** The effect of a command: on the fields of the exception, and in rows that are written with it. */
export type Effect = Readonly<{
  patch: Patch<ReconException>;
  adjustment?: Adjustment;
  match?: ForcedMatch;
  dispatch?: Dispatch;
  reopened?: ExceptionChange;
}>;
