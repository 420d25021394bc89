import { Module, type Provider } from '@nestjs/common';
import {
  AesVault,
  ConnectionResolver,
  Connectors,
  Egress,
  EgressAllowance,
  secretGenerator,
} from '@redress/connectors';
import { timestamp, type DeskStore } from '@redress/domain';
import { ConnectionChanges, ConnectionDesk } from '@redress/domain/integrations';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { egressProxyOf } from '../config/egress-proxy';
import { newId } from '../ids';
import { messageReader } from '@redress/formats';
import { portsOver } from '../storage/ports';
import { STORE } from '../storage/storage.module';
import { ConnectionReadsController } from './connection-reads.controller';
import { ConnectionsController } from './connections.controller';
import { environmentConnections } from './environment-connections';

export { withKeys } from './with-keys';

const stored: Provider[] = [
  {
    provide: AesVault,
    inject: [CONFIG],
    useFactory: ({ secretsKey, secretsKeysOld }: Config) => new AesVault(secretsKey, secretsKeysOld),
  },
  {
    provide: ConnectionDesk,
    inject: [STORE, AesVault, Connectors, CONFIG],
    useFactory: (
      { connections, clock, reads }: DeskStore,
      vault: AesVault,
      connectors: Connectors,
      { approvalExpiresHours: expiresHours }: Config,
    ) =>
      new ConnectionDesk(portsOver(connections, clock), vault, secretGenerator, connectors, {
        changes: async (tenant: string) => (await reads.approvalPolicy.latest(tenant))?.ledgerChanges,
        expiresHours,
      }),
  },
  { provide: ConnectionChanges, inject: [STORE], useFactory: ({ reads }: DeskStore) => reads.connections },
];

const inUse: Provider[] = [
  {
    provide: ConnectionResolver,
    inject: [STORE, AesVault, CONFIG, Connectors],
    useFactory: ({ reads, clock }: DeskStore, vault: AesVault, config: Config, connectors: Connectors) =>
      new ConnectionResolver(reads.connections, vault, environmentConnections(config), connectors, () =>
        timestamp(clock()),
      ),
  },
  {
    provide: Egress,
    inject: [CONFIG],
    useFactory: (config: Config) =>
      new Egress({
        allow: config.egressAllow ?? EgressAllowance.nothing,
        userAgent: 'Redress',
        proxy: egressProxyOf(config),
      }),
  },
  {
    provide: Connectors,
    inject: [Egress],
    useFactory: (egress: Egress) => new Connectors({ egress, newId, json: messageReader }),
  },
];

/** The connections of tenants to external systems, and the connectors that they are made with. */
@Module({
  controllers: [ConnectionReadsController, ConnectionsController],
  providers: [...stored, ...inUse],
  exports: [AesVault, ConnectionResolver, Connectors, Egress],
})
export class ConnectionsModule {}
