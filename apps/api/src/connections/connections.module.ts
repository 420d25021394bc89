import { Connectors, Egress, EgressAllowance } from '@redress/connectors';
import { timestamp } from '@redress/domain';
import { ConnectionDesk } from '@redress/domain/integrations';
import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { newId } from '../ids';
import { messageReader } from '../json/message-reader';
import { Metrics } from '../observability/metrics';
import { TenantPool, PostgresConnectionReads, connectionUnitOfWork } from '@redress/typeorm';
import { portsOver, unitsOfWork } from '../storage/ports';
import { AesVault } from './aes-vault';
import { ConnectionChanges } from '@redress/domain/integrations';
import { ConnectionResolver } from './connection-resolver';
import { environmentConnections } from './environment-connections';
import { secretGenerator } from './secret-generator';

/** The connections of tenants to external systems, and the connectors that they are made with. */
export const connections = (config: Config, dataSource: DataSource): Provider[] => [
  { provide: AesVault, useFactory: () => new AesVault(config.secretsKey, config.secretsKeysOld) },
  {
    provide: ConnectionDesk,
    inject: [Metrics, AesVault, Connectors],
    useFactory: (metrics: Metrics, vault: AesVault, connectors: Connectors) => {
      const uow = connectionUnitOfWork(dataSource, unitsOfWork(config, metrics));
      return new ConnectionDesk(portsOver(uow), vault, secretGenerator, connectors);
    },
  },
  {
    provide: PostgresConnectionReads,
    useFactory: () => new PostgresConnectionReads(TenantPool.of(dataSource)),
  },
  { provide: ConnectionChanges, useExisting: PostgresConnectionReads },
  {
    provide: ConnectionResolver,
    inject: [AesVault, PostgresConnectionReads],
    useFactory: (vault: AesVault, reads: PostgresConnectionReads) =>
      new ConnectionResolver(reads, vault, environmentConnections(config), () => timestamp(new Date())),
  },
  {
    provide: Egress,
    useFactory: () =>
      new Egress({ allow: config.egressAllow ?? EgressAllowance.nothing, userAgent: 'Redress' }),
  },
  {
    provide: Connectors,
    inject: [Egress],
    useFactory: (egress: Egress) => new Connectors({ egress, newId, json: messageReader }),
  },
];
