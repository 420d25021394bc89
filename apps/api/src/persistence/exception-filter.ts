import type { ExceptionFilter } from '../reads';
import type { Parameters } from './parameters';

export const overdue = `status <> 'RESOLVED' AND due_at < now()`;

/** What has to hold of an exception to be among those chosen. */
export function chosenExceptions(tenant: string, filter: ExceptionFilter, parameters: Parameters): string[] {
  const flag = (value: boolean | undefined, condition: string) =>
    value === undefined ? [] : [value ? condition : `NOT (${condition})`];
  return [
    `tenant_id = ${parameters.next(tenant, 'text')}`,
    ...parameters.anyOf('status', filter.status),
    // Said twice, so that the planner sees that the index of unresolved ones will do.
    ...(filter.status && !filter.status.includes('RESOLVED') ? [`status <> 'RESOLVED'`] : []),
    ...parameters.anyOf('severity', filter.severity),
    ...parameters.anyOf('assigned_to', filter.assignedTo),
    ...parameters.anyOf('external_system', filter.externalSystem),
    ...parameters.anyOf('reason', filter.reason),
    ...parameters.anyOf('source', filter.source),
    ...parameters.anyOf('currency', filter.currency),
    ...parameters.anyOf('transaction_id', filter.transactionId, 'uuid'),
    ...flag(filter.unassigned, 'assigned_to IS NULL'),
    ...flag(filter.overdue, overdue),
    ...parameters.compared('created_at', '>=', filter.createdFrom, 'timestamptz'),
    ...parameters.compared('created_at', '<', filter.createdBefore, 'timestamptz'),
    ...parameters.compared('due_at', '>=', filter.dueFrom, 'timestamptz'),
    ...parameters.compared('due_at', '<', filter.dueBefore, 'timestamptz'),
    ...parameters.compared('amount', '>=', filter.amountMin, 'numeric'),
    ...parameters.compared('amount', '<=', filter.amountMax, 'numeric'),
    ...(filter.words ?? []).map((word) => {
      const pattern = parameters.next(`%${word.replace(/[\\%_]/g, '\\$&')}%`, 'text');
      return `(reason ILIKE ${pattern} OR resolution_reason ILIKE ${pattern} OR resolution_notes ILIKE ${pattern})`;
    }),
  ];
}
