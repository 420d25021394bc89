import type { Message } from '@redress/domain';
import { WebhookReceiver, type Plan } from '../../../../test/support/webhook-receiver';
import { newId } from '../../../../apps/api/src/ids';
import { Egress } from '../egress/egress';
import { EgressAllowance } from '../egress/egress-allowance';
import { newWebhookSecret } from '../kit/standard-webhooks';
import { WebhookConnector } from './webhook.connector';

const secret = newWebhookSecret();
const message: Message = {
  exceptionId: '019c96a0-10d2-7134-8000-000000000001',
  transactionId: '019c96a0-10d2-7134-8000-000000000002',
  severity: 'HIGH',
  dueAt: '2025-01-15T10:30:00.000Z',
  queue: 'payments',
  summary: 'Amounts differ – Zürich',
  paragraphs: ['One.', 'Two.'],
  link: 'https://desk.example.com/exceptions/1',
};
const soon = (): AbortSignal => AbortSignal.timeout(5_000);

let receiver: WebhookReceiver;
let egress: Egress;
beforeAll(async () => {
  receiver = await WebhookReceiver.start(secret);
  egress = new Egress({ allow: EgressAllowance.parse(receiver.origin)!, userAgent: 'Redress' });
});
afterAll(async () => {
  await egress.close();
  await receiver.stop();
});

const connector = (...secrets: string[]): WebhookConnector =>
  new WebhookConnector(
    { url: receiver.url, secrets: secrets.length ? secrets : [secret] },
    { outbound: egress, newId },
  );
const deliveriesOf = (id: string) => receiver.deliveries().filter((delivery) => delivery.id === id);

describe('a webhook', () => {
  it('is signed, carries the message as it is, and names the receiver’s reference', async () => {
    const id = newId();
    const sent = await connector().createTicket(id, message, soon());
    const [delivery, ...others] = deliveriesOf(id);
    expect(others).toEqual([]);
    expect(sent).toEqual({ outcome: 'created', reference: delivery!.reference });
    expect(delivery).toMatchObject({
      isNew: true,
      headers: { 'user-agent': 'Redress', 'content-type': 'application/json' },
      payload: { type: 'exception.dispatched', data: message },
    });
    expect(Math.abs(Date.parse(delivery!.payload.timestamp) - Date.now())).toBeLessThan(5_000);
  });

  it('says the same under the same id each time, and signs anew', async () => {
    const id = newId();
    await connector().createTicket(id, message, soon());
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await connector().createTicket(id, message, soon());
    const [first, second] = deliveriesOf(id);
    expect([first!.isNew, second!.isNew]).toEqual([true, false]);
    expect(second!.payload).toEqual(first!.payload);
    expect(second!.headers['webhook-timestamp']).not.toBe(first!.headers['webhook-timestamp']);
  });

  it('tells a note under an id of its own', async () => {
    const id = newId();
    const sent = await connector().addNote('CASE-7', id, 'Resolved.', soon());
    expect(sent).toEqual({ outcome: 'created', reference: id });
    expect(deliveriesOf(id)).toMatchObject([
      { payload: { type: 'exception.noted', data: { reference: 'CASE-7', text: 'Resolved.' } } },
    ]);
  });

  it('is taken by who knows the old secret only, or the new one only', async () => {
    const id = newId();
    expect(await connector(newWebhookSecret(), secret).createTicket(id, message, soon())).toMatchObject({
      outcome: 'created',
    });
    expect(await connector(secret, newWebhookSecret()).createTicket(id, message, soon())).toMatchObject({
      outcome: 'created',
    });
  });

  it('is refused by who knows neither', async () => {
    const id = newId();
    expect(await connector(newWebhookSecret()).createTicket(id, message, soon())).toEqual({
      outcome: 'refused',
      problem: 'The receiver answered 401.',
    });
    expect(deliveriesOf(id)).toEqual([]);
  });

  it('cannot be looked up', async () => {
    expect(await connector().findTicket()).toEqual({ outcome: 'none' });
    expect(await connector().findNote()).toEqual({ outcome: 'none' });
  });
});

describe('what an answer means', () => {
  const answered = (status: number, more = '') => `The receiver answered ${status}${more}.`;
  const moved = ', and redirects are not followed';

  it.each<[Plan, object]>([
    [{ status: 204, body: '' }, { outcome: 'created' }],
    [{ status: 202, body: 'ok' }, { outcome: 'created' }],
    [
      { status: 302, unseen: true },
      { outcome: 'refused', problem: answered(302, moved) },
    ],
    [
      { status: 308, unseen: true },
      { outcome: 'refused', problem: answered(308, moved) },
    ],
    [
      { status: 400, unseen: true },
      { outcome: 'refused', problem: answered(400) },
    ],
    [
      { status: 404, unseen: true },
      { outcome: 'refused', problem: answered(404) },
    ],
    [
      { status: 410, unseen: true },
      { outcome: 'refused', problem: answered(410, ', which means that it wants no more') },
    ],
    [{ status: 408 }, { outcome: 'unknown', problem: answered(408) }],
    [{ status: 409 }, { outcome: 'unknown', problem: answered(409) }],
    [
      { status: 425, unseen: true },
      { outcome: 'not_sent', problem: answered(425) },
    ],
    [
      { status: 429, unseen: true },
      { outcome: 'not_sent', problem: answered(429) },
    ],
    [
      { status: 429, unseen: true, headers: { 'retry-after': '30' } },
      { outcome: 'not_sent', problem: answered(429), retryAfterMs: 30_000 },
    ],
    [{ status: 500 }, { outcome: 'unknown', problem: answered(500) }],
    [
      { status: 502, unseen: true },
      { outcome: 'unknown', problem: answered(502) },
    ],
    [
      { status: 503, headers: { 'retry-after': '7' } },
      { outcome: 'unknown', problem: answered(503), retryAfterMs: 7_000 },
    ],
    [{ cut: true }, { outcome: 'unknown', problem: expect.stringMatching(/broke the connection\.$/) }],
  ])('%j', async (plan, expected) => {
    const id = newId();
    await receiver.plan(plan);
    const sent = await connector().createTicket(id, message, soon());
    expect(sent).toEqual({ ...expected, ...(sent.outcome === 'created' && { reference: id }) });
    expect(deliveriesOf(id)).toHaveLength(plan.unseen ? 0 : 1);
  });

  it('is unknown when the time is over, and there once it is sent again', async () => {
    const id = newId();
    await receiver.plan({ delayMs: 500 });
    const sent = await connector().createTicket(id, message, AbortSignal.timeout(150));
    expect(sent).toMatchObject({
      outcome: 'unknown',
      problem: expect.stringMatching(/the time was over\.$/),
    });
    expect(await connector().createTicket(id, message, soon())).toMatchObject({ outcome: 'created' });
    expect(deliveriesOf(id).map(({ isNew }) => isNew)).toEqual([true, false]);
  });

  it('is unknown when the receiver dies of it, not sent while it is gone, and the same once it is back', async () => {
    const id = newId();
    await receiver.plan({ die: true });
    expect(await connector().createTicket(id, message, soon())).toMatchObject({ outcome: 'unknown' });
    await receiver.died();
    expect(await connector().createTicket(id, message, soon())).toMatchObject({ outcome: 'not_sent' });
    await receiver.start();
    expect(await connector().createTicket(id, message, soon())).toMatchObject({ outcome: 'created' });
    expect(deliveriesOf(id).map(({ isNew }) => isNew)).toEqual([true, false]);
  });
});

describe('the reference', () => {
  it.each<[string, Plan, string | undefined]>([
    ['from the answer', { body: '{"reference":"T-1"}' }, 'T-1'],
    ['from a header', { body: '', headers: { 'webhook-reference': 'T-2' } }, 'T-2'],
    [
      'from the answer first',
      { body: '{"reference":"T-1"}', headers: { 'webhook-reference': 'T-2' } },
      'T-1',
    ],
    ['of 255 characters', { body: `{"reference":"${'x'.repeat(255)}"}` }, 'x'.repeat(255)],
    ['with a blank and an umlaut', { body: '{"reference":"Fall Ü 1"}' }, 'Fall Ü 1'],
    ['not one that is too long', { body: `{"reference":"${'x'.repeat(256)}"}` }, undefined],
    ['not one that is empty', { body: '{"reference":""}' }, undefined],
    ['not a number', { body: '{"reference":1}' }, undefined],
    ['not a line break', { body: '{"reference":"a\\nb"}' }, undefined],
    ['not what no database stores', { body: '{"reference":"a\\u0000b"}' }, undefined],
    ['not half a character', { body: '{"reference":"a\\ud800b"}' }, undefined],
    ['not from what is no object', { body: 'null' }, undefined],
    ['not from a list', { body: '["reference"]' }, undefined],
    ['not from what is cut', { body: '{"reference":"T-1"' }, undefined],
  ])('is taken %s', async (_, plan, expected) => {
    const id = newId();
    await receiver.plan(plan);
    const sent = await connector().createTicket(id, message, soon());
    expect(sent).toEqual({ outcome: 'created', reference: expected ?? id });
  });
});

describe('testing the connection', () => {
  it('says what came back', async () => {
    expect(await connector().test(soon())).toEqual({ ok: true, detail: 'The receiver answered 200.' });
    expect(receiver.deliveries().at(-1)).toMatchObject({ payload: { type: 'webhook.test', data: {} } });
    await receiver.plan({ status: 410, unseen: true });
    expect(await connector().test(soon())).toEqual({
      ok: false,
      detail: 'The receiver answered 410, which means that it wants no more.',
    });
    expect(await connector(newWebhookSecret()).test(soon())).toMatchObject({ ok: false });
  });

  it('says why nothing came back', async () => {
    const elsewhere = new WebhookConnector(
      { url: 'https://10.0.0.1/secret', secrets: [secret] },
      { outbound: egress, newId },
    );
    expect(await elsewhere.test(soon())).toEqual({
      ok: false,
      detail: 'Nothing was sent: 10.0.0.1 is not allowed, it is not on the public internet.',
    });
  });
});
