import type { Posting } from '@redress/domain';
import { WebhookReceiver, type Plan } from '../../../../test/support/webhook-receiver';
import { newId } from '../../../../apps/api/src/ids';
import { Egress } from '../egress/egress';
import { EgressAllowance } from '../egress/egress-allowance';
import { LedgerConnector } from './ledger.connector';
import { newWebhookSecret } from '../kit/standard-webhooks';

const secret = newWebhookSecret();
const about = {
  exceptionId: '019c96a0-10d2-7134-8000-000000000001',
  transactionId: '019c96a0-10d2-7134-8000-000000000002',
  reason: 'Amount mismatch',
  requestedBy: 'ana@example.com',
  requestedAt: '2025-01-15T10:30:00.000Z',
  approvedBy: ['bo@example.com'],
};
const entry = {
  amount: { amount: '12345678901234567890.10', currency: 'BRL' },
  direction: 'DEBIT',
  effectiveAt: '2025-01-14T00:00:00.000Z',
  reasonCode: 'FEE',
  notes: 'Bank fee – Zürich',
} as const;
const posting: Posting = { type: 'adjustment', ...about, ...entry };
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

const ledger = (...secrets: string[]): LedgerConnector =>
  new LedgerConnector(
    { url: receiver.url, secrets: secrets.length ? secrets : [secret] },
    { outbound: egress, newId },
  );
const deliveriesOf = (id: string) => receiver.deliveries().filter((delivery) => delivery.id === id);

async function answeredBy(plan: Plan): Promise<object> {
  const id = newId();
  await receiver.plan(plan);
  const { reference, ...sent } = { reference: undefined, ...(await ledger().post(id, posting, soon())) };
  expect(deliveriesOf(id)).toHaveLength(plan.unseen ? 0 : 1);
  return reference === undefined ? sent : { ...sent, reference: reference === id ? 'ours' : reference };
}

describe('a posting', () => {
  it.each<Posting>([
    posting,
    { type: 'reversal', reverses: newId(), ...about, ...entry },
    { type: 'forced_match', ...about, overrideReason: 'BUSINESS_DECISION', notes: 'It matches' },
  ])('is signed, and says what it is, exactly: $type', async (each) => {
    const id = newId();
    const sent = await ledger().post(id, each, soon());
    const { type, ...data } = each;
    const [delivery, ...others] = deliveriesOf(id);
    expect(others).toEqual([]);
    expect(sent).toEqual({ outcome: 'created', reference: delivery!.reference });
    expect(delivery).toMatchObject({ isNew: true, headers: { 'user-agent': 'Redress' } });
    expect(delivery!.payload).toEqual({
      type: `ledger.${type}`,
      timestamp: expect.any(String),
      data: { id, ...data },
    });
  });

  it('says the same under the same id each time', async () => {
    const id = newId();
    await ledger().post(id, posting, soon());
    await ledger(newWebhookSecret(), secret).post(id, posting, soon());
    const [first, second] = deliveriesOf(id);
    expect([first!.isNew, second!.isNew]).toEqual([true, false]);
    expect(second!.payload).toEqual(first!.payload);
  });

  it('is in doubt when the ledger dies of it, not sent while that is gone, and there once it is back', async () => {
    const id = newId();
    const outcome = async () => (await ledger().post(id, posting, soon())).outcome;
    await receiver.plan({ die: true });
    expect(await outcome()).toBe('unknown');
    await receiver.died();
    expect(await outcome()).toBe('not_sent');
    await receiver.start();
    expect(await outcome()).toBe('created');
    expect(deliveriesOf(id).map(({ isNew }) => isNew)).toEqual([true, false]);
  });

  it('is in doubt when the time is over', async () => {
    const id = newId();
    await receiver.plan({ delayMs: 500 });
    const sent = await ledger().post(id, posting, AbortSignal.timeout(150));
    expect(sent).toMatchObject({ outcome: 'unknown', problem: expect.stringMatching(/time was over\.$/) });
  });
});

describe('what an answer means', () => {
  const said = (status: number, more = '') => `The ledger answered ${status}${more}.`;
  const moved = ', and redirects are not followed';

  it.each<[Plan, object]>([
    [
      { status: 204, body: '' },
      { outcome: 'created', reference: 'ours' },
    ],
    [{ body: '{"reference":"JE-1"}' }, { outcome: 'created', reference: 'JE-1' }],
    [
      { body: '', headers: { 'webhook-reference': 'JE-2' } },
      { outcome: 'created', reference: 'JE-2' },
    ],
    [{ status: 202 }, { outcome: 'accepted', problem: 'The ledger has it and will answer.' }],
    [
      { status: 202, headers: { 'retry-after': '60' } },
      { outcome: 'accepted', problem: 'The ledger has it and will answer.', retryAfterMs: 60_000 },
    ],
    ...[425, 429].map((status): [Plan, object] => [
      { status, unseen: true, headers: { 'retry-after': '30' } },
      { outcome: 'not_sent', problem: said(status), retryAfterMs: 30_000 },
    ]),
    ...[408, 409, 500, 502, 504].map((status): [Plan, object] => [
      { status, body: '{"reason":"busy"}' },
      { outcome: 'unknown', problem: said(status) },
    ]),
    [
      { status: 503, headers: { 'retry-after': '7' } },
      { outcome: 'unknown', problem: said(503), retryAfterMs: 7_000 },
    ],
    [{ status: 303 }, { outcome: 'unknown', problem: said(303, moved) }],
    [{ cut: true }, { outcome: 'unknown', problem: expect.stringMatching(/broke the connection\.$/) }],
  ])('%j', async (plan, expected) => {
    expect(await answeredBy(plan)).toEqual(expected);
  });
});

describe('a refusal', () => {
  const because = (reason: string) => ({ outcome: 'refused', problem: `The ledger refused it: ${reason}` });

  it.each<[number, string, string]>([
    [400, '{"reason":"No such account."}', 'No such account.'],
    [422, '{"reason":"The period is closed."}', 'The period is closed.'],
    [418, '{"reason":"A teapot."}', 'A teapot.'],
    [422, '{"title":"Bad","detail":"In RFC 9457."}', 'In RFC 9457.'],
    [422, '{"detail":"Second.","reason":"First."}', 'First.'],
    [422, '{"reason":"two\\nlines\\u0000 \\u202eof it"}', 'two lines of it'],
  ])('%d %s is told with its reason', async (status, body, reason) => {
    expect(await answeredBy({ status, body })).toEqual(because(reason));
  });

  it('is told in 500 characters at most', async () => {
    const { problem } = (await answeredBy({ status: 422, body: `{"reason":"${'x'.repeat(9_000)}"}` })) as {
      problem: string;
    };
    expect(problem).toMatch(/x…$/);
    expect(problem.length).toBeLessThanOrEqual(500);
  });

  it('never tells what requests are signed with', async () => {
    const body = JSON.stringify({ reason: `${secret} is wrong` });
    expect(await answeredBy({ status: 422, body })).toEqual(because('[removed] is wrong'));
  });

  it.each([
    '',
    '<h1>422</h1>',
    '{}',
    '{"reason":""}',
    '{"reason":" \\n"}',
    '{"reason":7}',
    'null',
    '["reason"]',
  ])('without a reason may come from anybody on the way: %j', async (body) => {
    expect(await answeredBy({ status: 422, body })).toEqual({
      outcome: 'refused',
      problem: 'The ledger answered 422.',
      unseen: true,
    });
  });

  it.each([301, 302, 307, 308, 401, 403, 404, 405, 410, 413, 415, 421, 431])(
    'at the door says nothing of what came before: %d',
    async (status) => {
      const sent = await answeredBy({ status, unseen: true });
      expect(sent).toMatchObject({ outcome: 'refused', unseen: true });
      const reasoned = await answeredBy({ status, unseen: true, body: '{"reason":"Who are you?"}' });
      expect(reasoned).toEqual({ ...because('Who are you?'), unseen: true });
    },
  );
});

describe('testing the connection', () => {
  it('says what came back', async () => {
    expect(await ledger().test(soon())).toEqual({ ok: true, detail: 'The ledger answered 200.' });
    expect(receiver.deliveries().at(-1)).toMatchObject({ payload: { type: 'ledger.test', data: {} } });
    expect(await ledger(newWebhookSecret()).test(soon())).toEqual({
      ok: false,
      detail: 'The ledger answered 401.',
    });
    const elsewhere = new LedgerConnector(
      { url: 'https://10.0.0.1/', secrets: [secret] },
      { outbound: egress, newId },
    );
    expect(await elsewhere.test(soon())).toMatchObject({ ok: false });
    expect(await elsewhere.post(newId(), posting, soon())).toMatchObject({ outcome: 'not_sent' });
  });
});
