import {
  disputeCategories,
  disputeLifecycle,
  statuses,
  disputeSortKeys,
  type DisputeFilter,
  type DisputeSortKey,
} from '@redress/domain';
import { maxActorLength } from '@redress/domain/actions';
import { pagingFrom, pagingOf, type Paging } from '../http/paging-query';
import { choice, choices, endOf, startOf, texts, time, uuids } from '../http/query-kinds';
import { readQuery, whenSet, type ParameterTable, type Query } from '../http/query-parameters';

export const disputeParameters = {
  state: choices('State.', statuses(disputeLifecycle)),
  category: choices('Category.', disputeCategories),
  exception_id: uuids('Exception that is disputed.'),
  opened_by: texts('Who opened it.', maxActorLength),
  date_from: time('Opened then or later.'),
  date_to: time('Opened then or earlier.'),
  sort_by: choice('Order of the list.', disputeSortKeys, 'created_at'),
  ...pagingFrom('desc'),
} as const satisfies ParameterTable;

export type DisputeListing = Paging & Readonly<{ filter: DisputeFilter; sort: DisputeSortKey }>;

export function readDisputeListing(query: Query): DisputeListing {
  const given = readQuery(query, disputeParameters);
  const { all, one } = given;
  return {
    ...pagingOf(given, 'desc'),
    sort: (one('sort_by') as DisputeSortKey | undefined) ?? 'created_at',
    filter: {
      ...whenSet('state', all('state')),
      ...whenSet('category', all('category')),
      ...whenSet('exceptionId', all('exception_id')),
      ...whenSet('openedBy', all('opened_by')),
      ...whenSet('createdFrom', startOf(one('date_from'))),
      ...whenSet('createdBefore', endOf(one('date_to'))),
    },
  };
}
