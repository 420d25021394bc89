import {
  AdjustmentDesk,
  CommentDesk,
  defaultPolicy,
  DisputeDesk,
  ExceptionDesk,
  type JobHandlers,
  type JobLog,
  type Ports,
  type UnitOfWork,
} from '@redress/domain';
import { ApprovalPolicyDesk, ReasonCodesDesk } from '@redress/domain/settings';
import { EditDesk, ImportDesk } from '@redress/domain/bulk';
import {
  ConnectionDesk,
  Deadlines,
  defaultLookupPolicies,
  DispatchDesk,
  InboundDesk,
  WebhookEndpointDesk,
} from '@redress/domain/integrations';
import { newId as newUuid } from './new-id';
import type { RedressOptions } from './options';
import { peopleOnly } from './people-only';

/** All desks over one store, and the work of its jobs. */
export type Desk = ReturnType<typeof openDesk>;

export function openDesk(options: RedressOptions, log: JobLog) {
  const { store, clock = options.store.clock, newId = newUuid, batchSize = 500 } = options;
  const { lookupPolicies = defaultLookupPolicies } = options;
  const policy = { ...defaultPolicy, ...options.policy };
  const systems = options.connectors?.({ store, clock, newId, lookupPolicies, log }) ?? peopleOnly;
  const over = <Tx>(uow: UnitOfWork<Tx>): Ports<Tx> => ({ uow, clock, newId });

  const exceptions = new ExceptionDesk(over(store.desk), policy, (tenant) => systems.targets(tenant));
  const deadlines = new Deadlines(exceptions, store.jobs);
  const handlers: JobHandlers = {
    dispatch: (job) => systems.dispatch(job),
    deadline: ({ tenant, id }) => deadlines.runJob(tenant, id),
    deliver: (job) => systems.deliver(job),
    scheduleMissingDeadlines: () => deadlines.scheduleMissingDeadlines(),
    idle: () => systems.idle(),
    stop: (graceMs) => systems.stop(graceMs),
  };
  const { catalog, connections, vault, secrets } = systems;
  return {
    store,
    handlers,
    exceptions,
    disputes: new DisputeDesk(over(store.desk)),
    comments: new CommentDesk(over(store.desk)),
    adjustments: new AdjustmentDesk(over(store.desk), policy),
    dispatches: new DispatchDesk(over(store.desk), lookupPolicies, policy.approvalExpiresHours),
    approvalPolicy: new ApprovalPolicyDesk(over(store.approvalPolicy), policy.approvalExpiresHours),
    reasonCodes: new ReasonCodesDesk(over(store.reasonCodes)),
    imports: new ImportDesk(exceptions, batchSize),
    edits: new EditDesk(exceptions, batchSize),
    connections: new ConnectionDesk(over(store.connections), vault, secrets, catalog, {
      changes: async (tenant) => (await store.reads.approvalPolicy.latest(tenant))?.ledgerChanges,
      expiresHours: policy.approvalExpiresHours,
    }),
    endpoints: new WebhookEndpointDesk(over(store.endpoints), vault, secrets, catalog),
    inbound: new InboundDesk(over(store.inbound), connections, catalog, policy),
  };
}
