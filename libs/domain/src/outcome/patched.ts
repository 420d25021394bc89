import { nextVersion, type Context, type Patch } from '../change';
import type { ExceptionChange } from '../exception/exception.change';
import type { ReconException } from '../exception/recon-exception';

/** A change of an exception that the event of its dispatch records. */
export const patched = (
  exception: ReconException,
  patch: Patch<ReconException>,
  ctx: Context,
): ExceptionChange => ({
  basedOn: exception.version,
  state: nextVersion(exception, patch, ctx),
  events: [],
});

/** What an exception waits for was given up: it is flagged at once, since the wait does not end by itself any more. */
export const flaggedAfter = (exception: ReconException, ctx: Context): ExceptionChange | undefined =>
  exception.pending === undefined ||
  // It waits for people, who are not asked about a dispatch.
  exception.pending === 'approval' ||
  exception.flaggedAt !== undefined
    ? undefined
    : patched(exception, { flaggedAt: ctx.now }, ctx);
