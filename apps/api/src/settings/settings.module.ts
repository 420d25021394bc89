import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ApprovalReads } from './approval-policy';
import { Connections } from '../persistence/database/tenant-pool';
import { PostgresApprovalReads } from '../persistence/reads/postgres-approval-reads';

/** What takes more than one person. */
export const approvals = (dataSource: DataSource): Provider[] => [
  { provide: ApprovalReads, useFactory: () => new PostgresApprovalReads(Connections.of(dataSource)) },
];
