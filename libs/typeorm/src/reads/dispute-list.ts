import type { DisputeFilter, DisputeSortKey, ListedDispute, Page, PageRequest } from '@redress/domain';
import { disputeCategory, disputeState } from './ranks';
import { readPage, type Ask, type SortKey } from './paging';
import { Parameters } from './parameters';
import { toDispute } from '../entities/mapping';
import type { Row } from '../entities/entity-schemas';

const sortKeys: Readonly<Record<DisputeSortKey, SortKey>> = {
  created_at: { expression: 'created_at', type: 'timestamptz' },
  updated_at: { expression: 'updated_at', type: 'timestamptz' },
  state: { expression: disputeState.rank, type: 'int4' },
  category: { expression: disputeCategory.rank, type: 'int4' },
  id: { expression: 'id', type: 'uuid' },
};

const columns = `*, (
  SELECT count(*)::int4 FROM evidence v WHERE v.tenant_id = dispute.tenant_id AND v.dispute_id = dispute.id
) AS evidence_count`;

export function listDisputes(
  ask: Ask,
  tenant: string,
  filter: DisputeFilter,
  sort: DisputeSortKey,
  page: PageRequest,
): Promise<Page<ListedDispute>> {
  const parameters = new Parameters();
  const where = [
    `tenant_id = ${parameters.next(tenant, 'text')}`,
    ...parameters.anyOf('state', filter.state),
    ...parameters.anyOf('category', filter.category),
    ...parameters.anyOf('exception_id', filter.exceptionId, 'uuid'),
    ...parameters.anyOf('opened_by', filter.openedBy),
    ...parameters.compared('created_at', '>=', filter.createdFrom, 'timestamptz'),
    ...parameters.compared('created_at', '<', filter.createdBefore, 'timestamptz'),
  ];
  return readPage(
    ask,
    parameters,
    { columns, table: 'dispute', where, sort: sortKeys[sort], page },
    toListed,
  );
}

function toListed({ evidence_count: evidenceCount, ...row }: Row): ListedDispute {
  const { evidence: _counted, ...dispute } = toDispute(row, []);
  return { ...dispute, evidenceCount: evidenceCount as number };
}
