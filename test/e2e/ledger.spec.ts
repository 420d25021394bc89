import { DispatchRunner } from '@redress/connectors';
import { startTestApp, type Json, type Person, type TestApp } from '../support/app';
import { connect } from '../support/connections';
import { sendTo } from '../support/http-client';
import { deliver, headersOf, ledgerEvent, pathOf } from '../support/inbound';
import { LedgerProcess } from '../support/ledger';
import { lossyLine, type Fate, type Lossy } from '../support/lossy';
import { historyFlaws, ownerOf, type Owner } from '../support/owner';
import { lookUntil } from '../support/until';

/*
 * The whole way of a posting: from the command that reserves it, over a line on which things get lost, to a ledger in a
 * process of its own, and back by its answer or by what it tells later.
 */

let ledger: LedgerProcess;
let line: Lossy;
let service: TestApp;
let owner: Owner;
let ana: Person;
let inbound: Readonly<{ id: string; secret: string }>;

const closedUntil = '2026-01-01T00:00:00Z';

beforeAll(async () => {
  ledger = await LedgerProcess.start({ closedUntil });
  line = await lossyLine(ledger.origin);
  service = await startTestApp({ EGRESS_ALLOW: `${line.origin},${ledger.origin}` });
  owner = ownerOf(service.database.url);
}, 60_000);
afterAll(async () => {
  expect(await historyFlaws(owner)).toEqual([]);
  await owner.end();
  await service.close();
  await line.close();
  await ledger.stop();
});

beforeEach(async () => {
  line.fate();
  ana = service.person();
  const { id, inboundSecret } = await connected();
  inbound = { id, secret: inboundSecret };
});

const connected = (over: object = {}): Promise<Json> =>
  connect(ana, 'LEDGER', { ...ledger.connection(line.origin), ...over });

const fee = {
  ...{ amount: '1500.50', currency: 'BRL', direction: 'CREDIT', reasonCode: 'BANK_FEE' },
  ...{ effectiveAt: '2026-01-15T10:30:00.000Z', notes: 'Fee of the bank' },
};

async function asked(command = 'adjust-entry', body: object = fee): Promise<Json> {
  const { id } = await ana.raise();
  const answer = await ana.post(`/v1/exceptions/${id}/${command}`, body);
  expect([answer.status, answer.body.status]).toEqual([200, 'PENDING_RESOLUTION']);
  return answer.body;
}

const read = async ({ id }: Json): Promise<Json> => (await ana.get(`/v1/exceptions/${id}`)).body;
const items = async (path: string): Promise<Json[]> => (await ana.get(path)).body.items;
const postingOf = async ({ id }: Json): Promise<Json> =>
  (await items(`/v1/exceptions/${id}/dispatches`)).at(-1);
const bookedFor = async ({ id }: Json) =>
  (await ledger.books()).filter(({ exceptionId }) => exceptionId === id);

/** What a worker does when the time of the posting has come. */
async function attempt(exception: Json): Promise<Json> {
  const { id } = await postingOf(exception);
  await owner.rows(
    'UPDATE dispatch SET next_attempt_at = now() WHERE id = $1 AND next_attempt_at IS NOT NULL',
    [id],
  );
  await service.app.get(DispatchRunner).run(ana.tenant, id);
  return postingOf(exception);
}

async function attempts(exception: Json, count: number): Promise<string[]> {
  const states: string[] = [];
  while (states.length < count) states.push((await attempt(exception)).state);
  return states;
}

const tell = async (event: object): Promise<string> => {
  const body = JSON.stringify(event);
  const headers = headersOf('LEDGER', inbound.secret, body);
  const answer = await deliver(service, { path: pathOf('LEDGER', inbound.id), headers, body });
  expect(answer.status).toBe(200);
  return answer.body.status;
};
const says = (id: string, stage: 'done' | 'returned', data: object = {}) =>
  ledgerEvent({ reference: id, stage }, data);

describe('a ledger that answers', () => {
  it('has an adjustment, to the digit, before it counts here', async () => {
    const exception = await asked();
    expect(await items(`/v1/exceptions/${exception.id}/adjustments`)).toEqual([]);
    expect((await attempt(exception)).state).toBe('CONFIRMED');
    const [entry, ...others] = await bookedFor(exception);
    expect(others).toEqual([]);
    const { amount, currency, ...said } = fee;
    expect(entry).toMatchObject({
      ...{ ...said, type: 'ledger.adjustment', amount: { amount, currency } },
      ...{ transactionId: exception.transactionId, requestedBy: ana.actor },
    });
    expect(await read(exception)).toMatchObject({ status: 'RESOLVED', resolvedBy: ana.actor });
    const [adjustment] = await items(`/v1/exceptions/${exception.id}/adjustments`);
    const posting = await postingOf(exception);
    expect([adjustment.id, posting.id]).toEqual([entry!.id, entry!.id]);
    expect(posting).toMatchObject({
      ...{ target: 'LEDGER', kind: 'posting', externalReference: entry!.reference, sends: 1 },
    });
  });

  it('has a forced match', async () => {
    const exception = await asked('force-match', {
      overrideReason: 'BUSINESS_DECISION',
      notes: 'It matches',
    });
    await attempt(exception);
    expect(await bookedFor(exception)).toMatchObject([
      { type: 'ledger.forced_match', overrideReason: 'BUSINESS_DECISION' },
    ]);
    expect((await read(exception)).status).toBe('RESOLVED');
  });

  it('has its reversal, of what it knows', async () => {
    const exception = await asked();
    await attempt(exception);
    const { id } = await postingOf(exception);
    const reversed = await ana.post(`/v1/adjustments/${id}/reverse`, { reason: 'Wrong account' });
    expect(reversed.status).toBe(201);
    await attempt(exception);
    expect(await bookedFor(exception)).toMatchObject([
      { id, type: 'ledger.adjustment' },
      { type: 'ledger.reversal', reverses: id, amount: { amount: '1500.50', currency: 'BRL' } },
    ]);
  });

  it('refuses, and the exception comes back with its reason, to be resolved otherwise', async () => {
    const exception = await asked('adjust-entry', { ...fee, effectiveAt: '2025-12-31T00:00:00.000Z' });
    expect(await attempt(exception)).toMatchObject({
      state: 'FAILED',
      lastError: `The ledger refused it: The books are closed until ${closedUntil}.`,
    });
    expect(await bookedFor(exception)).toEqual([]);
    expect((await read(exception)).status).toBe('OPEN');
    const returned = (await items(`/v1/exceptions/${exception.id}/history`)).at(-1);
    expect(returned).toMatchObject({
      type: 'exception.returned',
      data: { reason: expect.stringContaining('closed until') },
    });
    expect((await ana.post(`/v1/exceptions/${exception.id}/adjust-entry`, fee)).status).toBe(200);
    expect((await attempt(exception)).state).toBe('CONFIRMED');
    expect(await bookedFor(exception)).toHaveLength(1);
  });
});

describe('a ledger that refuses a reversal', () => {
  const effectiveAt = '2025-12-31T00:00:00.000Z';

  async function refusedReversal() {
    const exception = await asked();
    await attempt(exception);
    const { id: adjustmentId } = await postingOf(exception);
    const reversed = await ana.post(`/v1/adjustments/${adjustmentId}/reverse`, {
      ...{ reason: 'Wrong account', effectiveAt },
    });
    const reversal = await attempt(exception);
    expect(reversal).toMatchObject({ state: 'DEAD', kind: 'posting', id: reversed.body.reversal.id });
    return { resolved: exception, reopened: reversed.body.exception, dispatchId: reversal.id };
  }
  const gauge = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec((await service.send('GET', '/metrics')).text)?.[1]);
  const mismatches = 'redress_ledger_mismatches';
  const deadPostings = 'redress_dispatch_backlog\\{name="LEDGER",state="DEAD"\\}';

  it('is listed, counted, and flagged on both exceptions until the books agree', async () => {
    const before = { mismatches: await gauge(mismatches), dead: (await gauge(deadPostings)) || 0 };
    const { resolved, reopened, dispatchId } = await refusedReversal();
    expect((await items('/v1/dispatches?state=DEAD&target=LEDGER')).map(({ id }) => id)).toEqual([
      dispatchId,
    ]);
    const [listed] = await items('/v1/dispatches?state=DEAD');
    expect(listed).toMatchObject({ exceptionId: resolved.id, lastError: expect.stringMatching(/closed/) });
    const both = [reopened.id, resolved.id].sort();
    expect((await items('/v1/exceptions?ledger_mismatch=true')).map(({ id }) => id).sort()).toEqual(both);
    for (const one of [resolved, reopened]) {
      expect((await read(one)).ledgerMismatches).toEqual([dispatchId]);
      const last = (await items(`/v1/exceptions/${one.id}/history`)).find(
        ({ type }) => type === 'exception.books_differ',
      );
      expect(last).toMatchObject({ data: { postingId: dispatchId }, changes: { ledgerMismatches: {} } });
    }
    expect(await gauge(mismatches)).toBe(before.mismatches + 2);
    expect(await gauge(deadPostings)).toBe(before.dead + 1);
    // No worker runs here, so the jobs of the postings are left.
    expect((await service.send('GET', '/metrics')).text).toMatch(
      /^redress_job_backlog\{name="dispatch",state="(due|scheduled)"\} [1-9]/m,
    );

    const answer = { arrived: false, reason: 'It is not there.' };
    const lost = await ana.post(`/v1/dispatches/${dispatchId}/answer`, answer);
    expect([lost.status, Object.keys(lost.body.details.fields)]).toEqual([400, ['arrived']]);
    const byHand = { arrived: true, reference: 'JE-by-hand' };
    expect((await ana.post(`/v1/dispatches/${dispatchId}/answer`, byHand)).status).toBe(200);
    for (const one of [resolved, reopened]) expect(await read(one)).not.toHaveProperty('ledgerMismatches');
    expect(await items('/v1/exceptions?ledger_mismatch=true')).toEqual([]);
    expect(await items('/v1/dispatches?state=DEAD')).toEqual([]);
    expect(await gauge(mismatches)).toBe(before.mismatches);
  });

  it('says by itself later that it has booked it, and the books agree', async () => {
    const { resolved, reopened, dispatchId } = await refusedReversal();
    expect(await tell(says(dispatchId, 'done'))).toBe('applied');
    for (const one of [resolved, reopened]) {
      expect(await read(one)).not.toHaveProperty('ledgerMismatches');
      const types = (await items(`/v1/exceptions/${one.id}/history`)).map(({ type }) => type);
      expect(types).toContain('exception.books_agree');
    }
  });

  it('is told of to one tenant only', async () => {
    const { dispatchId } = await refusedReversal();
    const stranger = service.person();
    const listed = await stranger.get('/v1/dispatches');
    expect([listed.status, listed.body.items]).toEqual([200, []]);
    expect((await stranger.get('/v1/exceptions?ledger_mismatch=true')).body.items).toEqual([]);
    expect((await ana.get(`/v1/dispatches?exception_id=${dispatchId}`)).body.items).toEqual([]);
    expect((await ana.get('/v1/dispatches?state=GONE')).status).toBe(400);
  });
});

describe('a ledger that cannot be heard', () => {
  it.each(['lost', 'unanswered', 'failed'] as const)('is asked again under the same id: %s', async (fate) => {
    const exception = await asked();
    line.fate(({ times }) => (times < 3 ? fate : 'passed'));
    expect(await attempts(exception, 2)).toEqual(['RESERVED', 'RESERVED']);
    expect((await read(exception)).status).toBe('PENDING_RESOLUTION');
    expect(await attempt(exception)).toMatchObject({ state: 'CONFIRMED', sends: 3 });
    expect(await bookedFor(exception)).toHaveLength(1);
    expect(await items(`/v1/exceptions/${exception.id}/adjustments`)).toHaveLength(1);
  });

  it('refuses it by its own word only: an error status after the first request proves nothing', async () => {
    const exception = await asked();
    const fates: Fate[] = ['unanswered', { status: 401 }, { status: 422 }];
    line.fate(({ times }) => fates[times - 1] ?? 'passed');
    expect(await attempts(exception, 3)).toEqual(['RESERVED', 'RESERVED', 'RESERVED']);
    expect(await bookedFor(exception)).toHaveLength(1);
    expect((await attempt(exception)).state).toBe('CONFIRMED');
    expect(await bookedFor(exception)).toHaveLength(1);
  });

  it('turns the first request away at the door, and the exception comes back', async () => {
    const exception = await asked();
    line.fate(() => ({ status: 401, body: '{"reason":"Who are you?"}' }));
    expect((await attempt(exception)).state).toBe('FAILED');
    expect((await read(exception)).status).toBe('OPEN');
  });
});

describe('a ledger that is connected no more', () => {
  it('leaves what it was never sent to be resolved otherwise', async () => {
    const exception = await asked();
    await ana.send('DELETE', '/v1/connections/LEDGER');
    expect(await attempt(exception)).toMatchObject({
      ...{ state: 'FAILED', lastError: 'No connection to LEDGER is configured any more.' },
    });
    expect((await read(exception)).status).toBe('OPEN');
    const resolved = await ana.post(`/v1/exceptions/${exception.id}/adjust-entry`, fee);
    expect([resolved.status, resolved.body.status]).toEqual([200, 'RESOLVED']);
    expect(await bookedFor(exception)).toEqual([]);
  });

  it('may have what it was sent, which waits until the ledger can be asked', async () => {
    const exception = await asked();
    line.fate(() => 'unanswered');
    await attempt(exception);
    await connected({ enabled: false });
    expect(await attempt(exception)).toMatchObject({ state: 'RESERVED', sends: 2 });
    expect((await read(exception)).status).toBe('PENDING_RESOLUTION');
    await connected();
    line.fate();
    expect((await attempt(exception)).state).toBe('CONFIRMED');
    expect(await bookedFor(exception)).toHaveLength(1);
  });
});

describe('a ledger that tells by itself', () => {
  it('resolves what waits for it: before it was asked, while it is, and after it was given up', async () => {
    const never = await asked();
    expect(await tell(says((await postingOf(never)).id, 'done'))).toBe('applied');
    expect((await read(never)).status).toBe('RESOLVED');

    const under = await asked();
    const { id } = await postingOf(under);
    // It tells faster than it answers.
    const telling: string[] = [];
    line.fate(async (): Promise<Fate> => {
      telling.push(await tell(says(id, 'done', { reference: 'JE-told' })));
      return 'passed';
    });
    expect(await attempt(under)).toMatchObject({ state: 'CONFIRMED', externalReference: 'JE-told' });
    expect(telling).toEqual(['applied']);
    expect(await items(`/v1/exceptions/${under.id}/adjustments`)).toHaveLength(1);

    const given = await asked();
    line.fate(() => 'lost');
    await owner.rows('UPDATE dispatch SET attempts = 9 WHERE exception_id = $1', [given.id]);
    const dead = await attempt(given);
    expect(dead.state).toBe('DEAD');
    expect((await read(given)).flaggedAt).toBe(dead.updatedAt);
    expect((await items('/v1/exceptions?flagged=true')).map(({ id }) => id)).toContain(given.id);
    expect(await tell(says(dead.id, 'done'))).toBe('applied');
    expect((await read(given)).status).toBe('RESOLVED');
  });

  it('returns what it refuses, with the reason', async () => {
    const exception = await asked();
    line.fate(() => ({ status: 202, headers: { 'retry-after': '3600' } }));
    const waiting = await attempt(exception);
    expect(waiting).toMatchObject({ state: 'RESERVED', history: [{ outcome: 'accepted' }] });
    expect(Date.parse(waiting.nextAttemptAt) - Date.now()).toBeGreaterThan(3_500_000);
    expect(await tell(says(waiting.id, 'returned'))).toBe('applied');
    expect((await postingOf(exception)).lastError).toBe('The ledger refused it: The period is closed.');
    expect((await read(exception)).status).toBe('OPEN');
    const [message] = await items(`/v1/inbound-messages?target=LEDGER&exception_id=${exception.id}`);
    expect(message).toMatchObject({ kind: 'ledger.refused', outcome: 'applied', dispatchId: waiting.id });
  });

  it('is not believed when it takes back what it said, and the refusal is visible', async () => {
    const exception = await asked();
    const { id, externalReference } = await attempt(exception);
    expect(await tell(says(id, 'done', { reference: externalReference }))).toBe('recorded');
    expect(await tell(says(id, 'returned'))).toBe('refused');
    expect(await tell(says(id, 'done', { reference: 'JE-other' }))).toBe('refused');
    expect((await read(exception)).status).toBe('RESOLVED');
    const [twice, back] = await items(`/v1/inbound-messages?outcome=refused&exception_id=${exception.id}`);
    expect(twice.reason).toContain(
      `posted it as JE-other, and said before that it posted it as ${externalReference}`,
    );
    expect(back.reason).toContain('The period is closed.');
  });
});

describe('with workers, over real sockets', () => {
  it('is asked and answers by itself, in whatever order', async () => {
    const slow = await LedgerProcess.start();
    const other = await startTestApp({ EGRESS_ALLOW: slow.origin, WORKERS: '2' });
    await other.app.listen(0, '127.0.0.1');
    const url = await other.app.getUrl();
    const bo = other.person();
    const { id: connection, inboundSecret } = await connect(bo, 'LEDGER', slow.connection());
    const address = `${url}${pathOf('LEDGER', connection)}`;
    await slow.die();
    await slow.start({ answers: { url: address, secret: inboundSecret, afterMs: 300 } });
    const ids: string[] = [];
    for (const amount of ['0.01', '2.00', '3.10']) {
      const { id } = await bo.raise();
      await sendTo(url)({
        path: `/v1/exceptions/${id}/adjust-entry`,
        headers: { authorization: `Bearer ${bo.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...fee, amount }),
      });
      ids.push(id);
    }
    const statuses = () =>
      Promise.all(ids.map(async (id) => (await bo.get(`/v1/exceptions/${id}`)).body.status as string));
    await lookUntil(statuses, (all) => all.every((status) => status === 'RESOLVED'));
    const booked = (await slow.books()).map(({ amount }) => amount?.amount);
    expect(booked.sort()).toEqual(['0.01', '2.00', '3.10']);
    await other.close();
    await slow.stop();
  }, 60_000);
});
