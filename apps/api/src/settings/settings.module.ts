import { Module, type Provider } from '@nestjs/common';
import {
  ApprovalPolicyDesk,
  ApprovalPolicyReads,
  ApprovalReads,
  ReasonCodesDesk,
  ReasonCodesReads,
  type ApprovalRules,
  type ReasonLists,
} from '@redress/domain';
import {
  TenantPool,
  PostgresApprovalReads,
  PostgresSettingReads,
  settingUnitOfWork,
  type UnitOfWorkOptions,
} from '@redress/typeorm';
import { DataSource } from 'typeorm';
import { ExceptionsModule } from '../exceptions/exceptions.module';
import { portsOver } from '../storage/ports';
import { UNIT_OF_WORK_OPTIONS } from '../storage/storage.module';
import { ApprovalPolicyController } from './approval-policy.controller';
import { ApprovalQueueController } from './approval-queue.controller';
import { ApprovalsController } from './approvals.controller';
import { ReasonCodesController } from './reason-codes.controller';

const approvalPolicy: Provider[] = [
  {
    provide: ApprovalPolicyDesk,
    inject: [DataSource, UNIT_OF_WORK_OPTIONS],
    useFactory: (dataSource: DataSource, options: UnitOfWorkOptions) =>
      new ApprovalPolicyDesk(
        portsOver(settingUnitOfWork<ApprovalRules>('approval_policy', dataSource, options)),
      ),
  },
  {
    provide: ApprovalPolicyReads,
    inject: [DataSource],
    useFactory: (dataSource: DataSource): ApprovalPolicyReads =>
      new PostgresSettingReads<ApprovalRules>(TenantPool.of(dataSource), 'approval_policy'),
  },
];

const reasonCodes: Provider[] = [
  {
    provide: ReasonCodesDesk,
    inject: [DataSource, UNIT_OF_WORK_OPTIONS],
    useFactory: (dataSource: DataSource, options: UnitOfWorkOptions) =>
      new ReasonCodesDesk(portsOver(settingUnitOfWork<ReasonLists>('reason_codes', dataSource, options))),
  },
  {
    provide: ReasonCodesReads,
    inject: [DataSource],
    useFactory: (dataSource: DataSource): ReasonCodesReads =>
      new PostgresSettingReads<ReasonLists>(TenantPool.of(dataSource), 'reason_codes'),
  },
];

/** The settings of a tenant: its approval policy, with the proposals that await approval, and its reason codes. */
@Module({
  imports: [ExceptionsModule],
  controllers: [
    ApprovalsController,
    ApprovalPolicyController,
    ApprovalQueueController,
    ReasonCodesController,
  ],
  providers: [
    {
      provide: ApprovalReads,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new PostgresApprovalReads(TenantPool.of(dataSource)),
    },
    ...approvalPolicy,
    ...reasonCodes,
  ],
})
export class SettingsModule {}
