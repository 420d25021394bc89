import assert from 'node:assert/strict';
import type { Claimed } from '../../ports/delivery-store';
import { statuses } from '../../lifecycle';
import { laterBy, type Timestamp } from '../../value/timestamp';
import { decideDelivery, dueAt, type Delivery } from '../../webhook/delivery';
import {
  deliveryLifecycle,
  type DeliveryCommand,
  type DeliveryState,
} from '../../webhook/delivery.lifecycle';
import { now } from '../builders';
import { accepted, present } from './setting';
import { secondMs, type WebhookPromises, type WebhookSetting } from './webhook-setting';

const at = laterBy(now, 3600 * secondMs);
const report = { at, ms: 40 };

/** Each command, as it would be given to a delivery. */
const commandsTo = ({ attempts: attempt }: Delivery): readonly DeliveryCommand[] => [
  { type: 'claim', leaseUntil: laterBy(at, 30 * secondMs) },
  { type: 'deliver', attempt, ...report, status: 200 },
  { type: 'fail', attempt, ...report, status: 500, problem: 'It answered 500.', next: laterBy(at, secondMs) },
  { type: 'fail', attempt, ...report, problem: 'There is no such name.' },
  { type: 'deliver', attempt: attempt + 1, ...report, status: 200 },
  { type: 'release', attempt, until: laterBy(at, secondMs) },
  { type: 'release', attempt: attempt + 1, until: laterBy(at, secondMs) },
  { type: 'skip' },
  { type: 'replay' },
];

/** A delivery that has come to a state. */
async function inState(setting: WebhookSetting, state: DeliveryState): Promise<Delivery> {
  const { subscribed, happened, claimed, lane, harness, delivery } = setting;
  const { id } = await subscribed();
  const { exceptionId, ids } = await happened();
  const its = lane(id, exceptionId);
  if (state === 'SKIPPED') await harness.deliveries.skip(its);
  else if (state !== 'PENDING') {
    const taken = await claimed(its, now);
    if (state !== 'SENDING')
      await harness.deliveries.report(its, taken, { ...report, status: 410, next: { state } });
  }
  return delivery(id, ids[0] ?? '');
}

/** Gives a command through the store. */
async function give(setting: WebhookSetting, before: Delivery, command: DeliveryCommand, time: Timestamp) {
  const { harness, lane, replay } = setting;
  const its = lane(before.endpointId, before.exceptionId);
  const claimed = (attempt: number): Claimed => ({
    exceptionId: before.exceptionId,
    eventId: before.eventId,
    attempt,
    attemptOfRound: attempt,
    event: '{}',
  });
  switch (command.type) {
    case 'claim':
      await harness.deliveries.claim(its, time, command.leaseUntil);
      return;
    case 'deliver':
    case 'fail': {
      const { type, attempt, ...rest } = command;
      const { next, ...made } = { next: undefined, ...rest };
      const after =
        type === 'deliver'
          ? ({ state: 'DELIVERED' } as const)
          : next === undefined
            ? ({ state: 'DEAD' } as const)
            : ({ state: 'PENDING', at: next } as const);
      return harness.deliveries.report(its, claimed(attempt), { ...made, next: after });
    }
    case 'release':
      return harness.deliveries.release(its, claimed(command.attempt), command.until);
    case 'skip':
      return harness.deliveries.skip(its);
    case 'replay':
      // A desk asks the store for nothing while it is being sent.
      if (before.state !== 'SENDING') accepted(await replay([before], time));
  }
}

const obeys = (state: DeliveryState) => async (setting: WebhookSetting) => {
  const count = commandsTo(await inState(setting, state)).length;
  for (let i = 0; i < count; i++) {
    const before = await inState(setting, state);
    assert.equal(before.state, state);
    const command = present(commandsTo(before)[i]);
    const decided = decideDelivery(before, command, at);
    await give(setting, before, command, at);
    const after = await setting.delivery(before.endpointId, before.eventId);
    assert.deepEqual(after, decided.ok ? decided.value : before, `${command.type} of ${state}`);
  }
};

/** The store does what the table and `decideDelivery` say, and nothing else. */
export const deliveryTable: WebhookPromises = {
  ...Object.fromEntries(
    statuses(deliveryLifecycle).map((state) => [
      `does to a delivery that is ${state} what is decided, for each command`,
      obeys(state),
    ]),
  ),

  'gives out a delivery when it is due, and not a moment before': async (setting) => {
    const { harness, lane, claim, replay, delivery } = setting;
    const before = await inState(setting, 'DEAD');
    accepted(await replay([before], at));
    const due = present(dueAt(await delivery(before.endpointId, before.eventId)));
    assert.equal(due, at);
    const its = lane(before.endpointId, before.exceptionId);
    assert.equal(await claim(its, laterBy(due, -1)), undefined);
    const claimed = present(await claim(its, due));
    assert.deepEqual([claimed.attempt, claimed.attemptOfRound], [2, 1]);
    await harness.deliveries.release(its, claimed, due);
  },
};
