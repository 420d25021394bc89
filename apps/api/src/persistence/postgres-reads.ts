import {
  isUuid,
  severities,
  statuses,
  exceptionLifecycle,
  type Adjustment,
  type HistoryEvent,
  type ReconException,
} from '@redress/domain';
import {
  Reads,
  type ExceptionFilter,
  type ExceptionSortKey,
  type HistoryLine,
  type Page,
  type PageRequest,
  type Position,
} from '../reads';
import type { Connections } from './connections';
import { toAdjustment, toException } from './rows';
import type { Row } from './tables';

/** Numbered parameters in the order in which they are asked for. */
class Parameters {
  readonly values: unknown[] = [];

  next(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}

/** Made of equality alone: behind row-level security an index serves nothing that could leak. */
const rank = (column: string, values: readonly string[]): string =>
  `CASE ${column} ${values.map((value, i) => `WHEN '${value}' THEN ${i}`).join(' ')} END`;

/** What a list is sorted by, as indexed; ties are broken by id, so that every order is total. */
const sortKeys: Readonly<Record<ExceptionSortKey, { expression: string; type: string }>> = {
  created_at: { expression: 'created_at', type: 'timestamptz' },
  updated_at: { expression: 'updated_at', type: 'timestamptz' },
  due_at: { expression: 'due_at', type: 'timestamptz' },
  severity: { expression: rank('severity', severities), type: 'int4' },
  status: { expression: rank('status', statuses(exceptionLifecycle)), type: 'int4' },
  amount: { expression: `coalesce(amount, '-Infinity')`, type: 'numeric' },
  id: { expression: 'id', type: 'uuid' },
};

export class PostgresReads extends Reads {
  constructor(private readonly connections: Connections) {
    super();
  }

  async exceptions(
    tenant: string,
    filter: ExceptionFilter,
    sort: ExceptionSortKey,
    page: PageRequest,
  ): Promise<Page<ReconException>> {
    const { expression, type } = sortKeys[sort];
    const parameters = new Parameters();
    const where = [`tenant_id = ${parameters.next(tenant, 'text')}`, ...conditions(filter, parameters)];
    const { descending, beyond } = travel(page);
    if (page.position) {
      const { sortValue, id } = page.position;
      const from = [parameters.next(sortValue, type), parameters.next(id, 'uuid')];
      where.push(`(${expression}, id) ${beyond} (${from.join(', ')})`);
    }
    const direction = descending ? 'DESC' : 'ASC';
    const rows = await this.rows(
      tenant,
      `SELECT *, (${expression})::text AS sort_value FROM exception WHERE ${where.join(' AND ')}
       ORDER BY ${expression} ${direction}, id ${direction} LIMIT ${parameters.next(page.limit + 1, 'int4')}`,
      parameters.values,
    );
    const place = (row: Row) => ({ sortValue: row['sort_value'] as string, id: row['id'] as string });
    return pageOf(rows, page, place, ({ sort_value: _, ...row }) => toException(row));
  }

  async history(
    tenant: string,
    exceptionId: string,
    page: PageRequest,
  ): Promise<Page<HistoryLine> | undefined> {
    if (!isUuid(exceptionId)) return undefined;
    const { descending, beyond } = travel(page);
    const parameters = new Parameters();
    const where = [
      `tenant_id = ${parameters.next(tenant, 'text')}`,
      `exception_id = ${parameters.next(exceptionId, 'uuid')}`,
      ...(page.position ? [`seq ${beyond} ${parameters.next(page.position.sortValue, 'int4')}`] : []),
    ];
    const rows = await this.rows(
      tenant,
      `SELECT seq, id, payload, encode(prev_hash, 'hex') AS prev_hash, encode(hash, 'hex') AS hash FROM history
       WHERE ${where.join(' AND ')} ORDER BY seq ${descending ? 'DESC' : 'ASC'} LIMIT ${parameters.next(page.limit + 1, 'int4')}`,
      parameters.values,
    );
    // Every exception has its first line, so an empty page without a cursor means that there is none.
    if (rows.length === 0 && !page.position) return undefined;
    const place = (row: Row) => ({ sortValue: String(row['seq']), id: row['id'] as string });
    return pageOf(rows, page, place, toLine);
  }

  async adjustments(tenant: string, exceptionId: string): Promise<readonly Adjustment[] | undefined> {
    if (!isUuid(exceptionId)) return undefined;
    const rows = await this.rows(
      tenant,
      `SELECT a.* FROM exception e LEFT JOIN adjustment a ON a.tenant_id = e.tenant_id AND a.exception_id = e.id
       WHERE e.tenant_id = $1 AND e.id = $2 ORDER BY a.created_at, a.id`,
      [tenant, exceptionId],
    );
    return rows.length === 0 ? undefined : rows.filter((row) => row['id'] !== null).map(toAdjustment);
  }

  private rows(tenant: string, text: string, values: readonly unknown[]): Promise<Row[]> {
    return this.connections.use(tenant, (connection) => connection.query({ text }, values));
  }
}

function conditions(filter: ExceptionFilter, parameters: Parameters): string[] {
  const anyOf = (column: string, values: readonly string[] | undefined, type = 'text') =>
    values ? [`${column} = ANY(${parameters.next(values, `${type}[]`)})`] : [];
  const compared = (column: string, operator: string, value: string | undefined, type: string) =>
    value === undefined ? [] : [`${column} ${operator} ${parameters.next(value, type)}`];
  const flag = (value: boolean | undefined, condition: string) =>
    value === undefined ? [] : [value ? condition : `NOT (${condition})`];
  return [
    ...anyOf('status', filter.status),
    // Said twice, so that the planner sees that the index of unresolved ones will do.
    ...(filter.status && !filter.status.includes('RESOLVED') ? [`status <> 'RESOLVED'`] : []),
    ...anyOf('severity', filter.severity),
    ...anyOf('assigned_to', filter.assignedTo),
    ...anyOf('external_system', filter.externalSystem),
    ...anyOf('reason', filter.reason),
    ...anyOf('source', filter.source),
    ...anyOf('currency', filter.currency),
    ...anyOf('transaction_id', filter.transactionId, 'uuid'),
    ...flag(filter.unassigned, 'assigned_to IS NULL'),
    ...flag(filter.overdue, `status <> 'RESOLVED' AND due_at < now()`),
    ...compared('created_at', '>=', filter.createdFrom, 'timestamptz'),
    ...compared('created_at', '<', filter.createdBefore, 'timestamptz'),
    ...compared('due_at', '>=', filter.dueFrom, 'timestamptz'),
    ...compared('due_at', '<', filter.dueBefore, 'timestamptz'),
    ...compared('amount', '>=', filter.amountMin, 'numeric'),
    ...compared('amount', '<=', filter.amountMax, 'numeric'),
    ...(filter.words ?? []).map((word) => {
      const pattern = parameters.next(`%${word.replace(/[\\%_]/g, '\\$&')}%`, 'text');
      return `(reason ILIKE ${pattern} OR resolution_reason ILIKE ${pattern} OR resolution_notes ILIKE ${pattern})`;
    }),
  ];
}

/** Going back reads the rows in the other order, from where the page begins. */
function travel({ order, position }: PageRequest): { descending: boolean; beyond: '<' | '>' } {
  const descending = (order === 'desc') !== (position?.direction === 'prev');
  return { descending, beyond: descending ? '<' : '>' };
}

/** One row more than asked for was read: it tells whether there are others, and is not shown. */
function pageOf<Item>(
  read: readonly Row[],
  { limit, position }: PageRequest,
  place: (row: Row) => Omit<Position, 'direction'>,
  show: (row: Row) => Item,
): Page<Item> {
  const back = position?.direction === 'prev';
  const hasMore = read.length > limit;
  const rows = read.slice(0, limit);
  if (back) rows.reverse();
  const first = rows[0];
  const last = rows.at(-1);
  return {
    items: rows.map(show),
    hasMore,
    ...(last && (hasMore || back) && { next: { direction: 'next' as const, ...place(last) } }),
    ...(first && (back ? hasMore : position) && { prev: { direction: 'prev' as const, ...place(first) } }),
  };
}

const toLine = (row: Row): HistoryLine => ({
  seq: row['seq'] as number,
  event: JSON.parse(row['payload'] as string) as HistoryEvent,
  prevHash: row['prev_hash'] as string,
  hash: row['hash'] as string,
});
