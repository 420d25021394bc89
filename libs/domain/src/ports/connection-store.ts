import type { ConnectionChange, ConnectionTarget, StoredConnection } from '../connection/connection';
import type { Ports, ReplyStore } from './stores';

/** The store of a tenant's connections within a unit of work. */
export interface ConnectionStore {
  /** The connection of this target, also a deleted one. */
  load(target: ConnectionTarget): Promise<StoredConnection | undefined>;
  /** Writes the state and its event. Does not commit over any version but the one that was changed. */
  save(change: ConnectionChange): Promise<void>;
}

/** What the commands of connections need. The promises of `UnitOfWork` hold for this transaction, too. */
export interface ConnectionTransaction {
  readonly connections: ConnectionStore;
  readonly replies: ReplyStore;
}

/** The ports of the connection desk. */
export type ConnectionPorts = Ports<ConnectionTransaction>;

/** Reads of committed connections. They show nothing of another tenant, and no deleted connection. */
export interface ConnectionReads {
  /** At most one for each target, in any order. */
  all(tenant: string): Promise<readonly StoredConnection[]>;
  /** The tenant whose connection this is, whatever text is given: an inbound message brings nothing but this id. */
  tenantOf(id: string): Promise<string | undefined>;
}
