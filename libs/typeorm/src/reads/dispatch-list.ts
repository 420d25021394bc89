import {
  isUuid,
  type Dispatch,
  type DispatchFilter,
  type DispatchSortKey,
  type ListedDispatch,
  type Page,
  type PageRequest,
} from '@redress/domain';
import { readPage, type Ask, type SortKey } from './paging';
import { Parameters } from './parameters';
import { fromJsonRow, toAttempt, toDispatch } from '../entities/mapping';
import type { Row } from '../entities/entity-schemas';

const sortKeys: Readonly<Record<DispatchSortKey, SortKey>> = {
  requested_at: { expression: 'requested_at', type: 'timestamptz' },
  updated_at: { expression: 'updated_at', type: 'timestamptz' },
  id: { expression: 'id', type: 'uuid' },
};

/** A page of the dispatches of all exceptions. */
export function listAllDispatches(
  ask: Ask,
  tenant: string,
  filter: DispatchFilter,
  sort: DispatchSortKey,
  page: PageRequest,
): Promise<Page<Dispatch>> {
  const parameters = new Parameters();
  const where = [
    `tenant_id = ${parameters.next(tenant, 'text')}`,
    ...parameters.anyOf('state', filter.state),
    ...parameters.anyOf('target', filter.target),
    ...parameters.anyOf('kind', filter.kind),
    ...parameters.anyOf('exception_id', filter.exceptionId, 'uuid'),
    ...parameters.compared('requested_at', '>=', filter.requestedFrom, 'timestamptz'),
    ...parameters.compared('requested_at', '<', filter.requestedBefore, 'timestamptz'),
  ];
  const listing = { columns: '*', table: 'dispatch', where, sort: sortKeys[sort], page };
  return readPage(ask, parameters, listing, toDispatch);
}

/** The dispatches of an exception with all their attempts; undefined where there is no such exception. */
export async function listDispatches(
  ask: Ask,
  tenant: string,
  exceptionId: string,
): Promise<readonly ListedDispatch[] | undefined> {
  if (!isUuid(exceptionId)) return undefined;
  const rows = await ask(
    `SELECT d.*, (
       SELECT json_agg(a ORDER BY a.id) FROM dispatch_attempt a WHERE a.tenant_id = $1 AND a.dispatch_id = d.id
     ) AS made
     FROM exception e LEFT JOIN dispatch d ON d.tenant_id = e.tenant_id AND d.exception_id = e.id
     WHERE e.tenant_id = $1 AND e.id = $2 ORDER BY d.id`,
    [tenant, exceptionId],
  );
  if (rows.length === 0) return undefined;
  return rows
    .filter((row) => row['id'] !== null)
    .map(({ made, ...row }) => ({
      dispatch: toDispatch(row),
      attempts: ((made ?? []) as Row[]).map((attempt) => toAttempt(fromJsonRow('dispatch_attempt', attempt))),
    }));
}
