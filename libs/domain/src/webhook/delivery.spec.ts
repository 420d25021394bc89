import { commands, nextStatuses, statuses, unreachable } from '../lifecycle';
import { accepted, verdict } from '../testing/outcomes';
import { laterBy, type Timestamp } from '../value/timestamp';
import { decideDelivery, dueAt, newDelivery, type Delivery } from './delivery';
import {
  deliveryLifecycle,
  deliveryStates,
  type DeliveryCommand,
  type DeliveryState,
} from './delivery.lifecycle';
import type { WebhookEndpoint } from './endpoint';

const now: Timestamp = '2026-01-02T03:04:05.678Z';
const soon = laterBy(now, 1000);

/** A delivery that was sent twice, and could be given any command. */
const aDelivery = (state: DeliveryState, over: Partial<Delivery> = {}): Delivery => ({
  endpointId: 'endpoint',
  eventId: 'event',
  exceptionId: 'exception',
  seq: 4,
  type: 'exception.raised',
  state,
  attempts: 2,
  attemptsBefore: 0,
  ...(state === 'PENDING' && { nextAttemptAt: now }),
  ...(state === 'SENDING' && { leaseUntil: now }),
  lastStatus: 500,
  lastProblem: 'It answered 500.',
  createdAt: now,
  ...over,
});

const samples: readonly DeliveryCommand[] = [
  { type: 'claim', leaseUntil: soon },
  { type: 'deliver', attempt: 2, at: now, ms: 5, status: 200 },
  { type: 'fail', attempt: 2, at: now, ms: 5, status: 503, problem: 'It answered 503.', next: soon },
  { type: 'fail', attempt: 2, at: now, ms: 5, problem: 'No such name.' },
  { type: 'release', attempt: 2, until: soon },
  { type: 'skip' },
  { type: 'replay' },
];
const sending = aDelivery('SENDING');
const { leaseUntil: _ended, ...sent } = sending;

describe('the lifecycle of deliveries', () => {
  it('has every state, reaches each, and has a sample of each command', () => {
    expect(statuses(deliveryLifecycle)).toEqual([...deliveryStates]);
    expect(unreachable(deliveryLifecycle)).toEqual([]);
    expect(new Set(samples.map(({ type }) => type))).toEqual(new Set(commands(deliveryLifecycle)));
  });

  it.each(deliveryStates.flatMap((state) => samples.map((command) => ({ state, command }))))(
    'decides as its table says: $command.type while $state',
    ({ state, command }) => {
      const allowed = nextStatuses(deliveryLifecycle, state, command.type);
      const decided = decideDelivery(aDelivery(state), command, now);
      expect(decided.ok).toBe(allowed.length > 0);
      if (decided.ok) expect(allowed).toContain(decided.value.state);
      else expect(decided.refusal).toMatchObject({ code: 'not_allowed', status: state });
    },
  );

  it.each(deliveryStates)(
    'has a time at which it is due while it is to be sent, and then alone: %s',
    (state) => {
      for (const command of samples) {
        const decided = decideDelivery(aDelivery(state), command, now);
        if (!decided.ok) continue;
        const { state: after, nextAttemptAt, leaseUntil } = decided.value;
        expect([nextAttemptAt !== undefined, leaseUntil !== undefined]).toEqual([
          after === 'PENDING',
          after === 'SENDING',
        ]);
      }
    },
  );
});

describe('a delivery', () => {
  it('is claimed when it is due, and not before: by the schedule, or when a lease has ended', () => {
    for (const state of ['PENDING', 'SENDING'] as const) {
      const delivery = aDelivery(state);
      const claim = { type: 'claim', leaseUntil: soon } as const;
      expect(dueAt(delivery)).toBe(now);
      expect(verdict(decideDelivery(delivery, claim, laterBy(now, -1)))).toBe('not_allowed');
      expect(accepted(decideDelivery(delivery, claim, now))).toEqual({
        ...sent,
        attempts: 3,
        leaseUntil: soon,
      });
    }
  });

  it.each(['deliver', 'fail', 'release'])(
    'does not hear a late %s, of another attempt than its own',
    (type) => {
      const command = samples.find((one) => one.type === type)!;
      for (const attempt of [1, 3])
        expect(verdict(decideDelivery(sending, { ...command, attempt } as DeliveryCommand, now))).toBe(
          'not_allowed',
        );
      expect(verdict(decideDelivery(sending, command, now))).toBe('ok');
    },
  );

  it('is delivered when the answer has come', () => {
    const { lastProblem: _solved, ...rest } = sent;
    const command = { type: 'deliver', attempt: 2, at: now, ms: 250, status: 204 } as const;
    expect(accepted(decideDelivery(sending, command, soon))).toEqual({
      ...rest,
      state: 'DELIVERED',
      lastStatus: 204,
      deliveredAt: laterBy(now, 250),
    });
  });

  it('keeps of its failures the last', () => {
    const { lastStatus: _status, ...rest } = sent;
    const [, , answered, unanswered] = samples;
    expect(accepted(decideDelivery(sending, answered!, now))).toEqual({
      ...sent,
      state: 'PENDING',
      nextAttemptAt: soon,
      lastStatus: 503,
      lastProblem: 'It answered 503.',
    });
    expect(accepted(decideDelivery(sending, unanswered!, now))).toEqual({
      ...rest,
      state: 'DEAD',
      lastProblem: 'No such name.',
    });
  });

  it('does not count an attempt that was given back', () => {
    const released = accepted(decideDelivery(sending, { type: 'release', attempt: 2, until: soon }, now));
    expect(released).toEqual({ ...sent, state: 'PENDING', attempts: 1, nextAttemptAt: soon });
  });

  it('starts the schedule anew when it is replayed, and stays as it is while it is being sent', () => {
    for (const state of ['DELIVERED', 'DEAD', 'SKIPPED', 'PENDING'] as const)
      expect(accepted(decideDelivery(aDelivery(state), { type: 'replay' }, soon))).toEqual({
        ...aDelivery(state),
        state: 'PENDING',
        nextAttemptAt: soon,
        attemptsBefore: 2,
      });
    expect(accepted(decideDelivery(sending, { type: 'replay' }, soon))).toEqual(sending);
  });
});

describe('an event', () => {
  const endpoint: WebhookEndpoint = {
    id: 'endpoint',
    version: 1,
    url: 'https://acme.example',
    state: 'ENABLED',
    createdAt: now,
    createdBy: 'ana',
    updatedAt: now,
    updatedBy: 'ana',
  };
  const event = {
    id: 'event',
    type: 'comment.added',
    exceptionId: 'exception',
    version: 3,
    actor: 'ana',
    at: now,
    changes: {},
  };

  it('is delivered to those who subscribe to its type', () => {
    const made = newDelivery(endpoint, event, 7);
    expect(made).toMatchObject({ seq: 7, type: 'comment.added', state: 'PENDING', nextAttemptAt: now });
    expect(newDelivery({ ...endpoint, events: ['comment.added'] }, event, 7)).toEqual(made);
    expect(newDelivery({ ...endpoint, events: ['exception.raised'] }, event, 7)).toBeUndefined();
    expect(newDelivery({ ...endpoint, events: [] }, event, 7)).toBeUndefined();
  });

  it('is skipped where the endpoint is disabled', () => {
    const made = newDelivery({ ...endpoint, state: 'DISABLED', disabledReason: 'Later.' }, event, 7);
    expect(made).toMatchObject({ state: 'SKIPPED', attempts: 0 });
    expect(made).not.toHaveProperty('nextAttemptAt');
  });
});
