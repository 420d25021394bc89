import { connections, freshConnections, type ConnectionHarness } from './contract/connections';
import { freshInbound, inbound, type InboundHarness } from './contract/inbound';
import type { ContractCase } from './storage-contract';

export type { ConnectionHarness, InboundHarness };

/** What the domain expects of every store of connections, for any test runner; used as `storageContract`. */
export const connectionContract = (make: () => Promise<ConnectionHarness>): readonly ContractCase[] =>
  Object.entries(connections).map(([name, keep]) => ({
    name,
    run: async () => keep(freshConnections(await make())),
  }));

/** What the domain expects of every store of inbound messages, for any test runner; used as `storageContract`. */
export const inboundContract = (make: () => Promise<InboundHarness>): readonly ContractCase[] =>
  Object.entries(inbound).map(([name, keep]) => ({
    name,
    run: async () => keep(freshInbound(await make())),
  }));
