import type { Page, PageRequest } from '@redress/domain';
import { columnsOf, typeOf, type Row } from '../entities/entity-schemas';
import type { TenantPool } from '../database/tenant-pool';
import { Parameters } from '../reads/parameters';
import { readPage } from '../reads/paging';

/** What kind of request is recorded. */
export const accessKinds = ['export', 'list', 'bulk', 'settings', 'refused'] as const;
/** One of `accessKinds`. */
export type AccessKind = (typeof accessKinds)[number];

/** One request, as the access trail keeps it. `at` is RFC 3339; `query` is the raw text behind the `?`, without a cursor. */
export type AccessRecord = Readonly<{
  id: string;
  at: string;
  actor: string;
  kind: AccessKind;
  method: string;
  route: string;
  query: string;
  status: number;
  requestId: string;
}>;

/** Which records are listed; what is unset does not restrict. Times are RFC 3339. */
export type AccessFilter = Readonly<{
  actor?: readonly string[];
  kind?: readonly AccessKind[];
  from?: string;
  before?: string;
}>;

const table = 'access_record';
const columns = columnsOf(table);

/** The access trail of each tenant. It is only added to: the login of the service can change no record. */
export class AccessTrail {
  constructor(private readonly pool: TenantPool) {}

  /** Keeps records of one tenant, in one statement. */
  async record(tenant: string, records: readonly AccessRecord[]): Promise<void> {
    const parameters = new Parameters();
    const owner = parameters.next(tenant, 'text');
    const rows = records.map(toRow);
    const lists = columns.map((column) =>
      parameters.next(
        rows.map((row) => row[column]),
        `${typeOf(table, column)}[]`,
      ),
    );
    await this.pool.use(tenant, (session) =>
      session.query(
        {
          text: `INSERT INTO ${table} (tenant_id, ${columns.join(', ')})
                 SELECT ${owner}, * FROM unnest(${lists.join(', ')})`,
        },
        parameters.values,
      ),
    );
  }

  /** One page, by the time of the request. */
  list(tenant: string, filter: AccessFilter, page: PageRequest): Promise<Page<AccessRecord>> {
    const parameters = new Parameters();
    const where = [
      `tenant_id = ${parameters.next(tenant, 'text')}`,
      ...parameters.anyOf('actor', filter.actor),
      ...parameters.anyOf('kind', filter.kind),
      ...parameters.compared('at', '>=', filter.from, 'timestamptz'),
      ...parameters.compared('at', '<', filter.before, 'timestamptz'),
    ];
    // Ids sort by the time they were made at.
    const sort = { expression: 'id', type: 'uuid' };
    return this.pool.use(tenant, (session) =>
      readPage(
        (text, values) => session.query({ text }, values),
        parameters,
        { columns: columns.join(', '), table, where, sort, page },
        toRecord,
      ),
    );
  }
}

const toRow = ({ requestId, ...same }: AccessRecord): Row => ({ ...same, request_id: requestId });

const toRecord = ({ request_id, ...same }: Row): AccessRecord =>
  ({ ...same, requestId: request_id }) as AccessRecord;
