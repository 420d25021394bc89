import type { Provider } from '@nestjs/common';
import { ExceptionDesk } from '@redress/domain';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { ConnectionBook } from '../connections/connection-resolver';
import { InboundDesk } from './inbound-desk';
import { InboundReads } from './inbound-store';
import { Metrics } from '../observability/metrics';
import { Connections } from '../persistence/database/tenant-pool';
import { PostgresInboundReads } from '../persistence/reads/postgres-inbound-reads';
import { InboundUnitOfWork } from '../persistence/repositories/inbound-message.repository';
import { portsOver, unitsOfWork } from '../persistence/persistence.module';

/** What external systems tell by themselves. */
export const inbound = (config: Config, dataSource: DataSource): Provider[] => [
  {
    provide: InboundDesk,
    inject: [Metrics, ConnectionBook, ExceptionDesk],
    useFactory: (metrics: Metrics, book: ConnectionBook, { policy }: ExceptionDesk) => {
      const uow = new InboundUnitOfWork(Connections.of(dataSource), unitsOfWork(config, metrics));
      return new InboundDesk(portsOver(uow), book, policy);
    },
  },
  { provide: InboundReads, useFactory: () => new PostgresInboundReads(Connections.of(dataSource)) },
];
