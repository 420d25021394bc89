import type { Provider } from '@nestjs/common';
import { Connectors, ConnectionResolver } from '@redress/connectors';
import { ExceptionDesk } from '@redress/domain';
import { InboundDesk, InboundReads } from '@redress/domain/integrations';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { Metrics } from '../observability/metrics';
import { Connections, InboundUnitOfWork, PostgresInboundReads } from '@redress/typeorm';
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
      const uow = new InboundUnitOfWork(Connections.of(dataSource), unitsOfWork(config, metrics));
      return new InboundDesk(portsOver(uow), resolver, connectors, policy);
    },
  },
  { provide: InboundReads, useFactory: () => new PostgresInboundReads(Connections.of(dataSource)) },
];
