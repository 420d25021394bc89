import { InboundReads, type InboundFilter, type ListedMessage } from '@redress/domain/integrations';
import type { Page, PageRequest } from '@redress/domain';
import type { TenantPool } from '../database/tenant-pool';
import { readPage, type Ask } from './paging';
import { Parameters } from './parameters';
import { toMessage } from '../entities/mapping';
import { columnsOf } from '../entities/entity-schemas';

/** Bodies are long, and shown with one message alone. */
const listed = columnsOf('inbound_message').filter((column) => column !== 'body' && column !== 'digest');

export class PostgresInboundReads extends InboundReads {
  constructor(private readonly pool: TenantPool) {
    super();
  }

  messages(tenant: string, filter: InboundFilter, page: PageRequest): Promise<Page<ListedMessage>> {
    const parameters = new Parameters();
    const where = [
      `tenant_id = ${parameters.next(tenant, 'text')}`,
      ...parameters.anyOf('outcome', filter.outcome),
      ...parameters.anyOf('target', filter.target),
      ...parameters.anyOf('exception_id', filter.exceptionId, 'uuid'),
      ...parameters.anyOf('external_reference', filter.externalReference),
      ...parameters.compared('received_at', '>=', filter.receivedFrom, 'timestamptz'),
      ...parameters.compared('received_at', '<', filter.receivedBefore, 'timestamptz'),
    ];
    // Ids sort by the time they were made at.
    const sort = { expression: 'id', type: 'uuid' };
    const listing = { columns: listed.join(', '), table: 'inbound_message', where, sort, page };
    return readPage(this.asking(tenant), parameters, listing, toMessage);
  }

  async message(tenant: string, id: string): ReturnType<InboundReads['message']> {
    const [row] = await this.asking(tenant)(
      `SELECT ${listed.join(', ')}, body FROM inbound_message WHERE tenant_id = $1 AND id = $2`,
      [tenant, id],
    );
    return row && { ...toMessage(row), body: row['body'] as string };
  }

  private asking(tenant: string): Ask {
    return (text, values) => this.pool.use(tenant, (session) => session.query({ text }, values));
  }
}
