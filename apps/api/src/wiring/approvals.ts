import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ApprovalReads } from '../approvals/approval-policy';
import { Connections } from '../persistence/connections';
import { PostgresApprovalReads } from '../persistence/postgres-approval-reads';

/** What takes more than one person. */
export const approvals = (dataSource: DataSource): Provider[] => [
  { provide: ApprovalReads, useFactory: () => new PostgresApprovalReads(Connections.of(dataSource)) },
];
