import type { ReconException, ExceptionFilter, ExceptionSortKey, Page, PageRequest } from '@redress/domain';
import { chosenExceptions } from './exception-filter';
import { severity, status } from './ranks';
import { readPage, type Ask, type SortKey } from './paging';
import { Parameters } from './parameters';
import { toException } from '../entities/mapping';

const sortKeys: Readonly<Record<ExceptionSortKey, SortKey>> = {
  created_at: { expression: 'created_at', type: 'timestamptz' },
  updated_at: { expression: 'updated_at', type: 'timestamptz' },
  due_at: { expression: 'due_at', type: 'timestamptz' },
  severity: { expression: severity.rank, type: 'int4' },
  status: { expression: status.rank, type: 'int4' },
  amount: { expression: 'amount_key', type: 'text' },
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
