import { Module, type Provider } from '@nestjs/common';
import {
  AesVault,
  ConnectionResolver,
  Connectors,
  Egress,
  EgressAllowance,
  secretGenerator,
} from '@redress/connectors';
import { timestamp } from '@redress/domain';
import { ConnectionChanges, ConnectionDesk } from '@redress/domain/integrations';
import {
  TenantPool,
  connectionUnitOfWork,
  PostgresConnectionReads,
  type UnitOfWorkOptions,
} from '@redress/typeorm';
import { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { newId } from '../ids';
import { messageReader } from '../json/message-reader';
import { portsOver } from '../storage/ports';
import { UNIT_OF_WORK_OPTIONS } from '../storage/storage.module';
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
    inject: [DataSource, UNIT_OF_WORK_OPTIONS, AesVault, Connectors],
    useFactory: (
      dataSource: DataSource,
      options: UnitOfWorkOptions,
      vault: AesVault,
      connectors: Connectors,
    ) =>
      new ConnectionDesk(
        portsOver(connectionUnitOfWork(dataSource, options)),
        vault,
        secretGenerator,
        connectors,
      ),
  },
  {
    provide: PostgresConnectionReads,
    inject: [DataSource],
    useFactory: (dataSource: DataSource) => new PostgresConnectionReads(TenantPool.of(dataSource)),
  },
  { provide: ConnectionChanges, useExisting: PostgresConnectionReads },
];

const inUse: Provider[] = [
  {
    provide: ConnectionResolver,
    inject: [PostgresConnectionReads, AesVault, CONFIG],
    useFactory: (reads: PostgresConnectionReads, vault: AesVault, config: Config) =>
      new ConnectionResolver(reads, vault, environmentConnections(config), () => timestamp(new Date())),
  },
  {
    provide: Egress,
    inject: [CONFIG],
    useFactory: ({ egressAllow }: Config) =>
      new Egress({ allow: egressAllow ?? EgressAllowance.nothing, userAgent: 'Redress' }),
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
