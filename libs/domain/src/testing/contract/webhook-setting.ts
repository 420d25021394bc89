import assert from 'node:assert/strict';
import type { HistoryEvent } from '../../change';
import type { ReconException } from '../../exception/recon-exception';
import type { Claimed, DeliveryStore, Lane } from '../../ports/delivery-store';
import type { EndpointReads, EndpointTransaction, ListedDelivery } from '../../ports/endpoint-store';
import type { UnitOfWork } from '../../ports/stores';
import { ok, type Result } from '../../result';
import { laterBy, type Timestamp } from '../../value/timestamp';
import type { Delivery } from '../../webhook/delivery';
import type { EndpointChange, WebhookEndpoint } from '../../webhook/endpoint';
import { anException, now } from '../builders';
import { accepted } from '../outcomes';
import { present } from './setting';

/** An adapter's stores for webhooks, all over one database. */
export type WebhookHarness = Readonly<{
  /** Endpoints receive the events of its history. */
  uow: UnitOfWork;
  endpoints: UnitOfWork<EndpointTransaction>;
  deliveries: DeliveryStore;
  reads: EndpointReads;
  /** UUIDs that were never given out before, in ascending order. */
  newId(): string;
}>;

/** One tenant of the stores, used by one case alone. */
export type WebhookSetting = ReturnType<typeof freshSubscriber>;

export const secondMs = 1000;
const leaseMs = 30 * secondMs;

export function freshSubscriber(harness: WebhookHarness) {
  const { newId, endpoints, deliveries, reads } = harness;
  const tenant = `tenant ${newId()}`;

  const run = <T>(work: (tx: EndpointTransaction) => Promise<Result<T>>): Promise<Result<T>> =>
    endpoints.run({ tenant }, work);
  const read = async <T>(from: (tx: EndpointTransaction) => Promise<T>): Promise<T> =>
    accepted(await run(async (tx) => ok(await from(tx))));
  const save = (change: EndpointChange): Promise<Result<unknown>> =>
    run(async (tx) => {
      await tx.endpoints.save(change);
      return ok(undefined);
    });
  const write = (exception: ReconException, events: readonly HistoryEvent[]): Promise<Result<unknown>> =>
    harness.uow.run({ tenant }, async (tx) => {
      // The lines are those of a history; what their types are is all that matters here.
      const lines = events as Parameters<typeof tx.exceptions.save>[0]['events'];
      await tx.exceptions.save({ basedOn: exception.version - 1, state: exception, events: lines });
      return ok(undefined);
    });
  /** An id made at a time, as UUIDv7 has it. */
  const idAt = (at: Timestamp): string => {
    const time = Date.parse(at).toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}${newId().slice(13)}`;
  };

  const setting = {
    harness,
    tenant,
    newId,
    run,
    save,
    counted: (): Promise<number> => read((tx) => tx.endpoints.count()),
    endpoint: (id: string) => read((tx) => tx.endpoints.load(id)),
    delivery: async (endpointId: string, eventId: string): Promise<Delivery> =>
      present(await read((tx) => tx.deliveries.load(endpointId, eventId))),
    within: (endpointId: string, from: Timestamp, to: Timestamp, most = 100) =>
      read((tx) => tx.deliveries.within(endpointId, from, to, most)),
    replay: (chosen: readonly Delivery[], at: Timestamp) =>
      run(async (tx) => {
        await tx.deliveries.again(chosen, at);
        return ok(undefined);
      }),
    /** An endpoint that is enabled and subscribes to everything, unless `over` says otherwise. */
    subscribed: async (over: Partial<WebhookEndpoint> = {}): Promise<WebhookEndpoint> => {
      const state: WebhookEndpoint = {
        id: newId(),
        version: 1,
        url: 'https://hooks.acme.example/redress',
        state: 'ENABLED',
        secrets: 'c2VjcmV0cw==',
        createdAt: now,
        createdBy: 'ana',
        updatedAt: now,
        updatedBy: 'ana',
        ...over,
      };
      accepted(await save({ basedOn: 0, state }));
      return state;
    },
    /** The events of a new exception, one second apart. */
    happened: async (count = 1, from: Timestamp = now, type = 'exception.raised') => {
      const exceptionId = newId();
      const events: HistoryEvent[] = [];
      for (let i = 0; i < count; i++) {
        const at = laterBy(from, i * secondMs);
        events.push({ id: idAt(at), type, exceptionId, version: i + 1, actor: 'ana', at, changes: {} });
      }
      for (const [i, event] of events.entries()) {
        const state = anException({ id: exceptionId, transactionId: exceptionId, version: i + 1 });
        accepted(await write(state, [event]));
      }
      return { exceptionId, events, ids: events.map(({ id }) => id) };
    },
    lane: (endpointId: string, exceptionId: string): Lane => ({ tenant, endpointId, exceptionId }),
    claim: async (lane: Lane, at: Timestamp): Promise<Claimed | undefined> => {
      const [claimed] = await deliveries.claim(lane, at, laterBy(at, leaseMs));
      // The longest due comes first, so each case claims its lanes in that order.
      if (claimed) assert.equal(claimed.exceptionId, lane.exceptionId);
      return claimed;
    },
    claimed: async (lane: Lane, at: Timestamp): Promise<Claimed> => present(await setting.claim(lane, at)),
    listed: async (endpointId: string): Promise<readonly ListedDelivery[]> =>
      present(await reads.deliveries(tenant, endpointId, {}, { limit: 1000, order: 'asc' })).items,
    states: async (endpointId: string): Promise<readonly string[]> =>
      (await setting.listed(endpointId)).map(({ state }) => state),
  };
  return setting;
}

export type WebhookPromises = Readonly<Record<string, (setting: WebhookSetting) => Promise<void>>>;

/** The states of an endpoint's deliveries, in the order of their events. */
export async function assertStates(
  { states }: WebhookSetting,
  endpointId: string,
  expected: readonly string[],
): Promise<void> {
  assert.deepEqual(await states(endpointId), expected);
}
