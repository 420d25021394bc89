import type { Provider } from '@nestjs/common';
import { ExceptionDesk } from '@redress/domain';
import type { DataSource } from 'typeorm';
import { ApprovalReads } from '../approvals/approval-policy';
import { ProposalExpiry } from '../jobs/proposal-expiry';
import { Metrics } from '../observability/metrics';
import { Connections } from '../persistence/connections';
import { PostgresApprovalReads } from '../persistence/postgres-approval-reads';

/** What takes more than one person. */
export const approvals = (dataSource: DataSource): Provider[] => [
  { provide: ApprovalReads, useFactory: () => new PostgresApprovalReads(Connections.of(dataSource)) },
  {
    provide: ProposalExpiry,
    inject: [ExceptionDesk, Metrics],
    useFactory: (desk: ExceptionDesk, metrics: Metrics) =>
      new ProposalExpiry(desk, () => metrics.expiredProposal()),
  },
];
