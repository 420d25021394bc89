import assert from 'node:assert/strict';
import { laterBy, type Timestamp } from '../../value/timestamp';
import { now } from '../builders';
import { accepted, commits, present } from './setting';
import { assertStates, secondMs, type WebhookPromises } from './webhook-setting';

const after = (seconds: number): Timestamp => laterBy(now, seconds * secondMs);
const page = { limit: 100, order: 'asc' } as const;

/** What is chosen to be sent again, and lists of deliveries. */
export const replays: WebhookPromises = {
  'finds the deliveries of a time, from its start to before its end, oldest first': async (setting) => {
    const { subscribed, happened, within } = setting;
    const [{ id }, other] = [await subscribed(), await subscribed()];
    const { ids } = await happened(5);
    const found = async (from: Timestamp, to: Timestamp, most?: number) =>
      (await within(id, from, to, most)).map(({ eventId }) => eventId);
    assert.deepEqual(await found(now, after(5)), ids);
    assert.deepEqual(await found(after(1), after(3)), ids.slice(1, 3));
    assert.deepEqual(await found(after(1), laterBy(after(3), 1)), ids.slice(1, 4));
    assert.deepEqual(await found(laterBy(after(1), 1), after(3)), ids.slice(2, 3));
    assert.deepEqual(await found(now, after(5), 2), ids.slice(0, 2));
    assert.deepEqual(await found(after(5), after(9)), []);
    assert.deepEqual(await found('0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'), ids);
    assert.equal((await within(other.id, now, after(5))).length, 5);
  },

  'leaves out what is being sent, and does not commit when it is replayed': async (setting) => {
    const { subscribed, happened, claimed, lane, within, replay, delivery } = setting;
    const { id } = await subscribed();
    const { exceptionId, ids } = await happened(2);
    const { eventId } = await claimed(lane(id, exceptionId), now);
    assert.deepEqual(
      (await within(id, now, after(9))).map((one) => one.eventId),
      [ids[1]],
    );
    const all = [await delivery(id, eventId), await delivery(id, ids[1] ?? '')];
    assert.equal(await commits(replay(all, after(9))), false);
    assert.deepEqual(await delivery(id, ids[1] ?? ''), all[1]);
  },

  'sends what is over once more, with a schedule of its own': async (setting) => {
    const { subscribed, happened, claimed, lane, harness, replay, within } = setting;
    const { id } = await subscribed();
    const { exceptionId, ids } = await happened(2);
    const its = lane(id, exceptionId);
    for (const state of ['DELIVERED', 'DEAD'] as const) {
      const taken = await claimed(its, after(9));
      await harness.deliveries.report(its, taken, { at: now, ms: 1, status: 200, next: { state } });
    }
    accepted(await replay(await within(id, now, after(9)), after(60)));
    await assertStates(setting, id, ['PENDING', 'PENDING']);
    const again = await claimed(its, after(60));
    assert.deepEqual([again.eventId, again.attempt, again.attemptOfRound], [ids[0], 2, 1]);
  },

  'lists endpoints by their age, page by page': async ({ subscribed, harness, tenant }) => {
    const all = [await subscribed(), await subscribed(), await subscribed()];
    const first = await harness.reads.endpoints(tenant, { limit: 2, order: 'asc' });
    assert.deepEqual([first.items, first.hasMore, first.prev], [all.slice(0, 2), true, undefined]);
    const position = present(first.next);
    const second = await harness.reads.endpoints(tenant, { limit: 2, order: 'asc', position });
    assert.deepEqual([second.items, second.hasMore, second.next], [all.slice(2), false, undefined]);
    const back = present(second.prev);
    const again = await harness.reads.endpoints(tenant, { limit: 2, order: 'asc', position: back });
    assert.deepEqual([again.items, again.hasMore], [all.slice(0, 2), false]);
    const turned = await harness.reads.endpoints(tenant, { limit: 9, order: 'desc' });
    assert.deepEqual(turned.items, [...all].reverse());
  },

  'lists the deliveries of an endpoint, by state and by exception': async (setting) => {
    const { subscribed, happened, lane, harness, tenant, newId } = setting;
    const { id } = await subscribed();
    const [first, second] = [await happened(2), await happened(2, after(60))];
    await harness.deliveries.skip(lane(id, second.exceptionId));
    const listed = async (filter: Parameters<typeof harness.reads.deliveries>[2]) =>
      present(await harness.reads.deliveries(tenant, id, filter, page)).items.map(({ eventId }) => eventId);
    assert.deepEqual(await listed({}), [...first.ids, ...second.ids]);
    assert.deepEqual(await listed({ state: ['SKIPPED'] }), second.ids);
    assert.deepEqual(await listed({ state: ['SKIPPED', 'PENDING'] }), [...first.ids, ...second.ids]);
    assert.deepEqual(await listed({ state: ['DEAD'] }), []);
    assert.deepEqual(await listed({ exceptionId: [first.exceptionId.toUpperCase()] }), first.ids);
    assert.deepEqual(await listed({ exceptionId: [second.exceptionId], state: ['PENDING'] }), []);
    assert.equal(await harness.reads.deliveries(tenant, newId(), {}, page), undefined);
  },

  'lists deliveries page by page, in both directions': async (setting) => {
    const { subscribed, happened, harness, tenant } = setting;
    const { id } = await subscribed();
    const { ids } = await happened(5);
    const read = async (request: Parameters<typeof harness.reads.deliveries>[3]) =>
      present(await harness.reads.deliveries(tenant, id, {}, request));
    const idsOf = ({ items }: Awaited<ReturnType<typeof read>>) => items.map(({ eventId }) => eventId);
    const first = await read({ limit: 2, order: 'desc' });
    const second = await read({ limit: 2, order: 'desc', position: present(first.next) });
    const third = await read({ limit: 2, order: 'desc', position: present(second.next) });
    const down = [...ids].reverse();
    assert.deepEqual([first, second, third].map(idsOf), [down.slice(0, 2), down.slice(2, 4), down.slice(4)]);
    assert.deepEqual([third.hasMore, third.next], [false, undefined]);
    assert.deepEqual(
      idsOf(await read({ limit: 2, order: 'desc', position: present(third.prev) })),
      down.slice(2, 4),
    );
  },

  'lists the deliveries to all endpoints, by event and then by endpoint, page by page': async (setting) => {
    const { subscribed, happened, lane, harness, tenant, newId } = setting;
    const endpoints = [(await subscribed()).id, (await subscribed()).id].sort();
    const [one = '', two = ''] = endpoints;
    const { ids, exceptionId } = await happened(2);
    const all = ids.flatMap((eventId) => endpoints.map((endpointId) => ({ eventId, endpointId })));
    const read = (filter: Parameters<typeof harness.reads.allDeliveries>[1], request = {}) =>
      harness.reads.allDeliveries(tenant, filter, { ...page, ...request });
    const keys = ({ items }: Awaited<ReturnType<typeof read>>) =>
      items.map(({ eventId, endpointId }) => ({ eventId, endpointId }));
    assert.deepEqual(keys(await read({})), all);
    await harness.deliveries.skip(lane(two, exceptionId));
    const ofTwo = all.filter(({ endpointId }) => endpointId === two);
    assert.deepEqual(keys(await read({ state: ['SKIPPED'] })), ofTwo);
    assert.deepEqual(keys(await read({ endpointId: [two.toUpperCase()] })), ofTwo);
    assert.deepEqual(keys(await read({ endpointId: [one], state: ['SKIPPED'] })), []);
    assert.deepEqual(keys(await read({ exceptionId: [newId()] })), []);
    const down = [...all].reverse();
    const first = await read({}, { limit: 3, order: 'desc' });
    const second = await read({}, { limit: 3, order: 'desc', position: present(first.next) });
    assert.deepEqual([keys(first), keys(second)], [down.slice(0, 3), down.slice(3)]);
    const back = await read({}, { limit: 3, order: 'desc', position: present(second.prev) });
    assert.deepEqual(keys(back), down.slice(0, 3));
    assert.deepEqual(await harness.reads.allDeliveries(`another ${tenant}`, {}, page), {
      items: [],
      hasMore: false,
    });
  },
};
