import {
  directions,
  limits,
  adjustmentSortKeys,
  type AdjustmentFilter,
  type AdjustmentSortKey,
} from '@redress/domain';
import { maxActorLength } from '@redress/domain/actions';
import { pagingFrom, pagingOf, type Paging } from '../http/paging-query';
import {
  amount,
  choice,
  choices,
  flag,
  currencies,
  startOf,
  texts,
  time,
  timeBefore,
  uuids,
} from '../http/query-kinds';
import { readQuery, whenSet, type ParameterTable, type Query } from '../http/query-parameters';

export const adjustmentParameters = {
  exception_id: uuids('Exception it was posted for.'),
  currency: currencies('Currency, ISO 4217.'),
  direction: choices('Direction.', directions),
  reason_code: texts('Reason code.', limits.reasonCode),
  created_by: texts('Who posted it.', maxActorLength),
  effective_from: time('Takes effect then or later.'),
  effective_before: timeBefore('Takes effect earlier.'),
  created_from: time('Posted then or later.'),
  created_before: timeBefore('Posted earlier.'),
  amount_min: amount('Amount at least, in units of its own currency.'),
  amount_max: amount('Amount at most, in units of its own currency.'),
  reversed: flag('Whether a reversal was posted for it.'),
  reversal: flag('Whether it is itself a reversal.'),
  sort_by: choice('Order of the list.', adjustmentSortKeys, 'created_at'),
  ...pagingFrom('desc'),
} as const satisfies ParameterTable;

export type AdjustmentListing = Paging & Readonly<{ filter: AdjustmentFilter; sort: AdjustmentSortKey }>;

export function readAdjustmentListing(query: Query): AdjustmentListing {
  const given = readQuery(query, adjustmentParameters);
  const { all, one } = given;
  const yes = (name: string) => (one(name) === undefined ? undefined : one(name) === 'true');
  return {
    ...pagingOf(given, 'desc'),
    sort: (one('sort_by') as AdjustmentSortKey | undefined) ?? 'created_at',
    filter: {
      ...whenSet('exceptionId', all('exception_id')),
      ...whenSet('currency', all('currency')),
      ...whenSet('direction', all('direction')),
      ...whenSet('reasonCode', all('reason_code')),
      ...whenSet('createdBy', all('created_by')),
      ...whenSet('effectiveFrom', startOf(one('effective_from'))),
      ...whenSet('effectiveBefore', startOf(one('effective_before'))),
      ...whenSet('createdFrom', startOf(one('created_from'))),
      ...whenSet('createdBefore', startOf(one('created_before'))),
      ...whenSet('amountMin', one('amount_min')),
      ...whenSet('amountMax', one('amount_max')),
      ...whenSet('reversed', yes('reversed')),
      ...whenSet('reversal', yes('reversal')),
    },
  };
}
