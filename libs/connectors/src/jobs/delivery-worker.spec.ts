import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { defaultPolicy, ExceptionDesk, ok, type Ports } from '@redress/domain';
import {
  InMemoryDatabase,
  InMemoryDeliveries,
  InMemoryEndpointReads,
  InMemoryEndpointUnitOfWork,
  InMemoryUnitOfWork,
} from '@redress/domain/in-memory';
import type { DeliveryStore, Vault, WebhookEndpoint } from '@redress/domain/integrations';
import { aReport } from '@redress/domain/testing';
import { newId } from '../../../../apps/api/src/ids';
import { until } from '../../../../test/support/until';
import type { EgressAnswer, EgressRequest } from '../egress/egress';
import { CircuitBreakers } from '../kit/circuit-breaker';
import { newWebhookSecret } from '../kit/standard-webhooks';
import { DeliveryWorker } from './delivery-worker';
import { isTrouble } from './endpoint-answer';

const tenant = 'acme';
const at = '2026-01-02T03:04:05.678Z';
const secret = newWebhookSecret();
/** Each endpoint has the same secret, in the clear. */
const vault: Vault = { encrypt: () => '', decrypt: () => ({ current: secret }) };

/** An endpoint in memory with one event for it, and a worker that gets this answer. */
async function aWorker(
  answer: (request: EgressRequest) => Promise<EgressAnswer>,
  failures = 3,
  within = (deliveries: DeliveryStore): DeliveryStore => deliveries,
) {
  const database = new InMemoryDatabase();
  const ports: Ports = {
    uow: new InMemoryUnitOfWork(database),
    clock: () => new Date(),
    newId,
  };
  const endpoint: WebhookEndpoint = {
    id: newId(),
    version: 1,
    url: 'https://acme.example/events',
    state: 'ENABLED',
    secrets: 'c2VjcmV0',
    ...{ createdAt: at, createdBy: 'ana', updatedAt: at, updatedBy: 'ana' },
  };
  await new InMemoryEndpointUnitOfWork(database).run({ tenant }, async (tx) => {
    await tx.endpoints.save({ basedOn: 0, state: endpoint });
    return ok(undefined);
  });
  const exceptions = new ExceptionDesk(ports, defaultPolicy);
  const gates = new CircuitBreakers({ concurrency: 4, failures, pauseMs: 60_000 }, isTrouble);
  const faults: unknown[] = [];
  const worker = new DeliveryWorker({
    deliveries: within(new InMemoryDeliveries(database)),
    vault,
    egress: { request: answer },
    gates,
    clock: () => new Date(),
    timeoutMs: 20_000,
    failed: (error) => faults.push(error),
  });
  const reads = new InMemoryEndpointReads(database);
  return {
    worker,
    faults,
    blocked: () => gates.of(tenant, endpoint.id).blocked(),
    endpoint: () => reads.endpoint(tenant, endpoint.id),
    delivery: async () =>
      (await reads.deliveries(tenant, endpoint.id, {}, { limit: 1, order: 'asc' }))?.items[0],
    /** Raises an exception, and delivers the event. */
    deliver: async () => {
      const raised = await exceptions.raise(aReport({ transactionId: newId() }), { tenant, actor: 'ana' });
      if (!raised.ok) throw new Error('not raised');
      await worker.deliver({ tenant, id: `${endpoint.id}.${raised.value.state.id}` });
      await worker.idle();
    },
  };
}

/** The worker is told to stop while a request is under way, and aborts it. */
async function ended(worker: DeliveryWorker, signal: AbortSignal): Promise<void> {
  await nextTurn();
  void worker.stop(0);
  await once(signal, 'abort');
}

const whole = (status: number, headers = {}): EgressAnswer => ({ kind: 'answer', status, headers, body: '' });
const brokenOff = (status: number): EgressAnswer => ({
  kind: 'lost',
  status,
  problem: `acme.example answered ${status}, but not to the end: it broke the connection.`,
});

describe('an answer that broke off after its head', () => {
  it('counts as delivered when it is a success, and trips no circuit breaker', async () => {
    const { deliver, delivery, blocked } = await aWorker(async () => brokenOff(204));
    for (let i = 0; i < 5; i++) await deliver();
    expect(await delivery()).toMatchObject({
      state: 'DELIVERED',
      lastStatus: 204,
      history: [{ attempt: 1, status: 204 }],
    });
    expect((await delivery())?.lastProblem).toBeUndefined();
    expect(blocked()).toBeUndefined();
  });

  it('counts as delivered even when the process ended it', async () => {
    const { worker, deliver, delivery } = await aWorker(async ({ signal }) => {
      await ended(worker, signal);
      return brokenOff(204);
    });
    await deliver();
    expect((await delivery())?.state).toBe('DELIVERED');
  });

  it.each<[string, EgressAnswer]>([
    ['a failure', brokenOff(500)],
    ['no head at all', { kind: 'lost', problem: 'It may have arrived.' }],
    ['a failure to the end', whole(503)],
  ])('is a failure where it is %s, and trips the circuit breaker', async (_, answer) => {
    const { deliver, delivery, blocked } = await aWorker(async () => answer);
    for (let i = 0; i < 3; i++) await deliver();
    expect((await delivery())?.state).toBe('PENDING');
    expect(blocked()).toBeDefined();
  });
});

describe('a worker', () => {
  it('posts the event, signed, and is done with it', async () => {
    const sent: EgressRequest[] = [];
    const { deliver, delivery } = await aWorker(async (request) => {
      sent.push(request);
      return whole(200);
    });
    await deliver();
    const done = await delivery();
    expect(done?.state).toBe('DELIVERED');
    expect(sent[0]).toMatchObject({
      method: 'POST',
      url: 'https://acme.example/events',
      headers: { 'webhook-id': done?.eventId, 'webhook-signature': expect.stringMatching(/^v1,/) },
    });
    expect(JSON.parse(String(sent[0]?.body))).toMatchObject({ type: 'exception.raised' });
  });

  it('does as Retry-After says, for the whole endpoint', async () => {
    const { deliver, delivery, blocked } = await aWorker(async () => whole(429, { 'retry-after': '3600' }));
    const before = Date.now();
    await deliver();
    const { nextAttemptAt = '' } = (await delivery())!;
    expect(Date.parse(nextAttemptAt)).toBeGreaterThanOrEqual(before + 3_600_000);
    expect(blocked()?.afterMs).toBeGreaterThan(3_500_000);
  });

  it('disables an endpoint that answers 410', async () => {
    const { deliver, delivery, endpoint } = await aWorker(async () => whole(410));
    await deliver();
    expect((await delivery())?.state).toBe('DEAD');
    expect(await endpoint()).toMatchObject({ state: 'DISABLED', updatedBy: 'redress' });
  });

  it('counts no attempt when the fault is on this side', async () => {
    const { deliver, delivery, faults } = await aWorker(() => Promise.reject(new Error('no key')));
    await deliver();
    expect(await delivery()).toMatchObject({ state: 'PENDING', attempts: 0, history: [] });
    expect(faults).toEqual([new Error('no key')]);
  });

  it('counts no attempt when it is stopped before an answer came', async () => {
    const { worker, deliver, delivery } = await aWorker(async ({ signal }) => {
      await ended(worker, signal);
      return { kind: 'lost', problem: 'The time was over.' };
    });
    await deliver();
    expect(await delivery()).toMatchObject({ state: 'PENDING', attempts: 0, history: [] });
  });
});

describe('a worker whose database goes away while a request is under way', () => {
  it('claims again by itself once it is back', async () => {
    let isAway = false;
    const sent: string[] = [];
    const answer = async ({ headers }: EgressRequest) => {
      sent.push(headers?.['webhook-id'] ?? '');
      isAway = sent.length === 1;
      return whole(204);
    };
    const claimsOf = (deliveries: DeliveryStore): DeliveryStore =>
      Object.assign(Object.create(deliveries) as DeliveryStore, {
        claim: async (...asked: Parameters<DeliveryStore['claim']>) => {
          if (isAway) throw new Error('the database is away');
          return deliveries.claim(...asked);
        },
      });
    const { worker, deliver, faults } = await aWorker(answer, 3, claimsOf);
    await deliver();
    expect(faults).toHaveLength(1);
    // An event that comes meanwhile: the job of the endpoint is put off, so nothing else looks at it.
    await deliver().catch(() => undefined);
    expect(sent).toHaveLength(1);
    isAway = false;
    await until(() => sent.length === 2);
    await worker.stop(0);
  });
});
