import type { ApprovalRules, DeskStore, ReasonLists } from '@redress/domain';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { DatabaseClock } from './database/database-clock';
import { TenantPool } from './database/tenant-pool';
import { entities } from './entities/entity-schemas';
import { JobProcess } from './jobs/job-process';
import { TypeOrmJobs } from './jobs/typeorm-jobs';
import { PostgresApprovalReads } from './reads/postgres-approval-reads';
import { PostgresConnectionReads } from './reads/postgres-connection-reads';
import { PostgresEndpointReads } from './reads/postgres-endpoint-reads';
import { PostgresInboundReads } from './reads/postgres-inbound-reads';
import { PostgresReads } from './reads/postgres-reads';
import { PostgresSettingReads } from './reads/postgres-setting-reads';
import { connectionUnitOfWork } from './repositories/connection.repository';
import { PostgresDeliveries } from './repositories/delivery.repository';
import { InboundUnitOfWork } from './repositories/inbound-message.repository';
import { settingUnitOfWork } from './repositories/setting.repository';
import { endpointUnitOfWork } from './repositories/webhook-endpoint.repository';
import { PostgresUnitOfWork } from './unit-of-work/postgres-unit-of-work';

/** What a store on a data source of the host can be given. */
export type TypeOrmStoreOptions = Readonly<{
  /** How long a reply is kept for its idempotency key, in hours; 24 unless given. */
  replyHours?: number;
  /** How long records of the access trail are kept, in days; 400 unless given, 30 at least. */
  accessRecordDays?: number;
  /** Jobs that this process runs at the same time; 2 unless given, 0 = it leaves them to other processes. */
  workers?: number;
  /** A pool for jobs alone, which ends with them; unless given, they take connections of the data source. */
  jobPool?: Pool;
  /**
   * `transaction` where a pooler such as PgBouncer lends sessions for one transaction at a time. The login then has to be
   * one that row-level security binds, and its sessions begin with DateStyle ISO and the search path public.
   */
  pooler?: 'transaction';
  /** Called when a unit of work is run again, since another one was faster or a connection was lost. */
  onRetry?: () => void;
}>;

/**
 * Everything that a desk needs of storage, on a data source of the host: PostgreSQL 14 to 18, with `entities` among its
 * entities and `migrations` run. Throws when the data source is not initialized or lacks the entities.
 */
export function typeormStore(
  dataSource: DataSource,
  {
    replyHours = 24,
    accessRecordDays = 400,
    workers = 2,
    jobPool,
    pooler,
    onRetry,
  }: TypeOrmStoreOptions = {},
): DeskStore {
  checkDataSource(dataSource);
  const connections = TenantPool.of(dataSource);
  if (pooler === 'transaction') connections.shareSessions();
  const { now: clock } = DatabaseClock.of(dataSource);
  const process = new JobProcess();
  const options = { replyHours, onRetry, clock };
  return {
    clock,
    desk: new PostgresUnitOfWork(connections, options),
    approvalPolicy: settingUnitOfWork<ApprovalRules>('approval_policy', dataSource, options),
    reasonCodes: settingUnitOfWork<ReasonLists>('reason_codes', dataSource, options),
    connections: connectionUnitOfWork(dataSource, options),
    endpoints: endpointUnitOfWork(dataSource, options),
    inbound: new InboundUnitOfWork(connections, options),
    deliveries: new PostgresDeliveries(connections, process.id),
    reads: {
      desk: new PostgresReads(connections),
      approvals: new PostgresApprovalReads(connections),
      approvalPolicy: new PostgresSettingReads<ApprovalRules>(connections, 'approval_policy'),
      reasonCodes: new PostgresSettingReads<ReasonLists>(connections, 'reason_codes'),
      connections: new PostgresConnectionReads(connections),
      endpoints: new PostgresEndpointReads(connections),
      inbound: new PostgresInboundReads(connections),
    },
    jobs: new TypeOrmJobs(dataSource, { workers, pool: jobPool, accessRecordDays, process }),
  };
}

function checkDataSource(dataSource: DataSource): void {
  if (dataSource.options.type !== 'postgres')
    throw new Error(
      `typeormStore works with PostgreSQL, and the DataSource is of type ${dataSource.options.type}.`,
    );
  if (!dataSource.isInitialized)
    throw new Error(
      'typeormStore needs a DataSource that is initialized: await dataSource.initialize() first.',
    );
  if (!entities.every((entity) => dataSource.hasMetadata(entity)))
    throw new Error(
      'The DataSource lacks entities of @redress/typeorm: add ...entities to its entities and ...migrations to its migrations.',
    );
}
