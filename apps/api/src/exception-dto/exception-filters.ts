import {
  dispatchTargets,
  exceptionLifecycle,
  limits,
  severities,
  statuses,
  waits,
  type ExceptionFilter,
} from '@redress/domain';
import { validateTextValue } from '@redress/formats';
import { amount, choices, currencies, endOf, flag, startOf, texts, time, uuids } from '../http/query-kinds';
import { readQuery, whenSet, type Given, type ParameterTable, type Query } from '../http/query-parameters';

const maxWords = 10;

/** What chooses exceptions, wherever they are listed, counted or exported. */
export const exceptionFilters = {
  status: choices('Status.', statuses(exceptionLifecycle)),
  severity: choices('Severity.', severities),
  assigned_to: texts('Assignee.', limits.assignee),
  pending: choices('What it waits for while its resolution is pending.', waits),
  pending_since: time('Waiting since then or earlier.'),
  flagged: flag('Whether it has waited too long for what it waits for, or for a dispatch that was given up.'),
  ledger_mismatch: flag('Whether a reversal of its books is missing in the ledger.'),
  external_system: choices('Where it was dispatched to.', dispatchTargets),
  reason: texts('Reason it was raised for.', limits.reason),
  source: texts('Where it was reported from.', limits.source),
  currency: currencies('Currency of the amount, ISO 4217.'),
  transaction_id: uuids('Transaction.'),
  unassigned: flag('Whether nobody is assigned.'),
  overdue: flag('Whether it is unresolved and past its due date.'),
  date_from: time('Created then or later.'),
  date_to: time('Created then or earlier.'),
  due_from: time('Due then or later.'),
  due_to: time('Due then or earlier.'),
  amount_min: amount('Amount at least, in units of its own currency.'),
  amount_max: amount('Amount at most, in units of its own currency.'),
  q: {
    description: `Up to ${maxWords} words that all occur in the reason, the resolution's reason or its notes.`,
    schema: { type: 'string', minLength: 1, maxLength: 255 },
    fault: (value) =>
      validateTextValue(value, 255) ??
      (wordsOf(value).length > maxWords ? `must be at most ${maxWords} words` : undefined),
  },
} as const satisfies ParameterTable;

const wordsOf = (text: string): string[] => text.trim().split(/\s+/);

/** `within` says where the filter stands, for the names of what is wrong with it. */
export const readExceptionFilter = (query: Query, within = ''): ExceptionFilter =>
  filterOf(readQuery(query, exceptionFilters, within));

/** The filter of a query whose parameters, `exceptionFilters` among them, were read. */
export function filterOf({ all, one }: Given): ExceptionFilter {
  const yes = (name: string) => (one(name) === undefined ? undefined : one(name) === 'true');
  const words = one('q');
  return {
    ...whenSet('status', all('status')),
    ...whenSet('severity', all('severity')),
    ...whenSet('assignedTo', all('assigned_to')),
    ...whenSet('pending', all('pending')),
    ...whenSet('pendingBefore', endOf(one('pending_since'))),
    ...whenSet('flagged', yes('flagged')),
    ...whenSet('ledgerMismatch', yes('ledger_mismatch')),
    ...whenSet('externalSystem', all('external_system')),
    ...whenSet('reason', all('reason')),
    ...whenSet('source', all('source')),
    ...whenSet('currency', all('currency')),
    ...whenSet('transactionId', all('transaction_id')),
    ...whenSet('unassigned', yes('unassigned')),
    ...whenSet('overdue', yes('overdue')),
    ...whenSet('createdFrom', startOf(one('date_from'))),
    ...whenSet('createdBefore', endOf(one('date_to'))),
    ...whenSet('dueFrom', startOf(one('due_from'))),
    ...whenSet('dueBefore', endOf(one('due_to'))),
    ...whenSet('amountMin', one('amount_min')),
    ...whenSet('amountMax', one('amount_max')),
    ...whenSet('words', words === undefined ? undefined : wordsOf(words)),
  };
}
