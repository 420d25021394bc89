import type { DispatchTarget, Timestamp } from '@redress/domain';
import {
  connectionSecretOwner,
  connectionTargets,
  validSecrets,
  type ConnectionReads,
  type ConnectionSecrets,
  type ConnectionTarget,
  type ConnectorCatalog,
  type InboundConnections,
  type StoredConnection,
  type Vault,
} from '@redress/domain/integrations';
import { OpenConnection } from './open-connection';

/** Finds the connections of a tenant: the stored ones, then those of the environment. */
export class ConnectionResolver implements InboundConnections {
  constructor(
    private readonly reads: ConnectionReads,
    private readonly vault: Pick<Vault, 'decrypt'>,
    private readonly fromEnvironment: readonly OpenConnection[],
    private readonly connectors: Pick<ConnectorCatalog, 'rulesOf'>,
    private readonly now: () => Timestamp,
  ) {}

  /** The connection to use. A disabled one is not used, and hides that of the environment all the same. */
  async find<Target extends ConnectionTarget>(
    tenant: string,
    target: Target,
  ): Promise<OpenConnection<Target> | undefined> {
    const stored = await this.stored(tenant, target);
    if (!stored) return this.environment(tenant, target);
    return stored.enabled ? this.open(tenant, target, stored) : undefined;
  }

  /** As `find`, and also a disabled one: to test whether it would work. */
  async any(tenant: string, target: ConnectionTarget): Promise<OpenConnection | undefined> {
    const stored = await this.stored(tenant, target);
    return stored ? this.open(tenant, target, stored) : this.environment(tenant, target);
  }

  /** The targets that an exception can be dispatched to. The ledger is none: resolving an exception posts to it. */
  async targets(tenant: string): Promise<DispatchTarget[]> {
    const all = await this.list(tenant);
    return all.flatMap((one) =>
      one.target !== 'LEDGER' && (!('version' in one) || one.enabled) ? [one.target] : [],
    );
  }

  /** Finds a connection by its id alone, which is all that an inbound message names. */
  async byId(id: string): Promise<Readonly<{ tenant: string; connection: OpenConnection }> | undefined> {
    const ours = this.fromEnvironment.find((one) => one.id === id);
    const tenant = ours?.tenant ?? (await this.reads.tenantOf(id));
    if (tenant === undefined) return undefined;
    const target = ours?.target ?? (await this.reads.all(tenant)).find((one) => one.id === id)?.target;
    const connection = target && (await this.find(tenant, target));
    return connection?.id === id ? { tenant, connection } : undefined;
  }

  /** The connections to show, in the order of the targets. Those of the environment have no version. */
  async list(tenant: string): Promise<readonly (StoredConnection | OpenConnection)[]> {
    const stored = await this.reads.all(tenant);
    return connectionTargets.flatMap((target) => {
      const one = stored.find((each) => each.target === target) ?? this.environment(tenant, target);
      return one ? [one] : [];
    });
  }

  private async stored(tenant: string, target: ConnectionTarget): Promise<StoredConnection | undefined> {
    return (await this.reads.all(tenant)).find((one) => one.target === target);
  }

  private environment<Target extends ConnectionTarget>(
    tenant: string,
    target: Target,
  ): OpenConnection<Target> | undefined {
    return this.fromEnvironment.find(
      (one): one is OpenConnection<Target> => one.tenant === tenant && one.target === target,
    );
  }

  private open<Target extends ConnectionTarget>(
    tenant: string,
    target: Target,
    { id, settings, secrets }: StoredConnection,
  ): OpenConnection<Target> {
    if (!secrets) throw new Error(`connection ${id} has no secrets, though it was not deleted`);
    const { own, inbound, previousInbound } = this.vault.decrypt(
      secrets,
      connectionSecretOwner(tenant, { id, settings }, this.connectors.rulesOf(target)),
    ) as ConnectionSecrets;
    const inboundSecrets = validSecrets(inbound, previousInbound, this.now());
    return new OpenConnection({ id, tenant, target }, settings, own, inboundSecrets);
  }
}
