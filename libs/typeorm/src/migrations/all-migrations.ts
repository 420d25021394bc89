// Written by `npm run derived`.
import type { MigrationInterface } from 'typeorm';
import { JobSchema1700000000000 } from './0000-job-schema';
import { Desk1700000000001 } from './0001-desk';
import { Comments1700000000002 } from './0002-comments';
import { DisputeLists1700000000003 } from './0003-dispute-lists';
import { ListIndexes1700000000004 } from './0004-list-indexes';
import { Dispatches1700000000007 } from './0007-dispatches';
import { Connections1700000000008 } from './0008-connections';
import { WebhookEndpoints1700000000009 } from './0009-webhook-endpoints';
import { Inbound1700000000010 } from './0010-inbound';
import { Adjustments1700000000011 } from './0011-adjustments';
import { Approvals1700000000013 } from './0013-approvals';
import { Ledger1700000000014 } from './0014-ledger';
import { ForcedMatches1700000000015 } from './0015-forced-matches';
import { ReasonCodes1700000000016 } from './0016-reason-codes';
import { Deadlines1700000000017 } from './0017-deadlines';
import { LedgerConnection1700000000018 } from './0018-ledger-connection';
import { BoundedResends1700000000019 } from './0019-bounded-resends';
import { DefinerSearchPath1700000000020 } from './0020-definer-search-path';
import { ReversalProposals1700000000021 } from './0021-reversal-proposals';
import { ConnectorNames1700000000022 } from './0022-connector-names';
import { ReasonKeys1700000000023 } from './0023-reason-keys';
import { TicketIds1700000000024 } from './0024-ticket-ids';
import { DisputeRanks1700000000026 } from './0026-dispute-ranks';
import { UnsettledWork1700000000027 } from './0027-unsettled-work';
import { FormerAssigners1700000000028 } from './0028-former-assigners';
import { DualControl1700000000029 } from './0029-dual-control';
import { WebhookLanes1700000000030 } from './0030-webhook-lanes';
import { Processes1700000000031 } from './0031-processes';
import { AccessRecords1700000000032 } from './0032-access-records';

/** Every migration, in order: first the tables of the job engine, then those of the desk, which refer to them. */
export const migrations: readonly (new () => MigrationInterface)[] = [
  JobSchema1700000000000,
  Desk1700000000001,
  Comments1700000000002,
  DisputeLists1700000000003,
  ListIndexes1700000000004,
  Dispatches1700000000007,
  Connections1700000000008,
  WebhookEndpoints1700000000009,
  Inbound1700000000010,
  Adjustments1700000000011,
  Approvals1700000000013,
  Ledger1700000000014,
  ForcedMatches1700000000015,
  ReasonCodes1700000000016,
  Deadlines1700000000017,
  LedgerConnection1700000000018,
  BoundedResends1700000000019,
  DefinerSearchPath1700000000020,
  ReversalProposals1700000000021,
  ConnectorNames1700000000022,
  ReasonKeys1700000000023,
  TicketIds1700000000024,
  DisputeRanks1700000000026,
  UnsettledWork1700000000027,
  FormerAssigners1700000000028,
  DualControl1700000000029,
  WebhookLanes1700000000030,
  Processes1700000000031,
  AccessRecords1700000000032,
];
