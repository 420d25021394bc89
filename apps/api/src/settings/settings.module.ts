import { Module, type Provider } from '@nestjs/common';
import { ApprovalReads, ExceptionDesk, type DeskStore } from '@redress/domain';
import {
  ApprovalPolicyDesk,
  ApprovalPolicyReads,
  ReasonCodesDesk,
  ReasonCodesReads,
} from '@redress/domain/settings';
import { ExceptionsModule } from '../exceptions/exceptions.module';
import { portsOver } from '../storage/ports';
import { STORE } from '../storage/storage.module';
import { ApprovalPolicyController } from './approval-policy.controller';
import { ApprovalQueueController } from './approval-queue.controller';
import { ApprovalsController } from './approvals.controller';
import { ReasonCodesController } from './reason-codes.controller';

const inject = [STORE];
const providers: Provider[] = [
  { provide: ApprovalReads, inject, useFactory: ({ reads }: DeskStore) => reads.approvals },
  { provide: ApprovalPolicyReads, inject, useFactory: ({ reads }: DeskStore) => reads.approvalPolicy },
  { provide: ReasonCodesReads, inject, useFactory: ({ reads }: DeskStore) => reads.reasonCodes },
  {
    provide: ApprovalPolicyDesk,
    inject: [STORE, ExceptionDesk],
    useFactory: ({ approvalPolicy, clock }: DeskStore, { policy }: ExceptionDesk) =>
      new ApprovalPolicyDesk(portsOver(approvalPolicy, clock), policy.approvalExpiresHours),
  },
  {
    provide: ReasonCodesDesk,
    inject,
    useFactory: ({ reasonCodes, clock }: DeskStore) => new ReasonCodesDesk(portsOver(reasonCodes, clock)),
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
  providers,
})
export class SettingsModule {}
