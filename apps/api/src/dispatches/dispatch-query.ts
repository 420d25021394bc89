import {
  addressees,
  dispatchKinds,
  dispatchSortKeys,
  dispatchStates,
  type DispatchFilter,
  type DispatchSortKey,
} from '@redress/domain';
import { pagingFrom, pagingOf, type Paging } from '../http/paging-query';
import { choice, choices, startOf, time, timeBefore, uuids } from '../http/query-kinds';
import { readQuery, whenSet, type ParameterTable, type Query } from '../http/query-parameters';

export const dispatchParameters = {
  state: choices('State; `DEAD` are those that were given up.', dispatchStates),
  target: choices('Where it goes.', addressees),
  kind: choices('Kind.', dispatchKinds),
  exception_id: uuids('Exception that it is about.'),
  requested_from: time('Requested then or later.'),
  requested_before: timeBefore('Requested earlier.'),
  sort_by: choice('Order of the list.', dispatchSortKeys, 'requested_at'),
  ...pagingFrom('desc'),
} as const satisfies ParameterTable;

export type DispatchListing = Paging & Readonly<{ filter: DispatchFilter; sort: DispatchSortKey }>;

export function readDispatchListing(query: Query): DispatchListing {
  const given = readQuery(query, dispatchParameters);
  const { all, one } = given;
  return {
    ...pagingOf(given, 'desc'),
    sort: (one('sort_by') as DispatchSortKey | undefined) ?? 'requested_at',
    filter: {
      ...whenSet('state', all('state')),
      ...whenSet('target', all('target')),
      ...whenSet('kind', all('kind')),
      ...whenSet('exceptionId', all('exception_id')),
      ...whenSet('requestedFrom', startOf(one('requested_from'))),
      ...whenSet('requestedBefore', startOf(one('requested_before'))),
    },
  };
}
