import { disputeCategories, disputeLifecycle } from '../dispute/dispute.lifecycle';
import { exceptionLifecycle } from '../exception/exception.lifecycle';
import type { ReconException } from '../exception/recon-exception';
import { statuses } from '../lifecycle';
import type { DisputeSortKey, ExceptionSortKey, ListedDispute } from '../ports/reads';
import { severities } from '../value/severity';
import { sortableCount } from './paging';
import { sortableAmount } from './sort-values';

/** The text that an exception is sorted by, for each sort key. */
export const exceptionSortValues: Readonly<Record<ExceptionSortKey, (e: ReconException) => string>> = {
  created_at: ({ createdAt }) => createdAt,
  updated_at: ({ updatedAt }) => updatedAt,
  due_at: ({ dueAt }) => dueAt,
  severity: ({ severity }) => sortableCount(severities.indexOf(severity)),
  status: ({ status }) => sortableCount(statuses(exceptionLifecycle).indexOf(status)),
  amount: ({ amount }) => sortableAmount(amount?.amount),
  id: ({ id }) => id,
};

/** The text that a dispute is sorted by, for each sort key. */
export const disputeSortValues: Readonly<Record<DisputeSortKey, (dispute: ListedDispute) => string>> = {
  created_at: ({ createdAt }) => createdAt,
  updated_at: ({ updatedAt }) => updatedAt,
  state: ({ state }) => sortableCount(statuses(disputeLifecycle).indexOf(state)),
  category: ({ category }) => sortableCount(disputeCategories.indexOf(category)),
  id: ({ id }) => id,
};
