import { waits, type ExceptionFilter } from '@redress/domain';
import { severity, status } from './exception-ranks';
import type { Parameters } from './parameters';

export const overdue = `status <> 'RESOLVED' AND due_at < now()`;

/** Said of the resolved and of the others, since each of the two is found by an index of its own. */
const inEitherIndex = (condition: string): string =>
  `(${condition} AND status <> 'RESOLVED' OR ${condition} AND status = 'RESOLVED')`;

/** The column `amount_key` that a number would have; what has no amount has that of the number below all amounts. */
const amountKey = (value: string): string => `round(least(greatest(${value}, -1e20), 1e20) + 3e20, 4)::text`;
const noAmount = amountKey('-1e20');

/** What has to hold of an exception to be among those chosen. */
export function chosenExceptions(tenant: string, filter: ExceptionFilter, parameters: Parameters): string[] {
  const flag = (value: boolean | undefined, condition: string) =>
    value === undefined ? [] : [value ? condition : `NOT (${condition})`];
  // Said twice: by the key, which is indexed but takes in too much at its ends, and exactly.
  const amounts = (operator: '>=' | '<=', value: string | undefined) => {
    if (value === undefined) return [];
    const given = parameters.next(value, 'numeric');
    return [
      `amount_key > ${noAmount}`,
      `amount_key ${operator} ${amountKey(given)}`,
      `amount ${operator} ${given}`,
    ];
  };
  return [
    `tenant_id = ${parameters.next(tenant, 'text')}`,
    ...parameters.anyOf(status.rank, status.ranksOf(filter.status), 'int4'),
    // Said twice, so that the planner sees that the index of unresolved ones will do.
    ...(filter.status && !filter.status.includes('RESOLVED') ? [`status <> 'RESOLVED'`] : []),
    ...parameters.anyOf(severity.rank, severity.ranksOf(filter.severity), 'int4'),
    ...parameters.anyOf('assigned_to', filter.assignedTo),
    // What has waited for so long is looked for among what waits, which is indexed by what it waits for.
    ...parameters.anyOf(
      'pending',
      filter.pending ?? (filter.pendingBefore === undefined ? undefined : waits),
    ),
    ...parameters.compared('pending_since', '<', filter.pendingBefore, 'timestamptz'),
    ...flag(filter.flagged, 'flagged_at IS NOT NULL'),
    ...parameters.anyOf('external_system', filter.externalSystem),
    ...parameters.anyOf('reason', filter.reason),
    ...parameters.anyOf('source', filter.source),
    ...parameters.anyOf('currency', filter.currency),
    ...parameters.anyOf('transaction_id', filter.transactionId, 'uuid').map(inEitherIndex),
    ...flag(filter.unassigned, 'assigned_to IS NULL'),
    ...flag(filter.overdue, overdue),
    ...parameters.compared('created_at', '>=', filter.createdFrom, 'timestamptz'),
    ...parameters.compared('created_at', '<', filter.createdBefore, 'timestamptz'),
    ...parameters.compared('due_at', '>=', filter.dueFrom, 'timestamptz'),
    ...parameters.compared('due_at', '<', filter.dueBefore, 'timestamptz'),
    ...amounts('>=', filter.amountMin),
    ...amounts('<=', filter.amountMax),
    ...(filter.words ?? []).map((word) => {
      const pattern = parameters.next(`%${word.replace(/[\\%_]/g, '\\$&')}%`, 'text');
      return `(reason ILIKE ${pattern} OR resolution_reason ILIKE ${pattern} OR resolution_notes ILIKE ${pattern})`;
    }),
  ];
}
