import type { DeskStore } from '../ports/desk-store';
import type { ApprovalRules, ReasonLists } from '../ports/setting-store';
import { InMemoryApprovalReads } from './approval-reads';
import { InMemoryConnections } from './connections';
import { InMemoryDatabase } from './database';
import { InMemoryDeliveries } from './deliveries';
import { InMemoryInbound } from './inbound-messages';
import { InMemoryInboundReads } from './inbound-reads';
import { InMemoryJobs, type Repeat } from './jobs';
import { InMemoryReads } from './reads';
import { InMemorySettingReads, InMemorySettingUnitOfWork } from './settings';
import { InMemoryUnitOfWork } from './unit-of-work';
import { InMemoryEndpointReads, InMemoryEndpointUnitOfWork } from './webhook-endpoints';

/** The clock of a store in memory, and what it can be given beside. */
export type InMemoryStoreOptions = Readonly<{
  /** The time by which jobs are due and exceptions are overdue: the same as that of the desks. */
  clock: () => Date;
  /** A hash of a text, for the chain of a history. Unless given, a checksum that shows changes but resists no forgery. */
  hash?: (text: string) => string;
  /** Has due jobs run again and again; without it, `jobs.runDue()` runs them. */
  repeat?: Repeat;
}>;

/** A store of a whole desk in memory. `desk` can be asked for the history, the dispatches and the like of a tenant. */
export type InMemoryStore = DeskStore & Readonly<{ desk: InMemoryUnitOfWork; jobs: InMemoryJobs }>;

/** Everything that a desk needs of storage, in memory, for tests and trials. Nothing outlives the process. */
export function inMemoryStore({ clock, hash = checksum, repeat }: InMemoryStoreOptions): InMemoryStore {
  const database = new InMemoryDatabase();
  const desk = new InMemoryUnitOfWork(database);
  const connections = new InMemoryConnections(desk);
  const inbound = new InMemoryInbound(desk);
  return {
    clock,
    desk,
    approvalPolicy: new InMemorySettingUnitOfWork<ApprovalRules>(database, 'approval_policy'),
    reasonCodes: new InMemorySettingUnitOfWork<ReasonLists>(database, 'reason_codes'),
    connections,
    endpoints: new InMemoryEndpointUnitOfWork(database),
    inbound,
    deliveries: new InMemoryDeliveries(database),
    reads: {
      desk: new InMemoryReads(database, { clock, hash }),
      approvals: new InMemoryApprovalReads(database, clock),
      approvalPolicy: new InMemorySettingReads<ApprovalRules>(database, 'approval_policy'),
      reasonCodes: new InMemorySettingReads<ReasonLists>(database, 'reason_codes'),
      connections,
      endpoints: new InMemoryEndpointReads(database),
      inbound: new InMemoryInboundReads(inbound),
    },
    jobs: new InMemoryJobs(database, { clock, repeat }),
  };
}

/** Eight FNV-1a checksums of 32 bits, each with a salt of its own, as 64 hexadecimal digits. */
function checksum(text: string): string {
  const sum = (salt: number): number => {
    let value = 0x811c9dc5 ^ salt;
    for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
    return value >>> 0;
  };
  return Array.from({ length: 8 }, (_, salt) => sum(salt).toString(16).padStart(8, '0')).join('');
}
