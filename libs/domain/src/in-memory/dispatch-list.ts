import type { Dispatch } from '../dispatch/dispatch';
import type { DispatchFilter, DispatchSortKey, ListedDispatch, Page, PageRequest } from '../ports/reads';
import { anyId, anyOf, within } from './exception-filter';
import { compareText, pageOf } from './paging';
import type { Tables } from './tables';

const sortValues: Readonly<Record<DispatchSortKey, (one: Dispatch) => string>> = {
  requested_at: ({ requestedAt }) => requestedAt,
  updated_at: ({ updatedAt }) => updatedAt,
  id: ({ id }) => id,
};

/** A page of the dispatches of all exceptions. */
export function listDispatches(
  t: Tables,
  filter: DispatchFilter,
  sort: DispatchSortKey,
  page: PageRequest,
): Page<Dispatch> {
  const chosen = [...t.dispatches.values()].filter(
    (one) =>
      anyOf(filter.state, one.state) &&
      anyOf(filter.target, one.target) &&
      anyOf(filter.kind, one.kind) &&
      anyId(filter.exceptionId, one.exceptionId) &&
      within(one.requestedAt, filter.requestedFrom, filter.requestedBefore),
  );
  const place = (one: Dispatch) => ({ sortValue: sortValues[sort](one), id: one.id });
  return pageOf(chosen, page, place, (one) => one);
}

/** Dispatches with their attempts, in the order in which they were made. */
export const withAttempts = (
  dispatches: readonly Dispatch[],
  { attempts }: Tables,
): readonly ListedDispatch[] =>
  [...dispatches]
    .sort((a, b) => compareText(a.id, b.id))
    .map((dispatch) => ({
      dispatch,
      attempts: attempts
        .filter(({ dispatchId }) => dispatchId === dispatch.id)
        .sort((a, b) => compareText(a.id, b.id)),
    }));
