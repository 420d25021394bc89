import { exceptionLifecycle, minorUnits, severities, statuses, fromMinorUnits } from '@redress/domain';
import { startTestApp, type Json, type Person, type TestApp } from '../support/app';
import { writeExceptions } from '../support/exception-rows';
import { ownerOf, type Owner } from '../support/owner';
import { itWithSeed, Randomness } from '../support/seed';

type Row = Record<string, Json>;

let service: TestApp;
let owner: Owner;
let ana: Person;
let rows: Row[];

const hour = 3_600_000;
const amounts: Readonly<Record<string, readonly string[]>> = {
  BRL: ['0.01', '-12.50', '99999999999999999999.99', '1000.00'],
  JPY: ['1', '-3', '9007199254740993'],
  BHD: ['0.001', '12.345'],
  CLF: ['1.2345', '-0.0001'],
};

/** So many exceptions of every kind, of which nothing happens to depend on anything else. */
function madeUp(tenant: string, count: number, random: Randomness): Row[] {
  const now = Date.now();
  return Array.from({ length: count }, () => {
    const status = random.pick(statuses(exceptionLifecycle));
    const currency = random.pick([...Object.keys(amounts), undefined]);
    // A minute beside each limit, so that the time the test takes does not matter.
    const age = random.pick([0, 24, 72, 120, 168, 1000]) * hour + random.pick([-1, 1]) * 60_000;
    return {
      tenant_id: tenant,
      status,
      severity: random.pick(severities),
      reason: `Reason ${Math.floor(random.next() ** 2 * 80)}`,
      ...(status === 'PENDING_RESOLUTION' && { pending: 'external' }),
      ...(random.below(4) && { assigned_to: `analyst ${Math.floor(random.next() ** 3 * 70)}` }),
      ...(currency && { currency, amount: random.pick(amounts[currency]!) }),
      // Most happened long before they were raised: age counts from when they happened.
      ...(random.below(3)
        ? { created_at: new Date(now).toISOString(), occurred_at: new Date(now - age).toISOString() }
        : { created_at: new Date(now - age).toISOString() }),
      due_at: new Date(now + random.pick([-1, 1]) * 60_000).toISOString(),
    };
  });
}

/** What the service is to answer, without SQL. */
function summaryOf(chosen: readonly Row[], now = Date.now()) {
  const unresolved = chosen.filter(({ status }) => status !== 'RESOLVED');
  const tally = (of: (row: Row) => string | undefined) => {
    const counts = new Map<string, number>();
    for (const name of chosen.map(of)) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  };
  const each = (values: readonly string[], of: (row: Row) => string | undefined) => {
    const counts = new Map(tally(of));
    return Object.fromEntries(values.map((value) => [value, counts.get(value) ?? 0]));
  };
  const rest = (counts: readonly [string, number][]) => counts.slice(50).reduce((sum, [, n]) => sum + n, 0);
  const reasons = tally(({ reason }) => reason);
  const people = tally(({ assigned_to }) => assigned_to);
  const limits = [0, 24, 72, 120, 168, Infinity];
  const ageOf = ({ created_at, occurred_at }: Row) => (now - Date.parse(occurred_at ?? created_at)) / hour;
  return {
    total: chosen.length,
    overdue: unresolved.filter(({ due_at }) => Date.parse(due_at) < now).length,
    byStatus: each(statuses(exceptionLifecycle), ({ status }) => status),
    bySeverity: each(severities, ({ severity }) => severity),
    byReason: {
      top: reasons.slice(0, 50).map(([reason, count]) => ({ reason, count })),
      other: rest(reasons),
    },
    byAssignee: {
      top: people.slice(0, 50).map(([assignee, count]) => ({ assignee, count })),
      unassigned: chosen.filter(({ assigned_to }) => assigned_to === undefined).length,
      other: rest(people),
    },
    byAge: limits.slice(0, -1).map((fromHours, i) => {
      const toHours = limits[i + 1]!;
      const count = unresolved.filter(
        (row) => (ageOf(row) >= fromHours || i === 0) && ageOf(row) < toHours,
      ).length;
      return { fromHours, ...(toHours !== Infinity && { toHours }), count };
    }),
    amounts: tally(({ currency }) => currency).map(([currency, count]) => {
      const units = chosen
        .filter((row) => row['currency'] === currency)
        .map(({ amount }) => minorUnits({ amount, currency }));
      const { amount: sum } = fromMinorUnits(
        units.reduce((a, b) => a + b, 0n),
        currency,
      );
      return { currency, count, sum };
    }),
  };
}

beforeAll(async () => {
  service = await startTestApp();
  owner = ownerOf(service.database.url);
  ana = service.person();
  rows = await writeExceptions(owner, madeUp(ana.tenant, 5000, new Randomness(7)) as never);
}, 60_000);
afterAll(async () => {
  await owner.end();
  await service.close();
});

const summary = (query = '') => ana.get(`/v1/exceptions/summary?${query}`);

describe('the summary', () => {
  it('counts each exception once in every part, and sums to the digit', async () => {
    const { status, body } = await summary();
    expect(status).toBe(200);
    expect(body).toEqual(summaryOf(rows));
    expect(body.byReason.top).toHaveLength(50);
    expect(body.byReason.other).toBeGreaterThan(0);
    expect(body.byAssignee.other).toBeGreaterThan(0);
    expect(body.byAge.every(({ count }: { count: number }) => count > 0)).toBe(true);
  });

  itWithSeed('agrees with an oracle about whatever was raised', async (random) => {
    const someone = service.person();
    const made = await writeExceptions(owner, madeUp(someone.tenant, 1 + random.below(300), random) as never);
    const { body } = await someone.get('/v1/exceptions/summary');
    expect(body).toEqual(summaryOf(made));
  });

  it.each<[query: string, chosen: (row: Row) => boolean]>([
    ['status=OPEN,ASSIGNED', ({ status }) => ['OPEN', 'ASSIGNED'].includes(status)],
    ['severity=HIGH&severity=LOW', ({ severity }) => ['HIGH', 'LOW'].includes(severity)],
    ['assigned_to=analyst 3', ({ assigned_to }) => assigned_to === 'analyst 3'],
    ['reason=Reason 1,Reason 2', ({ reason }) => ['Reason 1', 'Reason 2'].includes(reason)],
    ['currency=JPY', ({ currency }) => currency === 'JPY'],
    ['unassigned=true', ({ assigned_to }) => assigned_to === undefined],
    ['overdue=true', ({ status, due_at }) => status !== 'RESOLVED' && Date.parse(due_at) < Date.now()],
    ['amount_min=12.345', ({ amount }) => amount !== undefined && Number(amount) >= 12.345],
    ['q=reason 7', ({ reason }) => /reason/i.test(reason) && reason.includes('7')],
    ['source=nowhere', () => false],
  ])('takes the filter %s of the list', async (query, chosen) => {
    const { status, body } = await summary(query);
    expect(status).toBe(200);
    expect(body).toEqual(summaryOf(rows.filter(chosen)));
    const { body: listed } = await ana.get(`/v1/exceptions?limit=200&${query}`);
    expect(Math.min(body.total, 200)).toBe(listed.items.length);
  });

  it('of nothing is all zeros', async () => {
    const { body } = await service.person().get('/v1/exceptions/summary');
    expect(body).toEqual(summaryOf([]));
    expect(body.byStatus).toEqual({ OPEN: 0, ASSIGNED: 0, PENDING_RESOLUTION: 0, RESOLVED: 0 });
  });

  it.each([
    ['limit=10', 'limit'],
    ['cursor=x', 'cursor'],
    ['sort_by=id', 'sort_by'],
    ['sort_order=asc', 'sort_order'],
    ['colour=red', 'colour'],
    ['status=CLOSED', 'status'],
    ['overdue=maybe', 'overdue'],
    ['date_from=yesterday', 'date_from'],
  ])('refuses %s by name', async (query, name) => {
    const { status, body } = await summary(query);
    expect([status, body.title, Object.keys(body.details.fields)]).toEqual([400, 'invalid_request', [name]]);
  });

  it('needs the scope to see exceptions', async () => {
    const blind = service.person({ tenant: ana.tenant, scopes: ['dispute:read'] });
    expect((await blind.get('/v1/exceptions/summary')).status).toBe(403);
    expect((await service.send('GET', '/v1/exceptions/summary')).status).toBe(401);
  });
});
