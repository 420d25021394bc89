import type { ConnectionResolver } from './connections/connection-resolver';
import type { Connectors } from './connectors';
import type { ConnectorProvider } from './jobs/dispatch-runner';

/** Provides the connectors of the connections that a resolver finds. */
export const connectorProvider = (
  resolver: ConnectionResolver,
  connectors: Connectors,
): ConnectorProvider => ({
  ticketSystem: async (tenant, target) => {
    const connection = target === 'MANUAL' ? undefined : await resolver.find(tenant, target);
    return connection && connectors.for(connection);
  },
  ledger: async (tenant) => {
    const connection = await resolver.find(tenant, 'LEDGER');
    return connection && connectors.for(connection);
  },
});
