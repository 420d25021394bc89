import assert from 'node:assert/strict';
import type { Attempted } from '../../ports/delivery-store';
import { laterBy, type Timestamp } from '../../value/timestamp';
import { now } from '../builders';
import { accepted, atOnce, present } from './setting';
import { assertStates, secondMs, type WebhookPromises } from './webhook-setting';

const later = laterBy(now, 60 * secondMs);
const delivered: Attempted = { at: now, ms: 120, status: 204, next: { state: 'DELIVERED' } };
const failed = (at: Timestamp): Attempted => ({
  at: now,
  ms: 7,
  status: 503,
  problem: 'It answered 503.',
  next: { state: 'PENDING', at },
});

/** What workers claim, send and report. */
export const deliveries: WebhookPromises = {
  'gives a worker the event as the history has it, and where to send it': async (setting) => {
    const { subscribed, happened, claimed, lane } = setting;
    const { id, url, secrets } = await subscribed();
    const { exceptionId, events } = await happened();
    const { event, ...rest } = await claimed(lane(id, exceptionId), now);
    assert.deepEqual(JSON.parse(event), events[0]);
    const eventId = events[0]?.id;
    assert.deepEqual(rest, { exceptionId, eventId, attempt: 1, attemptOfRound: 1, to: { url, secrets } });
  },

  'gives a delivery to one of ten workers': async ({ subscribed, happened, claim, lane }) => {
    const { id } = await subscribed();
    const { exceptionId } = await happened(2);
    const claims = await atOnce(10, () => claim(lane(id, exceptionId), later));
    assert.equal(claims.filter((one) => one !== undefined).length, 1);
  },

  'gives the deliveries of a lane one after the other, in the order of the history': async (setting) => {
    const { subscribed, happened, claim, claimed, lane, harness } = setting;
    const { id } = await subscribed();
    const { exceptionId, ids } = await happened(3);
    const its = lane(id, exceptionId);
    const first = await claimed(its, later);
    assert.equal(first.eventId, ids[0]);
    assert.equal(await claim(its, later), undefined);
    // The lane waits for its first event while that is to be tried again.
    await harness.deliveries.report(its, first, failed(laterBy(later, secondMs)));
    assert.equal(await claim(its, later), undefined);
    const again = await claimed(its, laterBy(later, secondMs));
    assert.deepEqual([again.eventId, again.attempt], [ids[0], 2]);
    await harness.deliveries.report(its, again, { ...delivered, next: { state: 'DEAD' } });
    assert.equal((await claimed(its, later)).eventId, ids[1]);
    await assertStates(setting, id, ['DEAD', 'SENDING', 'PENDING']);
  },

  'lets exceptions and endpoints not wait for each other': async (setting) => {
    const { subscribed, happened, claimed, lane } = setting;
    const [one, other] = [await subscribed(), await subscribed()];
    const [first, second] = [await happened(), await happened()];
    for (const { id } of [one, other])
      for (const { exceptionId, ids } of [first, second])
        assert.equal((await claimed(lane(id, exceptionId), now)).eventId, ids[0]);
  },

  'gives a delivery again when the lease has ended, and ignores the late report': async (setting) => {
    const { subscribed, happened, claimed, claim, lane, harness, delivery, listed } = setting;
    const { id } = await subscribed();
    const { exceptionId } = await happened();
    const its = lane(id, exceptionId);
    const lost = await claimed(its, now);
    const leaseUntil = present((await delivery(id, lost.eventId)).leaseUntil);
    assert.equal(await claim(its, laterBy(leaseUntil, -1)), undefined);
    const taken = await claimed(its, leaseUntil);
    assert.deepEqual([taken.eventId, taken.attempt], [lost.eventId, 2]);
    await harness.deliveries.report(its, lost, delivered);
    await harness.deliveries.release(its, lost, now);
    assert.equal((await delivery(id, lost.eventId)).state, 'SENDING');
    await harness.deliveries.report(its, taken, delivered);
    assert.equal((await delivery(id, lost.eventId)).state, 'DELIVERED');
    // It was sent all the same, so it is kept as an attempt.
    assert.deepEqual(
      (await listed(id))[0]?.history.map(({ attempt }) => attempt),
      [1, 2],
    );
  },

  'keeps each attempt as it was reported': async (setting) => {
    const { subscribed, happened, claimed, lane, harness, listed } = setting;
    const { id } = await subscribed();
    const { exceptionId } = await happened();
    const its = lane(id, exceptionId);
    await harness.deliveries.report(its, await claimed(its, now), failed(now));
    const problem = 'Nothing was sent to acme.example: there is no such name.';
    const unanswered: Attempted = { at: later, ms: 0, problem, next: { state: 'PENDING', at: now } };
    await harness.deliveries.report(its, await claimed(its, now), unanswered);
    const [between] = await listed(id);
    assert.deepEqual([between?.lastStatus, between?.lastProblem], [undefined, problem]);
    await harness.deliveries.report(its, await claimed(its, now), delivered);
    const last = present((await listed(id))[0]);
    assert.deepEqual(last.history, [
      { attempt: 1, at: now, ms: 7, status: 503, problem: 'It answered 503.' },
      { attempt: 2, at: later, ms: 0, problem },
      { attempt: 3, at: now, ms: 120, status: 204 },
    ]);
    assert.deepEqual(
      [last.state, last.lastStatus, last.lastProblem, last.deliveredAt],
      ['DELIVERED', 204, undefined, laterBy(now, 120)],
    );
  },

  'counts no attempt of what was given back': async (setting) => {
    const { subscribed, happened, claim, claimed, lane, harness, listed } = setting;
    const { id } = await subscribed();
    const { exceptionId } = await happened();
    const its = lane(id, exceptionId);
    await harness.deliveries.release(its, await claimed(its, now), later);
    assert.equal(await claim(its, now), undefined);
    const again = await claimed(its, later);
    assert.deepEqual([again.attempt, again.attemptOfRound], [1, 1]);
    assert.deepEqual((await listed(id))[0]?.history, []);
  },

  'tells a worker when the endpoint is not to be sent anything': async (setting) => {
    const { subscribed, save, happened, claimed, lane } = setting;
    const before = await subscribed();
    const { exceptionId } = await happened();
    const state = { ...before, version: 2, state: 'DISABLED', disabledReason: 'Later.' } as const;
    accepted(await save({ basedOn: 1, state }));
    assert.equal((await claimed(lane(before.id, exceptionId), now)).to, undefined);
  },

  'skips what is to be sent in one lane, and leaves the others': async (setting) => {
    const { subscribed, happened, claimed, lane, harness } = setting;
    const { id } = await subscribed();
    const [first, second] = [await happened(3), await happened(1, later)];
    const its = lane(id, first.exceptionId);
    await harness.deliveries.report(its, await claimed(its, later), delivered);
    await claimed(its, later);
    await harness.deliveries.skip(its);
    await assertStates(setting, id, ['DELIVERED', 'SKIPPED', 'SKIPPED', 'PENDING']);
    assert.ok(await claimed(lane(id, second.exceptionId), later));
  },

  'disables an endpoint, once, and skips what is to be sent in all its lanes': async (setting) => {
    const { subscribed, happened, lane, harness, endpoint } = setting;
    const [before, other] = [await subscribed(), await subscribed()];
    const { exceptionId } = await happened(2);
    await happened(1, later);
    const its = lane(before.id, exceptionId);
    const reason = 'It answered 410.';
    await harness.deliveries.disable(its, reason, later);
    await harness.deliveries.disable(its, 'Again.', laterBy(later, secondMs));
    assert.deepEqual(await endpoint(before.id), {
      ...before,
      version: 2,
      state: 'DISABLED',
      disabledReason: reason,
      updatedAt: later,
      updatedBy: 'redress',
    });
    await assertStates(setting, before.id, ['SKIPPED', 'SKIPPED', 'SKIPPED']);
    await assertStates(setting, other.id, ['PENDING', 'PENDING', 'PENDING']);
  },

  'changes nothing when an endpoint is looked at later': async ({
    subscribed,
    happened,
    lane,
    harness,
    listed,
  }) => {
    const { id } = await subscribed();
    const { exceptionId } = await happened(2);
    const before = await listed(id);
    await harness.deliveries.putOff(lane(id, exceptionId), later);
    await harness.deliveries.resume(lane(id, exceptionId), later);
    assert.deepEqual(await listed(id), before);
  },

  'claims the first of as many lanes as it is asked for, the longest due first': async (setting) => {
    const { subscribed, happened, harness, tenant } = setting;
    const { id } = await subscribed();
    const happenings = [];
    for (const seconds of [3, 1, 2, 0]) happenings.push(await happened(2, laterBy(now, seconds * secondMs)));
    const [third, first, second, zeroth] = happenings;
    const endpoint = { tenant, endpointId: id };
    const claim = async (at: Timestamp, most: number) =>
      (await harness.deliveries.claim(endpoint, at, laterBy(later, secondMs), most)).map(
        ({ exceptionId, eventId }) => [exceptionId, eventId],
      );
    const head = (one = zeroth) => [one?.exceptionId, one?.ids[0]];
    const byTime = (claims: (string | undefined)[][]) => claims.map(([exceptionId]) => exceptionId).sort();
    assert.deepEqual(byTime(await claim(later, 2)), [zeroth?.exceptionId, first?.exceptionId].sort());
    // What is not due yet is not claimed, and nothing is claimed twice.
    assert.deepEqual(await claim(laterBy(now, 2 * secondMs), 10), [head(second)]);
    assert.deepEqual(await claim(later, 10), [head(third)]);
    assert.deepEqual(await claim(later, 10), []);
  },
};
