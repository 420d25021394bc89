import {
  exceptionLifecycle,
  severities,
  statuses,
  ageLimits,
  maxNames,
  type ExceptionFilter,
  type ExceptionSummary,
} from '@redress/domain';
import { chosenExceptions, overdue } from './exception-filter';
import type { Ask } from './paging';
import { Parameters } from './parameters';
import type { Row } from '../entities/entity-schemas';

/** What exceptions are counted by, each a text or null. An age is its place among the limits; what is resolved has none. */
const dimensions = {
  status: 'status',
  severity: 'severity',
  reason: 'reason',
  assignee: 'assigned_to',
  age: `CASE WHEN status <> 'RESOLVED' THEN
    width_bucket(extract(epoch FROM now() - coalesce(occurred_at, created_at))::float8 / 3600, ARRAY[${ageLimits.join()}]::float8[])::text END`,
  currency: 'currency',
} as const;
type Dimension = keyof typeof dimensions;
const names = Object.keys(dimensions) as Dimension[];

/** The number by which GROUPING tells which of the dimensions a row counts by: a bit for each that it does not. */
const everything = 2 ** names.length - 1;
const groupingOf = (name: Dimension): number => everything - 2 ** (names.length - 1 - names.indexOf(name));

/**
 * One pass over the chosen exceptions, whatever their number. Of each dimension the most frequent names are listed, and
 * the rest of them in one row, so that the answer stays small.
 */
const summaryOf = (where: readonly string[]): string => `
  WITH chosen AS (
    SELECT ${names.map((name) => `${dimensions[name]} AS ${name}`).join(', ')}, amount, ${overdue} AS overdue
    FROM exception WHERE ${where.join(' AND ')}
  ), counted AS (
    SELECT grouping(${names.join(', ')}) AS dimension, coalesce(${names.join(', ')}) AS name,
      count(*) AS count, count(*) FILTER (WHERE overdue) AS overdue, sum(amount) AS sum
    FROM chosen GROUP BY GROUPING SETS (${names.map((name) => `(${name})`).join(', ')}, ())
  ), placed AS (
    SELECT *, row_number() OVER (PARTITION BY dimension, name IS NULL ORDER BY count DESC, name COLLATE "C") AS place
    FROM counted
  )
  SELECT dimension, place > ${maxNames} AND dimension <> ${groupingOf('currency')} AS others,
    CASE WHEN place <= ${maxNames} OR dimension = ${groupingOf('currency')} THEN name END AS name,
    sum(count) AS count, sum(overdue) AS overdue, sum(sum)::text AS sum
  FROM placed GROUP BY 1, 2, 3, name IS NULL ORDER BY dimension, min(place)`;

export async function summarizeExceptions(
  ask: Ask,
  tenant: string,
  filter: ExceptionFilter,
): Promise<ExceptionSummary> {
  const parameters = new Parameters();
  const rows = await ask(summaryOf(chosenExceptions(tenant, filter, parameters)), parameters.values);
  const by = (name: Dimension) => countsOf(rows.filter((row) => row['dimension'] === groupingOf(name)));
  const total = rows.find((row) => row['dimension'] === everything);
  const [status, severity, reason, assignee, age] = [
    by('status'),
    by('severity'),
    by('reason'),
    by('assignee'),
    by('age'),
  ];
  return {
    total: Number(total?.['count'] ?? 0),
    overdue: Number(total?.['overdue'] ?? 0),
    byStatus: status.each(statuses(exceptionLifecycle)),
    bySeverity: severity.each(severities),
    byReason: { top: reason.named.map(({ name, count }) => ({ reason: name, count })), other: reason.other },
    byAssignee: {
      top: assignee.named.map(({ name, count }) => ({ assignee: name, count })),
      unassigned: assignee.nameless,
      other: assignee.other,
    },
    byAge: [0, ...ageLimits].map((fromHours, i) => {
      const toHours = ageLimits[i];
      return { fromHours, ...(toHours !== undefined && { toHours }), count: age.of(String(i)) };
    }),
    amounts: by('currency').named.map(({ name, count, sum }) => ({ currency: name, count, sum: sum ?? '0' })),
  };
}

type Counted = Readonly<{ name: string; count: number; sum: string | null }>;

function countsOf(rows: readonly Row[]) {
  const count = (row: Row | undefined): number => Number(row?.['count'] ?? 0);
  const named = rows
    .filter((row) => row['name'] !== null)
    .map((row): Counted => ({
      name: row['name'] as string,
      count: count(row),
      sum: row['sum'] as string | null,
    }));
  const of = (name: string): number => named.find((one) => one.name === name)?.count ?? 0;
  return {
    named,
    nameless: count(rows.find((row) => row['name'] === null && !row['others'])),
    other: count(rows.find((row) => row['others'])),
    of,
    each: (all: readonly string[]) => Object.fromEntries(all.map((name) => [name, of(name)])),
  };
}
