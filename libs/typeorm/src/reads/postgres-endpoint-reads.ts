import { isUuid, type Page, type PageRequest } from '@redress/domain';
import {
  type WebhookEndpoint,
  EndpointReads,
  type AllDeliveriesFilter,
  type DeliveryFilter,
  type ListedDelivery,
} from '@redress/domain/integrations';
import type { TenantPool } from '../database/tenant-pool';
import { readPage, pageOf, travel, type Ask } from './paging';
import { Parameters } from './parameters';
import { fromJsonRow, toDelivery, toDeliveryAttempt, toEndpoint } from '../entities/mapping';
import type { Row } from '../entities/entity-schemas';

const attempts = `(
  SELECT json_agg(a ORDER BY a.attempt) FROM delivery_attempt a
  WHERE a.tenant_id = d.tenant_id AND a.endpoint_id = d.endpoint_id AND a.event_id = d.event_id
) AS history`;

export class PostgresEndpointReads extends EndpointReads {
  constructor(private readonly pool: TenantPool) {
    super();
  }

  endpoints(tenant: string, page: PageRequest): Promise<Page<WebhookEndpoint>> {
    const parameters = new Parameters();
    const where = [`tenant_id = ${parameters.next(tenant, 'text')}`, 'deleted_at IS NULL'];
    const sort = { expression: 'id', type: 'uuid' };
    const listing = { columns: '*', table: 'webhook_endpoint', where, sort, page };
    return readPage(this.asking(tenant), parameters, listing, toEndpoint);
  }

  async endpoint(tenant: string, id: string): Promise<WebhookEndpoint | undefined> {
    if (!isUuid(id)) return undefined;
    const [row] = await this.asking(tenant)(
      'SELECT * FROM webhook_endpoint WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL',
      [tenant, id],
    );
    return row && toEndpoint(row);
  }

  async deliveries(
    tenant: string,
    endpointId: string,
    filter: DeliveryFilter,
    page: PageRequest,
  ): Promise<Page<ListedDelivery> | undefined> {
    if (!(await this.endpoint(tenant, endpointId))) return undefined;
    const { direction, beyond } = travel(page);
    const parameters = new Parameters();
    const where = [
      `d.tenant_id = ${parameters.next(tenant, 'text')}`,
      `d.endpoint_id = ${parameters.next(endpointId, 'uuid')}`,
      ...parameters.anyOf('d.state', filter.state),
      ...parameters.anyOf('d.exception_id', filter.exceptionId, 'uuid'),
      ...(page.position ? [`d.event_id ${beyond} ${parameters.next(page.position.id, 'uuid')}`] : []),
    ];
    const rows = await this.asking(tenant)(
      `SELECT d.*, ${attempts} FROM delivery d WHERE ${where.join(' AND ')}
       ORDER BY d.event_id ${direction} LIMIT ${parameters.next(page.limit + 1, 'int4')}`,
      parameters.values,
    );
    const place = (row: Row) => ({ sortValue: '', id: row['event_id'] as string });
    return pageOf(rows, page, place, toListed);
  }

  async allDeliveries(
    tenant: string,
    filter: AllDeliveriesFilter,
    page: PageRequest,
  ): Promise<Page<ListedDelivery>> {
    const { direction, beyond } = travel(page);
    const parameters = new Parameters();
    const where = [
      `d.tenant_id = ${parameters.next(tenant, 'text')}`,
      ...parameters.anyOf('d.state', filter.state),
      ...parameters.anyOf('d.exception_id', filter.exceptionId, 'uuid'),
      ...parameters.anyOf('d.endpoint_id', filter.endpointId, 'uuid'),
    ];
    if (page.position) {
      const { sortValue, id } = page.position;
      const from = [parameters.next(sortValue, 'uuid'), parameters.next(id, 'uuid')];
      where.push(`(d.event_id, d.endpoint_id) ${beyond} (${from.join(', ')})`);
    }
    const rows = await this.asking(tenant)(
      `SELECT d.*, ${attempts} FROM delivery d WHERE ${where.join(' AND ')}
       ORDER BY d.event_id ${direction}, d.endpoint_id ${direction} LIMIT ${parameters.next(page.limit + 1, 'int4')}`,
      parameters.values,
    );
    const place = (row: Row) => ({ sortValue: row['event_id'] as string, id: row['endpoint_id'] as string });
    return pageOf(rows, page, place, toListed);
  }

  private asking(tenant: string): Ask {
    return (text, values) => this.pool.use(tenant, (session) => session.query({ text }, values));
  }
}

const toListed = ({ history, ...row }: Row): ListedDelivery => ({
  ...toDelivery(row),
  history: ((history ?? []) as Row[]).map((one) => toDeliveryAttempt(fromJsonRow('delivery_attempt', one))),
});
