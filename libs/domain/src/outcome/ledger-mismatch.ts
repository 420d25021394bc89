import { nextVersion, type Context } from '../change';
import type { Dispatch } from '../dispatch/dispatch';
import { changeTo, type ExceptionChange } from '../exception/exception.change';
import type { ReconException } from '../exception/recon-exception';
import { defined } from '../value/defined';

/** The exception whose adjustment was reversed, and the one that the reversal opened, where that is known. */
type Affected = Readonly<{ exception: ReconException; reopened?: ReconException }>;

/**
 * The desk books a reversal before the ledger does. While the ledger has refused it, or has not confirmed it to the end of
 * the schedule, the two books differ: both exceptions say so until the ledger has it. Undefined when nothing changes.
 */
export function mismatchAfter(
  { exception, reopened }: Affected,
  before: Dispatch,
  after: Dispatch,
  ctx: Context,
): ExceptionChange | undefined {
  const differs = after.state === 'DEAD';
  if (after.state === before.state || !(differs || after.state === 'CONFIRMED')) return undefined;
  const change = marked(exception, after, differs, ctx);
  const other = reopened && marked(reopened, after, differs, ctx);
  return change && (other ? { ...change, reopened: other } : change);
}

function marked(
  exception: ReconException,
  { id: postingId, lastError: problem }: Dispatch,
  differs: boolean,
  ctx: Context,
): ExceptionChange | undefined {
  const known = exception.ledgerMismatches ?? [];
  if (known.includes(postingId) === differs) return undefined;
  const ids = differs ? [...known, postingId] : known.filter((id) => id !== postingId);
  const state = nextVersion(exception, { ledgerMismatches: ids.length ? ids : undefined }, ctx);
  const data = defined({ postingId, problem });
  return changeTo(state, differs ? 'books_differ' : 'books_agree', exception, ctx, data);
}
