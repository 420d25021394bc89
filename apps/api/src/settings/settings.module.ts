import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import {
  ApprovalPolicyDesk,
  ApprovalPolicyReads,
  ApprovalReads,
  ReasonCodesDesk,
  ReasonCodesReads,
  type ApprovalRules,
  type ReasonLists,
} from '@redress/domain';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config';
import { Metrics } from '../observability/metrics';
import {
  TenantPool,
  PostgresApprovalReads,
  PostgresSettingReads,
  settingUnitOfWork,
  type SettingTable,
} from '@redress/typeorm';
import { portsOver, unitsOfWork } from '../storage/ports';
import { ApprovalPolicyController } from './approval-policy.controller';
import { ApprovalQueueController } from './approval-queue.controller';
import { ApprovalsController } from './approvals.controller';
import { ReasonCodesController } from './reason-codes.controller';

/** The settings of a tenant: its approval policy, with the proposals that await approval, and its reason codes. */
@Module({})
export class SettingsModule {
  static forRoot(config: Config, dataSource: DataSource): DynamicModule {
    return {
      module: SettingsModule,
      controllers: [
        ApprovalsController,
        ApprovalPolicyController,
        ApprovalQueueController,
        ReasonCodesController,
      ],
      providers: providers(config, dataSource),
    };
  }
}

const providers = (config: Config, dataSource: DataSource): Provider[] => {
  const pool = () => TenantPool.of(dataSource);
  const reads = <Value extends object>(table: SettingTable) => new PostgresSettingReads<Value>(pool(), table);
  const ports = <Value extends object>(table: SettingTable, metrics: Metrics) =>
    portsOver(settingUnitOfWork<Value>(table, dataSource, unitsOfWork(config, metrics)));
  return [
    { provide: ApprovalReads, useFactory: () => new PostgresApprovalReads(pool()) },
    {
      provide: ApprovalPolicyDesk,
      inject: [Metrics],
      useFactory: (metrics: Metrics) =>
        new ApprovalPolicyDesk(ports<ApprovalRules>('approval_policy', metrics)),
    },
    {
      provide: ApprovalPolicyReads,
      useFactory: (): ApprovalPolicyReads => reads<ApprovalRules>('approval_policy'),
    },
    {
      provide: ReasonCodesDesk,
      inject: [Metrics],
      useFactory: (metrics: Metrics) => new ReasonCodesDesk(ports<ReasonLists>('reason_codes', metrics)),
    },
    {
      provide: ReasonCodesReads,
      useFactory: (): ReasonCodesReads => reads<ReasonLists>('reason_codes'),
    },
  ];
};
