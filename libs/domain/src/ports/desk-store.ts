import type { BackgroundJobs } from './background-jobs';
import type { ConnectionChanges } from './connection-changes';
import type { ConnectionReads, ConnectionTransaction } from './connection-store';
import type { DeliveryStore } from './delivery-store';
import type { EndpointReads, EndpointTransaction } from './endpoint-store';
import type { InboundReads } from './inbound-reads';
import type { InboundTransaction } from './inbound-store';
import type { ApprovalReads, Reads } from './reads';
import type {
  ApprovalPolicyReads,
  ApprovalRules,
  ReasonCodesReads,
  ReasonLists,
  SettingTransaction,
} from './setting-store';
import type { UnitOfWork } from './stores';

/** The lists of a desk. */
export type DeskReads = Readonly<{
  /** Exceptions, disputes, comments, dispatches, adjustments, forced matches and histories. */
  desk: Reads;
  approvals: ApprovalReads;
  approvalPolicy: ApprovalPolicyReads;
  reasonCodes: ReasonCodesReads;
  connections: ConnectionReads & ConnectionChanges;
  endpoints: EndpointReads;
  inbound: InboundReads;
}>;

/**
 * Everything that a whole desk needs of storage: a unit of work for each kind of command, lists, and the jobs that are
 * committed with changes. All parts work on the same data.
 */
export type DeskStore = Readonly<{
  /** The clock by which the store compares deadlines. Desks and workers over the store need the same one. */
  clock: () => Date;
  /** Exceptions, disputes, comments, dispatches and adjustments. */
  desk: UnitOfWork;
  approvalPolicy: UnitOfWork<SettingTransaction<ApprovalRules>>;
  reasonCodes: UnitOfWork<SettingTransaction<ReasonLists>>;
  connections: UnitOfWork<ConnectionTransaction>;
  endpoints: UnitOfWork<EndpointTransaction>;
  inbound: UnitOfWork<InboundTransaction>;
  deliveries: DeliveryStore;
  reads: DeskReads;
  jobs: BackgroundJobs;
}>;
