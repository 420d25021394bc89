import { createHmac, randomUUID } from 'node:crypto';
import type { Posting } from '@redress/domain';
import { Egress, EgressAllowance, LedgerConnector } from '@redress/connectors';
import { newId } from '../../apps/api/src/ids';
import { listen } from '../../test/support/listener';
import { LedgerProcess, type LedgerOptions } from '../../test/support/ledger';
import { lossyLine } from '../../test/support/lossy';

const soon = () => AbortSignal.timeout(5_000);
const about = {
  exceptionId: newId(),
  transactionId: newId(),
  reason: 'Amount mismatch',
  requestedBy: 'ana@example.com',
  requestedAt: '2026-01-15T10:30:00.000Z',
};
const posting: Posting = {
  ...{ type: 'adjustment', ...about, direction: 'DEBIT', reasonCode: 'FEE', notes: 'Zürich' },
  amount: { amount: '1500.50', currency: 'BRL' },
  effectiveAt: '2026-01-14T00:00:00.000Z',
};

let egress: Egress;
let ledger: LedgerProcess;
beforeAll(() => {
  egress = new Egress({ allow: EgressAllowance.parse('http://127.0.0.0/8')!, userAgent: 'Redress' });
});
afterAll(() => egress.close());
afterEach(() => ledger.stop());

async function started(options?: LedgerOptions): Promise<LedgerConnector> {
  ledger = await LedgerProcess.start(options);
  return new LedgerConnector(ledger.connection(), { outbound: egress, newId });
}

describe('the ledger to try things out with', () => {
  it('books each id once, and says so again', async () => {
    const connector = await started();
    const [id, other] = [newId(), newId()];
    const answers = await Promise.all(Array.from({ length: 5 }, () => connector.post(id, posting, soon())));
    expect(answers).toEqual(Array(5).fill({ outcome: 'created', reference: 'JE-1' }));
    expect(await connector.post(other, posting, soon())).toEqual({ outcome: 'created', reference: 'JE-2' });
    const { type: _type, ...said } = posting;
    expect(await ledger.books()).toEqual([
      { id, ...said, type: 'ledger.adjustment', reference: 'JE-1' },
      { id: other, ...said, type: 'ledger.adjustment', reference: 'JE-2' },
    ]);
  });

  it('knows what it booked after a crash', async () => {
    const connector = await started();
    const id = newId();
    await connector.post(id, posting, soon());
    await ledger.die();
    expect(await connector.post(id, posting, soon())).toMatchObject({ outcome: 'not_sent' });
    await ledger.start();
    expect(await connector.post(id, posting, soon())).toEqual({ outcome: 'created', reference: 'JE-1' });
    expect(await ledger.books()).toHaveLength(1);
  });

  it('refuses what it will not book, with a reason, and stays with it', async () => {
    const connector = await started({ closedUntil: '2026-02-01T00:00:00Z' });
    const id = newId();
    const closed = 'The ledger refused it: The books are closed until 2026-02-01T00:00:00Z.';
    expect(await connector.post(id, posting, soon())).toEqual({ outcome: 'refused', problem: closed });
    const strange = { ...posting, amount: { amount: '1.00', currency: 'XQQ' } };
    expect(await connector.post(newId(), strange, soon())).toEqual({
      outcome: 'refused',
      problem: 'The ledger refused it: There are no accounts in XQQ.',
    });
    const matched: Posting = {
      type: 'forced_match',
      ...about,
      overrideReason: 'BUSINESS',
      notes: 'It matches',
    };
    expect(await connector.post(newId(), matched, soon())).toMatchObject({ outcome: 'created' });
    await ledger.die();
    await ledger.start();
    expect(await connector.post(id, posting, soon())).toEqual({ outcome: 'refused', problem: closed });
    expect((await ledger.books()).map(({ type }) => type)).toEqual(['ledger.forced_match']);
  });

  it('takes nothing that is not signed with its secret, now', async () => {
    const connector = await started();
    const stranger = new LedgerConnector(
      { ...ledger.connection(), secrets: [`whsec_${Buffer.alloc(32).toString('base64')}`] },
      { outbound: egress, newId },
    );
    expect(await stranger.post(newId(), posting, soon())).toMatchObject({ outcome: 'refused', unseen: true });
    expect(await stranger.test(soon())).toEqual({ ok: false, detail: 'The ledger answered 401.' });
    const body = JSON.stringify({ type: 'ledger.adjustment', data: { id: randomUUID(), ...posting } });
    const key = Buffer.from(ledger.secret.slice('whsec_'.length), 'base64');
    const statusAt = async (at: number): Promise<number> => {
      const mac = createHmac('sha256', key).update(`x.${at}.${body}`).digest('base64');
      const headers = {
        'webhook-id': 'x',
        'webhook-timestamp': String(at),
        'webhook-signature': `v1,${mac}`,
      };
      return (await fetch(ledger.origin, { method: 'POST', headers, body })).status;
    };
    const now = Math.floor(Date.now() / 1000);
    expect([await statusAt(now - 400), await statusAt(now + 400), await statusAt(NaN)]).toEqual([
      401, 401, 401,
    ]);
    expect(await ledger.books()).toEqual([]);
    expect(await connector.test(soon())).toEqual({ ok: true, detail: 'The ledger answered 200.' });
    expect(await statusAt(now)).toBe(200);
  });

  it('may take its time, and tells the answer by itself, signed', async () => {
    const listener = await listen();
    const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
    listener.secrets.push(secret);
    const connector = await started({ answers: { url: listener.url, secret, afterMs: 200 } });
    const id = newId();
    const waiting = { outcome: 'accepted', problem: 'The ledger has it and will answer.' };
    expect(await connector.post(id, posting, soon())).toEqual(waiting);
    expect(await connector.post(id, posting, soon())).toEqual(waiting);
    while (listener.taken.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const { verified, body } = listener.taken[0]!;
    expect(verified).toBe(true);
    expect(body).toMatchObject({ type: 'ledger.posted', data: { id, reference: 'JE-1' } });
    expect(await connector.post(id, posting, soon())).toEqual({ outcome: 'created', reference: 'JE-1' });
    expect(listener.taken).toHaveLength(1);
    await listener.close();
  });
});

describe('a lossy line to it', () => {
  it('loses what it is told to lose, and no more', async () => {
    await started();
    const line = await lossyLine(ledger.origin);
    const connector = new LedgerConnector(ledger.connection(line.origin), { outbound: egress, newId });
    const id = newId();
    const fates = ['lost', 'unanswered', 'failed', { status: 503 }, { delayMs: 10 }] as const;
    line.fate(({ times }) => fates[times - 1] ?? 'passed');
    const outcomes: string[] = [];
    const booked: number[] = [];
    while (outcomes.length <= fates.length) {
      outcomes.push((await connector.post(id, posting, soon())).outcome);
      booked.push((await ledger.books()).length);
    }
    expect(outcomes).toEqual(['unknown', 'unknown', 'unknown', 'unknown', 'created', 'created']);
    expect(booked).toEqual([0, 1, 1, 1, 1, 1]);
    expect(line.passed.at(-1)).toEqual({ id, times: 6 });
    await ledger.die();
    expect(await connector.post(id, posting, soon())).toMatchObject({ outcome: 'unknown' });
    await line.close();
  });
});
