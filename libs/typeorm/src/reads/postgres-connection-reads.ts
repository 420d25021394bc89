import { isUuid, type Page, type PageRequest } from '@redress/domain';
import type {
  ConnectionEvent,
  ConnectionReads,
  ConnectionTarget,
  StoredConnection,
} from '@redress/domain/integrations';
import type { ConnectionChanges } from '@redress/domain/integrations';
import type { TenantPool } from '../database/tenant-pool';
import { pageOf, travel } from './paging';
import { Parameters } from './parameters';
import { toConnection, toConnectionEvent } from '../entities/mapping';
import type { Row } from '../entities/entity-schemas';

export class PostgresConnectionReads implements ConnectionReads, ConnectionChanges {
  constructor(private readonly pool: TenantPool) {}

  async all(tenant: string): Promise<readonly StoredConnection[]> {
    const rows = await this.ask(
      tenant,
      'SELECT * FROM connection WHERE tenant_id = $1 AND deleted_at IS NULL',
      [tenant],
    );
    return rows.map(toConnection);
  }

  async tenantOf(id: string): Promise<string | undefined> {
    if (!isUuid(id)) return undefined;
    // Asked for no tenant at all: the function sees one column of one row, of any tenant.
    const [row] = await this.ask('', 'SELECT redress_tenant_of_connection($1) AS tenant', [id]);
    return (row?.['tenant'] as string | null | undefined) ?? undefined;
  }

  async changes(
    tenant: string,
    target: ConnectionTarget,
    page: PageRequest,
  ): Promise<Page<ConnectionEvent> | undefined> {
    const { direction, beyond } = travel(page);
    const parameters = new Parameters();
    const where = [
      `c.tenant_id = ${parameters.next(tenant, 'text')}`,
      `c.target = ${parameters.next(target, 'text')}`,
      ...(page.position ? [`h.version ${beyond} ${parameters.next(page.position.sortValue, 'int4')}`] : []),
    ];
    const rows = await this.ask(
      tenant,
      `SELECT h.* FROM connection c JOIN connection_change h ON h.tenant_id = c.tenant_id AND h.connection_id = c.id
       WHERE ${where.join(' AND ')} ORDER BY h.version ${direction} LIMIT ${parameters.next(page.limit + 1, 'int4')}`,
      parameters.values,
    );
    // Every connection has its first change, so an empty page without a cursor means that there is none.
    if (rows.length === 0 && !page.position) return undefined;
    const place = (row: Row) => ({ sortValue: String(row['version']), id: row['connection_id'] as string });
    return pageOf(rows, page, place, toConnectionEvent);
  }

  private ask(tenant: string, text: string, values: readonly unknown[]): Promise<Row[]> {
    return this.pool.use(tenant, (session) => session.query({ text }, values));
  }
}
