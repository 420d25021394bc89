import type { ConnectionEvent, ConnectionTarget } from '../connection/connection';
import type { Page, PageRequest } from './reads';

/** Pages of the change log of connections, deleted ones included. */
export abstract class ConnectionChanges {
  /** Undefined = this target was never connected. */
  abstract changes(
    tenant: string,
    target: ConnectionTarget,
    page: PageRequest,
  ): Promise<Page<ConnectionEvent> | undefined>;
}
