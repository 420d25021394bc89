import type { Provider } from '@nestjs/common';
import { Connectors } from '@redress/connectors';
import { ExceptionDesk } from '@redress/domain';
import { InboundDesk } from '@redress/domain/integrations';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { ConnectionResolver } from '../connections/connection-resolver';
import { InboundReads } from '@redress/domain/integrations';
import { Metrics } from '../observability/metrics';
import { TenantPool, InboundUnitOfWork, PostgresInboundReads } from '@redress/typeorm';
import { portsOver, unitsOfWork } from '../storage/ports';

/** What external systems tell by themselves. */
export const inbound = (config: Config, dataSource: DataSource): Provider[] => [
  {
    provide: InboundDesk,
    inject: [Metrics, ConnectionResolver, Connectors, ExceptionDesk],
    useFactory: (
      metrics: Metrics,
      resolver: ConnectionResolver,
      connectors: Connectors,
      { policy }: ExceptionDesk,
    ) => {
      const uow = new InboundUnitOfWork(TenantPool.of(dataSource), unitsOfWork(config, metrics));
      return new InboundDesk(portsOver(uow), resolver, connectors, policy);
    },
  },
  { provide: InboundReads, useFactory: () => new PostgresInboundReads(TenantPool.of(dataSource)) },
];
