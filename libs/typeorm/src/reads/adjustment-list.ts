import {
  isUuid,
  type Direction,
  type AdjustmentFilter,
  type AdjustmentPage,
  type AdjustmentSortKey,
  type AdjustmentTotal,
  type ListedAdjustment,
  type PageRequest,
} from '@redress/domain';
import { readPage, type Ask, type SortKey } from './paging';
import { Parameters } from './parameters';
import { toAdjustment } from '../entities/mapping';
import type { Row } from '../entities/entity-schemas';

const sortKeys: Readonly<Record<AdjustmentSortKey, SortKey>> = {
  created_at: { expression: 'created_at', type: 'timestamptz' },
  effective_at: { expression: 'effective_at', type: 'timestamptz' },
  id: { expression: 'id', type: 'uuid' },
};

const reversal = (of: string): string =>
  `(SELECT r.id FROM adjustment r WHERE r.tenant_id = ${of}.tenant_id AND r.reverses = ${of}.id)`;

/** A page of them; with the first one the sums of all, since who walks on need not wait for them again. */
export async function listAdjustments(
  ask: Ask,
  tenant: string,
  filter: AdjustmentFilter,
  sort: AdjustmentSortKey,
  page: PageRequest,
): Promise<AdjustmentPage> {
  const parameters = new Parameters();
  const where = chosen(tenant, filter, parameters);
  const totals = page.position ? undefined : await ask(totalsOf(where), [...parameters.values]);
  const columns = `*, ${reversal('adjustment')} AS reversed_by`;
  const listing = { columns, table: 'adjustment', where, sort: sortKeys[sort], page };
  const found = await readPage(ask, parameters, listing, toListed);
  return { ...found, ...(totals && { totals: totals.map(toTotal) }) };
}

const totalsOf = (where: readonly string[]): string => `
  SELECT currency, direction, count(*)::int4 AS count, sum(amount)::text AS amount
  FROM adjustment WHERE ${where.join(' AND ')}
  GROUP BY currency, direction ORDER BY currency COLLATE "C", direction COLLATE "C"`;

function chosen(tenant: string, filter: AdjustmentFilter, parameters: Parameters): string[] {
  const flag = (value: boolean | undefined, condition: string) =>
    value === undefined ? [] : [value ? condition : `NOT (${condition})`];
  const amounts = (operator: '>=' | '<=', value: string | undefined) =>
    value === undefined ? [] : [`amount ${operator} ${parameters.next(value, 'numeric')}`];
  return [
    `tenant_id = ${parameters.next(tenant, 'text')}`,
    ...parameters.anyOf('exception_id', filter.exceptionId, 'uuid'),
    ...parameters.anyOf('currency', filter.currency),
    ...parameters.anyOf('direction', filter.direction),
    ...parameters.anyOf('reason_code', filter.reasonCode),
    ...parameters.anyOf('created_by', filter.createdBy),
    ...parameters.compared('effective_at', '>=', filter.effectiveFrom, 'timestamptz'),
    ...parameters.compared('effective_at', '<', filter.effectiveBefore, 'timestamptz'),
    ...parameters.compared('created_at', '>=', filter.createdFrom, 'timestamptz'),
    ...parameters.compared('created_at', '<', filter.createdBefore, 'timestamptz'),
    ...amounts('>=', filter.amountMin),
    ...amounts('<=', filter.amountMax),
    ...flag(filter.reversed, `EXISTS ${reversal('adjustment')}`),
    ...flag(filter.reversal, 'reverses IS NOT NULL'),
  ];
}

/** Those of one exception, oldest first; undefined where there is no such exception. */
export async function adjustmentsOf(
  ask: Ask,
  tenant: string,
  exceptionId: string,
): Promise<readonly ListedAdjustment[] | undefined> {
  if (!isUuid(exceptionId)) return undefined;
  const rows = await ask(
    `SELECT a.*, ${reversal('a')} AS reversed_by
     FROM exception e LEFT JOIN adjustment a ON a.tenant_id = e.tenant_id AND a.exception_id = e.id
     WHERE e.tenant_id = $1 AND e.id = $2 ORDER BY a.created_at, a.id`,
    [tenant, exceptionId],
  );
  return rows.length === 0 ? undefined : rows.filter((row) => row['id'] !== null).map(toListed);
}

function toListed({ reversed_by: reversedBy, ...row }: Row): ListedAdjustment {
  const adjustment = toAdjustment(row);
  return reversedBy === null ? adjustment : { ...adjustment, reversedBy: reversedBy as string };
}

const toTotal = ({ currency, direction, count, amount }: Row): AdjustmentTotal => ({
  currency: currency as string,
  direction: direction as Direction,
  count: count as number,
  amount: amount as string,
});
