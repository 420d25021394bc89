import type { InjectionToken, Provider } from '@nestjs/common';
import {
  AdjustmentDesk,
  ApprovalReads,
  CommentDesk,
  DisputeDesk,
  ExceptionDesk,
  Reads,
} from '@redress/domain';
import {
  ApprovalPolicyDesk,
  ApprovalPolicyReads,
  ReasonCodesDesk,
  ReasonCodesReads,
} from '@redress/domain/settings';
import { EditDesk, ImportDesk } from '@redress/domain/bulk';
import {
  ConnectionChanges,
  ConnectionDesk,
  DispatchDesk,
  EndpointReads,
  InboundDesk,
  InboundReads,
  WebhookEndpointDesk,
} from '@redress/domain/integrations';
import { BackgroundWork, nestLog } from './background-work';
import { openDesk, type Desk } from './desk';
import type { RedressOptions } from './options';
import { deskStore, redressOptions, wholeDesk } from './tokens';

/** A class of the domain is its own injection token; a list is injected by its abstract class. */
type DeskClass<Value> = abstract new (...dependencies: never[]) => Value;

const part = <Value>(token: DeskClass<Value>, of: (desk: Desk) => Value): Provider => ({
  provide: token,
  inject: [wholeDesk],
  useFactory: of,
});

const parts: Provider[] = [
  part(ExceptionDesk, (desk) => desk.exceptions),
  part(DisputeDesk, (desk) => desk.disputes),
  part(CommentDesk, (desk) => desk.comments),
  part(AdjustmentDesk, (desk) => desk.adjustments),
  part(DispatchDesk, (desk) => desk.dispatches),
  part(ApprovalPolicyDesk, (desk) => desk.approvalPolicy),
  part(ReasonCodesDesk, (desk) => desk.reasonCodes),
  part(ImportDesk, (desk) => desk.imports),
  part(EditDesk, (desk) => desk.edits),
  part(ConnectionDesk, (desk) => desk.connections),
  part(WebhookEndpointDesk, (desk) => desk.endpoints),
  part(InboundDesk, (desk) => desk.inbound),
  part(Reads, (desk) => desk.store.reads.desk),
  part(ApprovalReads, (desk) => desk.store.reads.approvals),
  part(ApprovalPolicyReads, (desk) => desk.store.reads.approvalPolicy),
  part(ReasonCodesReads, (desk) => desk.store.reads.reasonCodes),
  part(ConnectionChanges, (desk) => desk.store.reads.connections),
  part(EndpointReads, (desk) => desk.store.reads.endpoints),
  part(InboundReads, (desk) => desk.store.reads.inbound),
  { provide: deskStore, inject: [wholeDesk], useFactory: (desk: Desk) => desk.store },
];

/** What the module provides, over the options that another provider has. */
export const providers: Provider[] = [
  ...parts,
  {
    provide: wholeDesk,
    inject: [redressOptions],
    useFactory: (options: RedressOptions) => openDesk(options, nestLog),
  },
  {
    provide: BackgroundWork,
    inject: [wholeDesk, redressOptions],
    useFactory: (desk: Desk, options: RedressOptions) => new BackgroundWork(desk, options),
  },
];

/** What other modules may inject. */
export const exported: InjectionToken[] = parts.map(
  (one) => (one as Readonly<{ provide: InjectionToken }>).provide,
);
