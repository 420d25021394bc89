import type { ApprovalReads, ApprovalRules, Reads, SettingTransaction, UnitOfWork } from '@redress/domain';
import type { SettingReads } from '@redress/domain/settings';
import type {
  ConnectionReads,
  ConnectionStore,
  ConnectionTransaction,
  DeliveryStore,
  EndpointReads,
  EndpointTransaction,
  InboundStore,
  InboundTransaction,
  Lane,
} from '@redress/domain/integrations';
import { andThen, askedFor, idle, pedantic, type MutantsOf } from './mutant';

type Paged = Readonly<{ items: readonly unknown[] }> | undefined;

/** Lists of which the pages are turned around. */
export const backwards =
  <Asked extends readonly unknown[], P extends Paged>(kept: (...asked: Asked) => Promise<P>) =>
  async (...asked: Asked): Promise<P> => {
    const page = await kept(...asked);
    return page && { ...page, items: [...page.items].reverse() };
  };

export const versions: MutantsOf<SettingTransaction<ApprovalRules>['versions']> = {
  latest: [
    ['finds none', idle],
    ['forgets who set it', andThen((version) => version && { ...version, createdBy: '' })],
  ],
  add: [
    ['adds nothing', idle],
    ['takes any number', (kept) => (version) => kept(version).catch(() => undefined)],
    [
      'numbers it itself',
      (kept, port) => async (version) =>
        kept({ ...version, version: ((await port.latest())?.version ?? 0) + 1 }),
    ],
  ],
};

export const settingReads: MutantsOf<SettingReads<ApprovalRules>> = {
  latest: [
    ['finds none', idle],
    ['shows any tenant the same', (kept) => () => kept(lastTenant)],
  ],
  versions: [
    ['lists them backwards', backwards],
    ['lists all on one page', askedFor((tenant, { order }) => [tenant, { order, limit: 1000 }])],
    ['begins with the first again', askedFor((tenant, { order, limit }) => [tenant, { order, limit }])],
    ['shows nothing', andThen(() => ({ items: [], hasMore: false }))],
  ],
};
let lastTenant = '';
const tenants = new Set<string>();
/** The tenant that wrote last, for mutants that mix tenants up. */
export function wrote(tenant: string): void {
  lastTenant = tenant;
  tenants.add(tenant);
}
const ofEveryTenant = <T>(read: (tenant: string) => Promise<T>): Promise<T[]> =>
  Promise.all([...tenants].map(read));

export const connections: MutantsOf<ConnectionStore> = {
  load: [
    ['finds none', idle],
    ['finds none that was deleted', andThen((found) => (found?.deletedAt ? undefined : found))],
  ],
  save: [
    ['writes nothing', idle],
    [
      'does not look at the stored version',
      (kept, port) => async (change) =>
        kept({ ...change, basedOn: (await port.load(change.state.target))?.version ?? 0 }),
    ],
    [
      'loses the words of the event',
      askedFor((change) => [{ ...change, event: { ...change.event, type: 'connection.changed' } }]),
    ],
    [
      'changes the secrets',
      askedFor((change) => [
        { ...change, state: { ...change.state, secrets: change.state.secrets?.trim().toLowerCase() } },
      ]),
    ],
    ['forgets settings', askedFor((change) => [{ ...change, state: { ...change.state, settings: {} } }])],
  ],
};

export const connectionReads: MutantsOf<ConnectionReads> = {
  all: [
    ['shows nothing', andThen(() => [])],
    ['shows every tenant all', (kept) => async () => (await ofEveryTenant(kept)).flat()],
    ['shows one of them', andThen((found) => found.slice(0, 1))],
  ],
  tenantOf: [
    ['finds none', idle],
    ['throws for what is no UUID', pedantic],
    ['finds a tenant for any id', andThen((found) => found ?? lastTenant)],
  ],
};

export const endpoints: MutantsOf<EndpointTransaction['endpoints']> = {
  load: [
    ['finds none', idle],
    ['throws for what is no UUID', pedantic],
  ],
  count: [
    ['counts none', andThen(() => 0)],
    ['counts one that is not there', andThen((count) => count + 1)],
  ],
  save: [
    ['writes nothing', idle],
    [
      'does not look at the stored version',
      (kept, port) => async (change) =>
        kept({ ...change, basedOn: (await port.load(change.state.id))?.version ?? 0 }),
    ],
    ['skips no deliveries', askedFor((change) => [{ ...change, skipsDeliveries: undefined }])],
    [
      'shows what was deleted',
      askedFor((change) => [{ ...change, state: { ...change.state, deletedAt: undefined } }]),
    ],
    [
      'forgets which types it subscribes to',
      askedFor((change) => [{ ...change, state: { ...change.state, events: undefined } }]),
    ],
    [
      'forgets the secrets',
      askedFor((change) => [{ ...change, state: { ...change.state, secrets: undefined } }]),
    ],
  ],
};

export const replays: MutantsOf<EndpointTransaction['deliveries']> = {
  load: [['finds none', idle]],
  within: [
    ['finds none', andThen(() => [])],
    [
      'goes beyond the end',
      (kept) => (id, from, to, most) => kept(id, from, new Date(Date.parse(to) + 1).toISOString(), most),
    ],
    [
      'leaves out the start',
      (kept) => (id, from, to, most) => kept(id, new Date(Date.parse(from) + 1).toISOString(), to, most),
    ],
    ['finds the latest first', andThen((found) => [...found].reverse())],
    ['finds any number', (kept) => (id, from, to) => kept(id, from, to, 1000)],
  ],
  again: [
    ['does nothing', idle],
    ['takes what is being sent', (kept) => (deliveries, at) => kept(deliveries, at).catch(() => undefined)],
    ['takes the first alone', askedFor((deliveries, at) => [deliveries.slice(0, 1), at])],
    [
      'sends later',
      askedFor((deliveries, at) => [deliveries, new Date(Date.parse(at) + 1000).toISOString()]),
    ],
  ],
};

export const endpointReads: MutantsOf<EndpointReads> = {
  endpoints: [
    ['lists them backwards', backwards],
    [
      'shows every tenant all',
      (kept) => async (_tenant, page) => ({
        items: (await ofEveryTenant((tenant) => kept(tenant, page))).flatMap(({ items }) => items),
        hasMore: false,
      }),
    ],
    [
      'lists all on one page',
      (kept) =>
        (tenant, { order }) =>
          kept(tenant, { order, limit: 1000 }),
    ],
  ],
  endpoint: [
    ['finds none', idle],
    [
      'throws for what is no UUID',
      (kept) => (tenant, id) => pedantic((asked: string) => kept(tenant, asked))(id),
    ],
    [
      'finds it for any tenant',
      (kept) => async (_tenant, id) =>
        (await ofEveryTenant((tenant) => kept(tenant, id))).find((found) => found !== undefined),
    ],
  ],
  deliveries: [
    ['lists them backwards', backwards],
    ['does not filter', (kept) => (tenant, id, _filter, page) => kept(tenant, id, {}, page)],
    [
      'leaves out the attempts',
      (kept) =>
        async (...asked) => {
          const page = await kept(...asked);
          return page && { ...page, items: page.items.map((one) => ({ ...one, history: [] })) };
        },
    ],
    [
      'shows an empty page where there is no endpoint',
      (kept) =>
        async (...asked) =>
          (await kept(...asked)) ?? { items: [], hasMore: false },
    ],
    [
      'shows any tenant the same',
      (kept) =>
        (_tenant, ...asked) =>
          kept(lastTenant, ...asked),
    ],
  ],
  allDeliveries: [
    ['lists them backwards', backwards],
    ['does not filter', (kept) => (tenant, _filter, page) => kept(tenant, {}, page)],
    [
      'begins with the first again',
      (kept) =>
        (tenant, filter, { limit, order }) =>
          kept(tenant, filter, { limit, order }),
    ],
    [
      'shows any tenant the same',
      (kept) =>
        (_tenant, ...asked) =>
          kept(lastTenant, ...asked),
    ],
  ],
};

export const deliveries: MutantsOf<DeliveryStore> = {
  claim: [
    ['finds none', idle],
    [
      'claims before it is due',
      askedFor((lane, now, until) => [lane, new Date(Date.parse(now) + 3_600_000).toISOString(), until]),
    ],
    ['claims without a lease', askedFor((lane, now) => [lane, now, now])],
    [
      'sends to a fixed address',
      andThen((found) => found.map((one) => ({ ...one, to: { url: 'https://x.test', secrets: '' } }))),
    ],
    [
      'numbers attempts of the round as all',
      andThen((found) => found.map((one) => ({ ...one, attemptOfRound: one.attempt }))),
    ],
    [
      'leaves out who did it',
      andThen((found) =>
        found.map((one) => ({ ...one, event: JSON.stringify({ ...JSON.parse(one.event), actor: '' }) })),
      ),
    ],
  ],
  report: [
    ['does nothing', idle],
    ['forgets the answer', askedFor((lane, claimed, { next, at, ms }) => [lane, claimed, { next, at, ms }])],
    [
      'delivers what has failed',
      askedFor((lane, claimed, attempted) => [lane, claimed, { ...attempted, next: { state: 'DELIVERED' } }]),
    ],
  ],
  release: [
    ['does nothing', idle],
    ['gives it back at once', (kept) => (lane, claimed) => kept(lane, claimed, '2000-01-01T00:00:00.000Z')],
  ],
  putOff: [
    ['disables it', (_kept, port) => (endpoint, at) => port.disable(endpoint, '', at)],
    ['fails', () => async () => Promise.reject(new Error('not implemented'))],
  ],
  resume: [
    ['disables it', (_kept, port) => (endpoint, at) => port.disable(endpoint, '', at)],
    ['fails', () => async () => Promise.reject(new Error('not implemented'))],
  ],
  skip: [
    ['does nothing', idle],
    [
      'skips all lanes of the endpoint',
      (_kept, port) => (lane) => port.disable(lane, '', '2026-01-01T00:00:00.000Z'),
    ],
  ],
  disable: [
    ['does nothing', idle],
    ['skips one lane alone', (_kept, port) => (endpoint) => port.skip(endpoint as Lane)],
    ['forgets why', askedFor((lane, _reason, at) => [lane, '', at])],
  ],
};

export const messages: MutantsOf<InboundStore> = {
  find: [
    ['knows none again', andThen((found) => ({ ...found, seen: false }))],
    [
      'knows them by their ids alone',
      (kept) => async (query) => ({
        ...(await kept(query)),
        seen: (await kept({ ...query, digest: 'f'.repeat(64) })).seen,
      }),
    ],
    [
      'knows them by their digests alone',
      (kept) => async (query) => ({
        ...(await kept(query)),
        seen: (await kept({ ...query, messageId: 'none' })).seen,
      }),
    ],
    ['knows no time of the latest change', andThen(({ newest: _newest, ...found }) => found)],
    ['finds no dispatch', andThen(({ dispatchId: _id, ...found }) => found)],
    ['does not go by references', askedFor((query) => [{ ...query, reference: undefined }])],
    ['does not go by tickets', askedFor((query) => [{ ...query, ticketId: undefined }])],
    ['does not go by the reference before a move', askedFor((query) => [{ ...query, movedFrom: undefined }])],
    ['does not go by marks', askedFor((query) => [{ ...query, marks: [] }])],
    ['does not go by exceptions', askedFor((query) => [{ ...query, exceptionId: undefined }])],
    [
      'finds dispatches to any target',
      (kept) => async (query) => {
        const found = await kept(query);
        const other = await kept({ ...query, target: query.target === 'JIRA' ? 'SERVICENOW' : 'JIRA' });
        return { ...found, ...(!found.dispatchId && other.dispatchId && { dispatchId: other.dispatchId }) };
      },
    ],
  ],
  keep: [
    ['keeps nothing', idle],
    ['keeps what was received before', (kept) => (message) => kept(message).catch(() => undefined)],
    ['cuts the body', askedFor((message) => [{ ...message, body: message.body.slice(0, 3) }])],
    ['forgets the dispatch', askedFor((message) => [{ ...message, dispatchId: undefined }])],
  ],
};

export type SettingTx = SettingTransaction<ApprovalRules>;
export type SettingUow = UnitOfWork<SettingTx>;
export type SettingReadsPort = SettingReads<ApprovalRules>;
export type ConnectionTx = ConnectionTransaction;
export type ConnectionUow = UnitOfWork<ConnectionTx>;
export type ConnectionReadsPort = ConnectionReads;
export type InboundTx = InboundTransaction;
export type InboundUow = UnitOfWork<InboundTx>;
export type EndpointTx = EndpointTransaction;
export type EndpointUow = UnitOfWork<EndpointTx>;
export type EndpointReadsPort = EndpointReads;
export type DeliveriesPort = DeliveryStore;
export type ReadsPort = Reads;
export type ApprovalReadsPort = ApprovalReads;
