import type { Ports, ReplyStore, Page, PageRequest } from '@redress/domain';
import type {
  ConnectionChange,
  ConnectionEvent,
  ConnectionTarget,
  StoredConnection,
} from './open-connection';

/** What the commands ask of the database: the domain's promises about a unit of work hold for this one, too. */
export interface ConnectionTransaction {
  readonly connections: {
    /** Also one that was deleted. */
    load(target: ConnectionTarget): Promise<StoredConnection | undefined>;
    save(change: ConnectionChange): Promise<void>;
  };
  readonly replies: ReplyStore;
}

export type ConnectionPorts = Ports<ConnectionTransaction>;

/** Nothing of another tenant is ever in them, and nothing that was deleted. */
export interface ConnectionReads {
  all(tenant: string): Promise<readonly StoredConnection[]>;
  /** Whose connection this is: a call from outside brings nothing but its id. */
  tenantOf(id: string): Promise<string | undefined>;
  /** Undefined = this target was never connected. */
  changes(
    tenant: string,
    target: ConnectionTarget,
    page: PageRequest,
  ): Promise<Page<ConnectionEvent> | undefined>;
}
