export {
  openDatabase,
  openJobPool,
  roleSetBy,
  sessionScopeOf,
  type DatabaseOptions,
  type JobPoolOptions,
  type PoolOptions,
} from './database/data-source';
export { openHostJobPool } from './database/host-job-pool';
export { DatabaseClock } from './database/database-clock';
export { databaseDangers } from './database/database-dangers';
export { outageOf } from './database/outage';
export { readOnlyReason } from './database/readiness';
export type { Pooler, SessionScope } from './database/pooler';
export { isHeldUp, type OutageReason } from './database/sql-state';
export { StartFailure, explainDatabaseFailure, reasonOf, type Login } from './database/start-failure';
export { TenantPool, type DatabaseObserver, type DatabasePhase } from './database/tenant-pool';
export { entities } from './entities/entity-schemas';
export type { Log } from './jobs/log';
export { jobConnections } from './jobs/typeorm-jobs';
export { migrations } from './migrations/all-migrations';
export { checkMigrated } from './migrations/check-migrated';
export { migrate, type MigrateOptions } from './migrations/migrate';
export { readPendingCounts, type PendingCount } from './reads/pending-counts';
export { readUnsettled, type Unsettled } from './reads/unsettled-counts';
export { PostgresApprovalReads } from './reads/postgres-approval-reads';
export { PostgresConnectionReads } from './reads/postgres-connection-reads';
export { PostgresEndpointReads } from './reads/postgres-endpoint-reads';
export { PostgresInboundReads } from './reads/postgres-inbound-reads';
export { PostgresReads } from './reads/postgres-reads';
export { PostgresSettingReads } from './reads/postgres-setting-reads';
export {
  accessKinds,
  AccessTrail,
  type AccessFilter,
  type AccessKind,
  type AccessRecord,
} from './access/access-trail';
export { connectionUnitOfWork } from './repositories/connection.repository';
export { PostgresDeliveries } from './repositories/delivery.repository';
export { InboundUnitOfWork } from './repositories/inbound-message.repository';
export { settingUnitOfWork, type SettingTable } from './repositories/setting.repository';
export { endpointUnitOfWork } from './repositories/webhook-endpoint.repository';
export { typeormStore, type TypeOrmStoreOptions } from './typeorm-store';
export { PostgresUnitOfWork, type UnitOfWorkOptions } from './unit-of-work/postgres-unit-of-work';
export { masked } from './database/redaction';
