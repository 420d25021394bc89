import { createHash } from 'node:crypto';
import type { ApprovalRules, Session, UnitOfWork } from '@redress/domain';
import {
  InMemoryApprovalReads,
  InMemoryConnections,
  InMemoryDatabase,
  InMemoryDeliveries,
  InMemoryEndpointReads,
  InMemoryEndpointUnitOfWork,
  InMemoryInbound,
  InMemoryReads,
  InMemorySettingReads,
  InMemorySettingUnitOfWork,
  InMemoryUnitOfWork,
} from '@redress/domain/in-memory';
import {
  connectionContract,
  fixedClock,
  inboundContract,
  readContract,
  sequentialIds,
  settingContract,
  webhookContract,
} from '@redress/domain/testing';
import { replies } from './desk-stores';
import { each, foundOutBy, withTransactions, type MutantsOf } from './mutant';
import * as mutants from './other-stores';
import { approvalReads, reads } from './reads';

const newId = sequentialIds();
const page = { limit: 100, order: 'asc' } as const;
const same = <Port>(port: Port): Port => port;

/** A unit of work that says for which tenant it ran last. */
const noted = <Tx>(uow: UnitOfWork<Tx>): UnitOfWork<Tx> => ({
  run: (session: Session, work) => {
    mutants.wrote(session.tenant);
    return uow.run(session, work);
  },
});

/** One part of a transaction that is broken. */
const part =
  <Tx extends object, Name extends keyof Tx>(name: Name) =>
  (breaking: (port: Tx[Name]) => Tx[Name]) =>
  (uow: UnitOfWork<Tx>): UnitOfWork<Tx> =>
    withTransactions(uow, (tx) => ({ ...tx, [name]: breaking(tx[name]) }));

function settings(breakUow = same<mutants.SettingUow>, breakReads = same<mutants.SettingReadsPort>) {
  const database = new InMemoryDatabase();
  const uow = noted(breakUow(new InMemorySettingUnitOfWork<ApprovalRules>(database, 'approval_policy')));
  const reasons = { uow: new InMemorySettingUnitOfWork(database, 'reason_codes') };
  return settingContract(async () => ({
    uow: new InMemoryUnitOfWork(database),
    approvalPolicy: { uow, reads: breakReads(new InMemorySettingReads(database, 'approval_policy')) },
    reasonCodes: { ...reasons, reads: new InMemorySettingReads(database, 'reason_codes') } as never,
    newId,
  }));
}

function connections(breakUow = same<mutants.ConnectionUow>, breakReads = same<mutants.ConnectionReadsPort>) {
  const desk = new InMemoryUnitOfWork();
  const memory = new InMemoryConnections(desk);
  return connectionContract(async () => ({
    ...{ uow: noted(breakUow(memory)), desk, newId, reads: breakReads(memory) },
    eventsOf: async (tenant, target) => (await memory.changes(tenant, target, page))?.items ?? [],
  }));
}

function inbound(breaking = same<mutants.InboundUow>) {
  const desk = new InMemoryUnitOfWork();
  const memory = new InMemoryInbound(desk);
  const messagesOf = async (tenant: string) => memory.messages(tenant);
  return inboundContract(async () => ({ uow: breaking(memory), desk, newId, messagesOf }));
}

function webhooks(
  breakUow = same<mutants.EndpointUow>,
  breakReads = same<mutants.EndpointReadsPort>,
  breakDeliveries = same<mutants.DeliveriesPort>,
) {
  const database = new InMemoryDatabase();
  return webhookContract(async () => ({
    uow: new InMemoryUnitOfWork(database),
    endpoints: noted(breakUow(new InMemoryEndpointUnitOfWork(database))),
    deliveries: breakDeliveries(new InMemoryDeliveries(database)),
    reads: breakReads(new InMemoryEndpointReads(database)),
    newId,
  }));
}

function lists(breakReads = same<mutants.ReadsPort>, breakApprovals = same<mutants.ApprovalReadsPort>) {
  const database = new InMemoryDatabase();
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  return readContract(async () => ({
    uow: new InMemoryUnitOfWork(database),
    reads: breakReads(new InMemoryReads(database, { clock: fixedClock, hash })),
    approvals: breakApprovals(new InMemoryApprovalReads(database, fixedClock)),
    newId,
    clock: fixedClock,
  }));
}

type Contract = Parameters<typeof foundOutBy>[0];
const table = <Port extends object>(
  ofPort: MutantsOf<Port>,
  contract: (breaking: (port: Port) => Port) => Contract,
) => each(ofPort).map(([name, breaking]) => [name, () => contract(breaking)] as const);

const suites: Readonly<Record<string, readonly (readonly [string, () => Contract])[]>> = {
  'versions of settings': table(mutants.versions, (b) =>
    settings(part<mutants.SettingTx, 'versions'>('versions')(b)),
  ),
  'replies of settings': table(replies, (b) => settings(part<mutants.SettingTx, 'replies'>('replies')(b))),
  'lists of settings': table(mutants.settingReads, (b) => settings(undefined, b)),
  connections: table(mutants.connections, (b) =>
    connections(part<mutants.ConnectionTx, 'connections'>('connections')(b)),
  ),
  'lists of connections': table(mutants.connectionReads, (b) => connections(undefined, b)),
  'inbound messages': table(mutants.messages, (b) =>
    inbound(part<mutants.InboundTx, 'messages'>('messages')(b)),
  ),
  endpoints: table(mutants.endpoints, (b) => webhooks(part<mutants.EndpointTx, 'endpoints'>('endpoints')(b))),
  'deliveries that are replayed': table(mutants.replays, (b) =>
    webhooks(part<mutants.EndpointTx, 'deliveries'>('deliveries')(b)),
  ),
  'lists of endpoints': table(mutants.endpointReads, (b) => webhooks(undefined, b)),
  'deliveries for workers': table(mutants.deliveries, (b) => webhooks(undefined, undefined, b)),
  lists: table(reads, (b) => lists(b)),
  'the queue of approvals': table(approvalReads, (b) => lists(undefined, b)),
};

describe.each(Object.entries(suites))('a store of %s is found out', (_, ofPort) => {
  it.each(ofPort)('that with %s', async (_name, contract) => {
    expect(await foundOutBy(contract())).toBeDefined();
  });
});

it('stores that break no promise are not found out', async () => {
  for (const contract of [settings(), connections(), inbound(), webhooks(), lists()])
    expect(await foundOutBy(contract)).toBeUndefined();
});

it('a store that takes a late report for one in time is found out', async () => {
  const last = new Map<string, number>();
  const contract = webhooks(undefined, undefined, (kept) => ({
    claim: async (...asked) => {
      const claimed = await kept.claim(...asked);
      for (const { eventId, attempt } of claimed) last.set(eventId, attempt);
      return claimed;
    },
    report: async (lane, claimed, attempted) =>
      kept.report(lane, { ...claimed, attempt: last.get(claimed.eventId) ?? claimed.attempt }, attempted),
    release: (lane, claimed, until) => kept.release(lane, claimed, until),
    putOff: (endpoint, until) => kept.putOff(endpoint, until),
    resume: (endpoint, at) => kept.resume(endpoint, at),
    skip: (lane) => kept.skip(lane),
    disable: (lane, reason, at) => kept.disable(lane, reason, at),
  }));
  expect(await foundOutBy(contract)).toMatch(/late report/);
});
