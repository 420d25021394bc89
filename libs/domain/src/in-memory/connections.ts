import type {
  ConnectionChange,
  ConnectionEvent,
  ConnectionTarget,
  StoredConnection,
} from '../connection/connection';
import type { ConnectionChanges } from '../ports/connection-changes';
import type { ConnectionReads, ConnectionStore, ConnectionTransaction } from '../ports/connection-store';
import type { Page, PageRequest } from '../ports/reads';
import type { Session, UnitOfWork } from '../ports/stores';
import type { Result } from '../result';
import { pageOf, sortableCount } from './paging';
import { TenantTables } from './tenant-tables';

type Tables = Readonly<{
  connections: Map<ConnectionTarget, StoredConnection>;
  events: ConnectionEvent[];
}>;

const copyOf = ({ connections, events }: Partial<Tables> = {}): Tables => ({
  connections: new Map(connections),
  events: [...(events ?? [])],
});

/** Sets in the in-memory unit of work of the desk whether a tenant keeps its books in a ledger. */
type LedgerFacts = Readonly<{ keepBooksElsewhere(tenant: string, ledger?: boolean): void }>;

/**
 * Connections in memory, for tests and trials, beside the `InMemoryUnitOfWork` of the desk: they share its idempotency
 * keys, and its exceptions wait for the ledger while one is connected.
 */
export class InMemoryConnections
  implements UnitOfWork<ConnectionTransaction>, ConnectionReads, ConnectionChanges
{
  private readonly tables: TenantTables<Tables>;

  constructor(private readonly desk: UnitOfWork & LedgerFacts) {
    this.tables = new TenantTables(desk, copyOf);
  }

  async run<T>(
    session: Session,
    work: (tx: ConnectionTransaction) => Promise<Result<T>>,
  ): Promise<Result<T>> {
    const result = await this.tables.run(session, ({ replies }, draft) =>
      work({ replies, connections: connectionsIn(draft) }),
    );
    const ledger = this.tables.of(session.tenant).connections.get('LEDGER');
    if (ledger && result.ok && !session.dryRun)
      this.desk.keepBooksElsewhere(session.tenant, ledger.enabled && !ledger.deletedAt);
    return result;
  }

  async all(tenant: string): Promise<readonly StoredConnection[]> {
    return [...this.tables.of(tenant).connections.values()].filter(({ deletedAt }) => !deletedAt);
  }

  async tenantOf(id: string): Promise<string | undefined> {
    return this.tables.tenantWhere(({ connections }) =>
      [...connections.values()].some((one) => one.id === id.toLowerCase() && !one.deletedAt),
    );
  }

  async changes(
    tenant: string,
    target: ConnectionTarget,
    page: PageRequest,
  ): Promise<Page<ConnectionEvent> | undefined> {
    const events = this.events(tenant, target);
    if (events.length === 0) return undefined;
    return pageOf(
      events,
      page,
      ({ version, connectionId }) => ({ sortValue: sortableCount(version), id: connectionId }),
      (event) => event,
    );
  }

  /** The change log of the connection to a target, oldest first. */
  events(tenant: string, target: ConnectionTarget): readonly ConnectionEvent[] {
    const { connections, events } = this.tables.of(tenant);
    return events.filter(({ connectionId }) => connectionId === connections.get(target)?.id);
  }
}

const connectionsIn = ({ connections, events }: Tables): ConnectionStore => ({
  load: async (target) => connections.get(target),
  save: async ({ basedOn, state, event }: ConnectionChange) => {
    // One unit of work runs at a time, so only a change that was decided outside of it can be stale.
    if ((connections.get(state.target)?.version ?? 0) !== basedOn)
      return Promise.reject(
        new Error(`Version ${basedOn} of the connection to ${state.target} is not the present one.`),
      );
    connections.set(state.target, state);
    events.push(event);
  },
});
