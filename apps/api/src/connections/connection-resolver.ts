import type { DispatchTarget, Timestamp, Page, PageRequest } from '@redress/domain';
import {
  connectionTargets,
  openConnection,
  type ConnectionEvent,
  type ConnectionTarget,
  type OpenConnection,
  type OpenConnectionTo,
  type Sealed,
  type StoredConnection,
} from './open-connection';
import { placeOf } from './connection-desk';
import type { ConnectionReads } from './connection-store';
import { validSecrets } from '@redress/domain/integrations';
import type { SealingKeys } from './aes-vault';

/** Where the connections of a tenant are looked up: those that are stored, then those of the environment. */
export class ConnectionBook {
  constructor(
    private readonly reads: ConnectionReads,
    private readonly keys: SealingKeys,
    private readonly fromEnvironment: readonly OpenConnection[],
    private readonly now: () => Timestamp,
  ) {}

  /** The connection to use; one that is switched off is none, and hides that of the environment all the same. */
  async find<T extends ConnectionTarget>(
    tenant: string,
    target: T,
  ): Promise<OpenConnectionTo<T> | undefined> {
    const stored = await this.stored(tenant, target);
    const found = stored ? stored.enabled && this.open(tenant, stored) : this.environment(tenant, target);
    return found ? (found as OpenConnectionTo<T>) : undefined;
  }

  /** As `find`, and also one that is switched off: to see whether it would work. */
  async any(tenant: string, target: ConnectionTarget): Promise<OpenConnection | undefined> {
    const stored = await this.stored(tenant, target);
    return stored ? this.open(tenant, stored) : this.environment(tenant, target);
  }

  /** What can be dispatched to: nobody hands anything to the ledger, it is where resolving leads. */
  async targets(tenant: string): Promise<DispatchTarget[]> {
    const all = await this.list(tenant);
    return all.flatMap((one) =>
      one.target !== 'LEDGER' && (!('version' in one) || one.enabled) ? [one.target] : [],
    );
  }

  /** By the id that a call from outside names, which alone tells whose it is. */
  async byId(id: string): Promise<Readonly<{ tenant: string; connection: OpenConnection }> | undefined> {
    const ours = this.fromEnvironment.find((one) => one.id === id);
    const tenant = ours?.tenant ?? (await this.reads.tenantOf(id));
    if (tenant === undefined) return undefined;
    const target = ours?.target ?? (await this.reads.all(tenant)).find((one) => one.id === id)?.target;
    const connection = target && (await this.find(tenant, target));
    return connection?.id === id ? { tenant, connection } : undefined;
  }

  /** As they are shown: those of the environment have no version. In the order of the targets. */
  async list(tenant: string): Promise<readonly (StoredConnection | OpenConnection)[]> {
    const stored = await this.reads.all(tenant);
    return connectionTargets.flatMap((target) => {
      const one = stored.find((each) => each.target === target) ?? this.environment(tenant, target);
      return one ? [one] : [];
    });
  }

  /** Undefined = this target was never connected. */
  changes(
    tenant: string,
    target: ConnectionTarget,
    page: PageRequest,
  ): Promise<Page<ConnectionEvent> | undefined> {
    return this.reads.changes(tenant, target, page);
  }

  private async stored(tenant: string, target: ConnectionTarget): Promise<StoredConnection | undefined> {
    return (await this.reads.all(tenant)).find((one) => one.target === target);
  }

  private environment(tenant: string, target: ConnectionTarget): OpenConnection | undefined {
    return this.fromEnvironment.find((one) => one.tenant === tenant && one.target === target);
  }

  private open(tenant: string, stored: StoredConnection): OpenConnection {
    const { id, target, settings, secrets } = stored;
    if (!secrets) throw new Error(`connection ${id} has no secrets, though it was not deleted`);
    const sealed = this.keys.open(secrets, placeOf(tenant, stored)) as Sealed;
    const inboundSecrets = validSecrets(sealed.inbound, sealed.previousInbound, this.now());
    return openConnection({ id, tenant, target }, settings, sealed.own, inboundSecrets);
  }
}
