import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ApprovalReads } from '../approvals/approval-policy';
import { PolicyDesk } from '../approvals/policy-desk';
import type { Config } from '../config';
import { Metrics } from '../observability/metrics';
import { Connections } from '../persistence/connections';
import { PostgresApprovalReads } from '../persistence/postgres-approval-reads';
import { PolicyUnitOfWork } from '../persistence/postgres-unit-of-work';
import { portsOver, unitsOfWork } from './ports';

/** What takes more than one person. */
export const approvals = (config: Config, dataSource: DataSource): Provider[] => [
  {
    provide: PolicyDesk,
    inject: [Metrics],
    useFactory: (metrics: Metrics) =>
      new PolicyDesk(
        portsOver(new PolicyUnitOfWork(Connections.of(dataSource), unitsOfWork(config, metrics))),
      ),
  },
  { provide: ApprovalReads, useFactory: () => new PostgresApprovalReads(Connections.of(dataSource)) },
];
