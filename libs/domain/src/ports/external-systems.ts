import type { LookupPolicies } from '../dispatch/lookup-policy';
import type { DispatchTarget } from '../value/dispatch-target';
import type { JobHandlers, JobLog } from './background-jobs';
import type { ConnectorCatalog, InboundConnections } from './connectors';
import type { DeskStore } from './desk-store';
import type { Ports } from './stores';
import type { SecretGenerator, Vault } from './vault';

/** The desk that external systems are connected to. */
export type ExternalSystemsHost = Omit<Ports, 'uow'> &
  Readonly<{
    store: DeskStore;
    lookupPolicies: LookupPolicies;
    log: JobLog;
  }>;

/**
 * The external systems of a desk: everything that leaves the process. `@redress/connectors` implements it. Nothing of it
 * is called inside a unit of work, except that secrets are encrypted and decrypted there.
 */
export interface ExternalSystems extends Pick<JobHandlers, 'dispatch' | 'deliver' | 'idle' | 'stop'> {
  readonly catalog: ConnectorCatalog;
  readonly connections: InboundConnections;
  readonly vault: Vault;
  readonly secrets: SecretGenerator;
  /** The targets that a tenant can dispatch to, besides `MANUAL`. */
  targets(tenant: string): Promise<readonly DispatchTarget[]>;
}

/** Makes the external systems of a desk, once. */
export type ExternalSystemsFactory = (host: ExternalSystemsHost) => ExternalSystems;
