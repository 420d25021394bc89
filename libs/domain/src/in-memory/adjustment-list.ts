import type {
  AdjustmentFilter,
  AdjustmentPage,
  AdjustmentSortKey,
  AdjustmentTotal,
  ListedAdjustment,
  PageRequest,
} from '../ports/reads';
import { fromMinorUnits, minorUnits } from '../value/money';
import type { Tables } from './tables';
import { amountWithin, anyId, anyOf, flag, within } from './exception-filter';
import { compareText, pageOf } from './paging';

const sortValues: Readonly<Record<AdjustmentSortKey, (one: ListedAdjustment) => string>> = {
  created_at: ({ createdAt }) => createdAt,
  effective_at: ({ effectiveAt }) => effectiveAt,
  id: ({ id }) => id,
};

/** All adjustments of a tenant, each with the one that reverses it. */
export const listedAdjustments = (t: Tables): readonly ListedAdjustment[] => {
  const all = [...t.adjustments.values()];
  return all.map((one) => {
    const reversedBy = all.find(({ reverses }) => reverses === one.id)?.id;
    return { ...one, ...(reversedBy !== undefined && { reversedBy }) };
  });
};

/** A page of them; the first page has the totals of all. */
export function listAdjustments(
  t: Tables,
  filter: AdjustmentFilter,
  sort: AdjustmentSortKey,
  page: PageRequest,
): AdjustmentPage {
  const chosen = listedAdjustments(t).filter(
    (one) =>
      anyId(filter.exceptionId, one.exceptionId) &&
      anyOf(filter.currency, one.amount.currency) &&
      anyOf(filter.direction, one.direction) &&
      anyOf(filter.reasonCode, one.reasonCode) &&
      anyOf(filter.createdBy, one.createdBy) &&
      within(one.effectiveAt, filter.effectiveFrom, filter.effectiveBefore) &&
      within(one.createdAt, filter.createdFrom, filter.createdBefore) &&
      amountWithin(one.amount.amount, filter.amountMin, filter.amountMax) &&
      flag(filter.reversed, one.reversedBy !== undefined) &&
      flag(filter.reversal, one.reverses !== undefined),
  );
  const place = (one: ListedAdjustment) => ({ sortValue: sortValues[sort](one), id: one.id });
  const found = pageOf(chosen, page, place, (one) => one);
  return { ...found, ...(!page.position && { totals: totalsOf(chosen) }) };
}

function totalsOf(chosen: readonly ListedAdjustment[]): readonly AdjustmentTotal[] {
  const sums = new Map<string, AdjustmentTotal>();
  for (const { amount, direction } of chosen) {
    const { currency } = amount;
    const key = `${currency} ${direction}`;
    const before = sums.get(key);
    const sum = minorUnits(amount) + (before ? minorUnits({ amount: before.amount, currency }) : 0n);
    const total = { currency, direction, count: (before?.count ?? 0) + 1 };
    sums.set(key, { ...total, amount: fromMinorUnits(sum, currency).amount });
  }
  return [...sums].sort(([a], [b]) => compareText(a, b)).map(([, total]) => total);
}
