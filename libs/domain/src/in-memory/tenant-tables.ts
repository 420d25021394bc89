import type { Session, Transaction, UnitOfWork } from '../ports/stores';
import type { Result } from '../result';

/**
 * Tables of each tenant beside those of the desk, and committed together with them. Values are immutable. It relies on a
 * unit of work that runs one at a time and runs its work once, as the one in memory does.
 */
export class TenantTables<Tables> {
  private readonly tenants = new Map<string, Tables>();

  constructor(
    private readonly uow: UnitOfWork,
    private readonly copyOf: (tables?: Tables) => Tables,
  ) {}

  /** Runs `work` over a copy, which takes the place of the tables when the unit of work commits. */
  run<T>(session: Session, work: (tx: Transaction, draft: Tables) => Promise<Result<T>>): Promise<Result<T>> {
    return this.uow.run(session, async (tx) => {
      const draft = this.copyOf(this.tenants.get(session.tenant));
      const result = await work(tx, draft);
      if (result.ok && !session.dryRun) this.tenants.set(session.tenant, draft);
      return result;
    });
  }

  /** The committed tables of a tenant. */
  of(tenant: string): Tables {
    return this.tenants.get(tenant) ?? this.copyOf();
  }

  /** The first tenant whose committed tables are as asked. */
  tenantWhere(matches: (tables: Tables) => boolean): string | undefined {
    return [...this.tenants].find(([, tables]) => matches(tables))?.[0];
  }
}
