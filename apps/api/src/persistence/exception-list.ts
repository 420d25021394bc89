import { exceptionLifecycle, severities, statuses, type ReconException } from '@redress/domain';
import type { ExceptionFilter, ExceptionSortKey, Page, PageRequest } from '../reads';
import { chosenExceptions } from './exception-filter';
import { readPage, type Ask, type SortKey } from './paging';
import { Parameters } from './parameters';
import { toException } from './rows';

/** Made of equality alone: behind row-level security an index serves nothing that could leak. */
const rank = (column: string, values: readonly string[]): string =>
  `CASE ${column} ${values.map((value, i) => `WHEN '${value}' THEN ${i}`).join(' ')} END`;

const sortKeys: Readonly<Record<ExceptionSortKey, SortKey>> = {
  created_at: { expression: 'created_at', type: 'timestamptz' },
  updated_at: { expression: 'updated_at', type: 'timestamptz' },
  due_at: { expression: 'due_at', type: 'timestamptz' },
  severity: { expression: rank('severity', severities), type: 'int4' },
  status: { expression: rank('status', statuses(exceptionLifecycle)), type: 'int4' },
  amount: { expression: `coalesce(amount, '-Infinity')`, type: 'numeric' },
  id: { expression: 'id', type: 'uuid' },
};

export function listExceptions(
  ask: Ask,
  tenant: string,
  filter: ExceptionFilter,
  sort: ExceptionSortKey,
  page: PageRequest,
): Promise<Page<ReconException>> {
  const parameters = new Parameters();
  const where = chosenExceptions(tenant, filter, parameters);
  const listing = { columns: '*', table: 'exception', where, sort: sortKeys[sort], page };
  return readPage(ask, parameters, listing, toException);
}
