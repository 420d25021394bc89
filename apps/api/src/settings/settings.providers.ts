import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { PolicyReads, type PolicyRules } from './approval-policy';
import { PolicyDesk } from './approval-policy-desk';
import type { Config } from '../config/config';
import { Metrics } from '../observability/metrics';
import { Connections } from '../persistence/database/tenant-pool';
import { PostgresSettingReads } from '../persistence/reads/postgres-setting-reads';
import { settingUnitOfWork } from '../persistence/repositories/setting.repository';
import type { SettingTable } from '../persistence/repositories/setting.repository';
import { ReasonReads, type ReasonLists } from './reason-codes';
import { ReasonDesk } from './reason-codes-desk';
import { portsOver, unitsOfWork } from '../persistence/persistence.module';

/** What a tenant lays down for its people. */
export const settings = (config: Config, dataSource: DataSource): Provider[] => {
  const reads = <Said>(table: SettingTable) =>
    new PostgresSettingReads<Said>(Connections.of(dataSource), table);
  const ports = <Said>(table: SettingTable, metrics: Metrics) =>
    portsOver(settingUnitOfWork<Said>(table, dataSource, unitsOfWork(config, metrics)));
  return [
    {
      provide: PolicyDesk,
      inject: [Metrics],
      useFactory: (metrics: Metrics) => new PolicyDesk(ports<PolicyRules>('approval_policy', metrics)),
    },
    { provide: PolicyReads, useFactory: (): PolicyReads => reads<PolicyRules>('approval_policy') },
    {
      provide: ReasonDesk,
      inject: [Metrics],
      useFactory: (metrics: Metrics) => new ReasonDesk(ports<ReasonLists>('reason_codes', metrics)),
    },
    { provide: ReasonReads, useFactory: (): ReasonReads => reads<ReasonLists>('reason_codes') },
  ];
};
