import type { ConnectionEvent, ConnectionTarget } from '@redress/domain/integrations';
import type { Page, PageRequest } from '@redress/domain';

/** Pages of the change log of connections, deleted ones included. */
export abstract class ConnectionChanges {
  /** Undefined = this target was never connected. */
  abstract changes(
    tenant: string,
    target: ConnectionTarget,
    page: PageRequest,
  ): Promise<Page<ConnectionEvent> | undefined>;
}
