import assert from 'node:assert/strict';
import { assertKeepsReplies } from './kept-replies';
import { ok, refuse } from '../../result';
import { now } from '../builders';
import { awkward } from './saving';
import { accepted, commits } from './setting';
import { assertStates, freshSubscriber, type WebhookPromises } from './webhook-setting';

/** Webhook endpoints, and the deliveries that events make for them. */
export const endpoints: WebhookPromises = {
  'gives back an endpoint, every field of it, letter by letter': async (setting) => {
    const { subscribed, endpoint, harness, tenant, newId } = setting;
    for (const text of awkward) {
      const state = await subscribed({
        id: newId(),
        version: 7,
        url: `https://acme.example/?${encodeURIComponent(text)}`,
        events: ['exception.raised', 'comment.added'],
        description: text,
        state: 'DISABLED',
        disabledReason: text,
        secrets: 'AAECA/79/v8=',
        createdAt: '0001-01-01T00:00:00.000Z',
        createdBy: text,
        updatedAt: '9999-12-31T23:59:59.999Z',
        updatedBy: text,
      });
      assert.deepEqual(await endpoint(state.id), state);
      assert.deepEqual(await endpoint(state.id.toUpperCase()), state);
      assert.deepEqual(await harness.reads.endpoint(tenant, state.id), state);
    }
    for (const text of ['', 'x', '\u0000', newId()]) {
      assert.equal(await endpoint(text), undefined);
      assert.equal(await harness.reads.endpoint(tenant, text), undefined);
    }
  },

  'shows no endpoint that was deleted': async ({ subscribed, save, endpoint, harness, tenant }) => {
    const { secrets: _removed, ...before } = await subscribed();
    accepted(await save({ basedOn: 1, state: { ...before, version: 2, deletedAt: now } }));
    assert.equal(await endpoint(before.id), undefined);
    assert.equal(await harness.reads.endpoint(tenant, before.id), undefined);
    const page = { limit: 10, order: 'asc' } as const;
    assert.deepEqual((await harness.reads.endpoints(tenant, page)).items, []);
    assert.equal(await harness.reads.deliveries(tenant, before.id, {}, page), undefined);
  },

  'counts the endpoints of a tenant that were not deleted': async ({ subscribed, save, counted }) => {
    assert.equal(await counted(), 0);
    const { secrets: _removed, ...before } = await subscribed();
    await subscribed({ state: 'DISABLED', disabledReason: 'Later.' });
    assert.equal(await counted(), 2);
    accepted(await save({ basedOn: 1, state: { ...before, version: 2, deletedAt: now } }));
    assert.equal(await counted(), 1);
  },

  'never saves an endpoint over another version than the decision was made on': async (setting) => {
    const { subscribed, save, endpoint } = setting;
    const before = await subscribed({ version: 2 });
    for (const basedOn of [1, 3]) {
      const state = { ...before, version: basedOn + 1, url: 'https://other.example' };
      assert.equal(await commits(save({ basedOn, state })), false);
    }
    assert.deepEqual(await endpoint(before.id), before);
  },

  'saves nothing of an endpoint when it is refused': async ({ subscribed, run, endpoint }) => {
    const before = await subscribed();
    const refusal = refuse({ code: 'not_found', what: 'webhook_endpoint', id: before.id });
    const state = { ...before, version: 2, url: 'https://other.example' };
    const outcome = await run(async (tx) => {
      await tx.endpoints.save({ basedOn: 1, state });
      return refusal;
    });
    assert.deepEqual(outcome, refusal);
    assert.deepEqual(await endpoint(before.id), before);
  },

  'keeps replies in the unit of work of an endpoint': ({ harness, tenant, newId }) =>
    assertKeepsReplies(harness.endpoints, tenant, newId),

  'makes a delivery of each event, for those who subscribe to its type': async (setting) => {
    const { subscribed, happened, delivery } = setting;
    const all = await subscribed();
    const some = await subscribed({ events: ['exception.raised', 'comment.added'] });
    const others = await subscribed({ events: ['exception.assigned'] });
    const { exceptionId, events } = await happened(2);
    for (const { id: endpointId } of [all, some]) {
      for (const [i, { id: eventId, at, type }] of events.entries()) {
        assert.deepEqual(await delivery(endpointId, eventId), {
          endpointId,
          eventId,
          exceptionId,
          seq: i + 1,
          type,
          state: 'PENDING',
          attempts: 0,
          attemptsBefore: 0,
          nextAttemptAt: at,
          createdAt: at,
        });
      }
    }
    await assertStates(setting, others.id, []);
  },

  'keeps what a disabled endpoint misses as skipped, and tells a deleted one nothing': async (setting) => {
    const { subscribed, save, happened, run } = setting;
    const off = await subscribed({ state: 'DISABLED', disabledReason: 'Later.' });
    const { secrets: _removed, ...gone } = await subscribed();
    accepted(await save({ basedOn: 1, state: { ...gone, version: 2, deletedAt: now } }));
    const { ids } = await happened();
    await assertStates(setting, off.id, ['SKIPPED']);
    const delivery = await run(async (tx) => ok(await tx.deliveries.load(gone.id, ids[0] ?? '')));
    assert.equal(accepted(delivery), undefined);
  },

  'skips what an endpoint still waits for, where a change says so': async (setting) => {
    const { subscribed, save, happened, claimed, lane } = setting;
    const before = await subscribed();
    const other = await subscribed();
    const { exceptionId, events } = await happened(2);
    await claimed(lane(before.id, exceptionId), events[0]?.at ?? now);
    accepted(await save({ basedOn: 1, state: { ...before, version: 2 } }));
    await assertStates(setting, before.id, ['SENDING', 'PENDING']);
    accepted(await save({ basedOn: 2, state: { ...before, version: 3 }, skipsDeliveries: true }));
    await assertStates(setting, before.id, ['SKIPPED', 'SKIPPED']);
    await assertStates(setting, other.id, ['PENDING', 'PENDING']);
  },

  'shows nothing of webhooks to another tenant': async (setting) => {
    const { subscribed, happened, harness } = setting;
    const mine = await subscribed();
    const { exceptionId, ids, events } = await happened();
    const other = freshSubscriber(harness);
    const its = await other.subscribed();
    const page = { limit: 10, order: 'asc' } as const;
    assert.equal(await other.endpoint(mine.id), undefined);
    assert.equal(await harness.reads.endpoint(other.tenant, mine.id), undefined);
    assert.equal(await harness.reads.deliveries(other.tenant, mine.id, {}, page), undefined);
    assert.deepEqual((await harness.reads.endpoints(other.tenant, page)).items, [its]);
    assert.equal(await other.claim(other.lane(mine.id, exceptionId), events[0]?.at ?? now), undefined);
    const loaded = await other.run(async (tx) => ok(await tx.deliveries.load(mine.id, ids[0] ?? '')));
    assert.equal(accepted(loaded), undefined);
    await assertStates(other, its.id, []);
    await other.harness.deliveries.skip(other.lane(mine.id, exceptionId));
    await other.harness.deliveries.disable(other.lane(mine.id, exceptionId), 'Gone.', now);
    await assertStates(setting, mine.id, ['PENDING']);
    assert.equal((await setting.endpoint(mine.id))?.state, 'ENABLED');
  },
};
