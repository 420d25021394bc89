import { fromMinorUnits, minorUnits, adjustmentSortKeys, sortOrders } from '@redress/domain';
import { writeAdjustments } from '../support/adjustment-rows';
import { startTestApp, type Json, type Person, type TestApp } from '../support/app';
import { ownerOf, type Owner } from '../support/owner';

type Item = Record<string, Json>;

let service: TestApp;
let owner: Owner;
let ana: Person;
/** Every adjustment that `ana` can see, as it is to be shown. */
let posted: Item[];

const day = (i: number): string => new Date(Date.UTC(2026, 0, 1 + i, 12)).toISOString();
const amounts = [
  { currency: 'BRL', amount: '0.10' },
  { currency: 'BRL', amount: '0.20' },
  { currency: 'JPY', amount: '12' },
  { currency: 'BHD', amount: '0.001' },
  { currency: 'EUR', amount: '99999999999999999999.99' },
];

beforeAll(async () => {
  service = await startTestApp();
  owner = ownerOf(service.database.url);
  ana = service.person();
  const given = Array.from({ length: 60 }, (_, i) => ({
    ...amounts[i % amounts.length],
    direction: i % 3 ? 'DEBIT' : 'CREDIT',
    reason_code: i % 4 ? 'FEE_ADJUSTMENT' : 'FX, rounded',
    created_by: i % 7 ? 'ana@example.com' : 'bo@example.com',
    effective_at: day((i * 7) % 20),
    created_at: day(i % 10),
  }));
  const originals = await writeAdjustments(owner, ana.tenant, given);
  const reversals = await writeAdjustments(
    owner,
    ana.tenant,
    originals
      .filter((_, i) => i % 6 === 0)
      .map(({ id, exception_id, amount, currency, direction }) => ({
        ...{ exception_id, amount, currency, reverses: id, created_at: day(11), effective_at: day(11) },
        direction: direction === 'DEBIT' ? 'CREDIT' : 'DEBIT',
      })),
  );
  posted = [...originals, ...reversals].map((row) => {
    const by = reversals.find(({ reverses }) => reverses === row['id']);
    return {
      id: row['id'],
      exceptionId: row['exception_id'],
      amount: row['amount'],
      currency: row['currency'],
      direction: row['direction'],
      effectiveAt: row['effective_at'],
      reasonCode: row['reason_code'],
      notes: row['notes'],
      createdBy: row['created_by'],
      createdAt: row['created_at'],
      ...(row['reverses'] && { reverses: row['reverses'] }),
      ...(by && { reversedBy: by['id'] }),
    };
  });
}, 60_000);
afterAll(async () => {
  await owner.end();
  await service.close();
});

const list = (query = '', person = ana) => person.get(`/v1/adjustments?${query}`);
const idsOf = (items: readonly Item[]): string[] => items.map(({ id }) => id as string);

/** The totals of a ledger that adds up whole numbers of minor units. */
function totalsOf(items: readonly Item[]): Item[] {
  const sums = new Map<string, { count: number; sum: bigint }>();
  for (const { amount, currency, direction } of items) {
    const { count, sum } = sums.get(`${currency} ${direction}`) ?? { count: 0, sum: 0n };
    sums.set(`${currency} ${direction}`, { count: count + 1, sum: sum + minorUnits({ amount, currency }) });
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { count, sum }]) => {
      const [currency = '', direction] = key.split(' ');
      return { currency, direction, count, amount: fromMinorUnits(sum, currency).amount };
    });
}

async function walk(query: string, way: 'nextCursor' | 'prevCursor', from?: string): Promise<Item[]> {
  const pages: Item[] = [];
  for (let cursor = from; ;) {
    const { status, body } = await list(`${query}${cursor ? `&cursor=${cursor}` : ''}`);
    expect([status, body.hasMore]).toEqual([200, body[way] !== undefined]);
    pages.push(body);
    cursor = body[way];
    if (cursor === undefined) return pages;
  }
}

describe('the list of adjustments', () => {
  it('shows each as it was posted, with what it reverses and what reverses it', async () => {
    const { status, body } = await list('limit=200');
    expect(status).toBe(200);
    const byId = (a: Item, b: Item) => (a['id'] < b['id'] ? -1 : 1);
    expect([...body.items].sort(byId)).toEqual([...posted].sort(byId));
  });

  it('adds up, to the last digit, everything there is, once for all pages', async () => {
    const [first, ...others] = await walk('limit=25', 'nextCursor');
    expect(first!['totals']).toEqual(totalsOf(posted));
    expect(others.map(({ totals }) => totals)).toEqual([undefined, undefined]);
  });

  const noon = '2026-01-08T12:00:00.000Z';
  it.each<[string, (item: Item) => boolean]>([
    ['currency=BRL', (a) => a['currency'] === 'BRL'],
    ['currency=JPY,BHD', (a) => ['JPY', 'BHD'].includes(a['currency'])],
    ['direction=CREDIT', (a) => a['direction'] === 'CREDIT'],
    ['reason_code=%22FX,%20rounded%22', (a) => a['reasonCode'] === 'FX, rounded'],
    ['created_by=bo@example.com', (a) => a['createdBy'] === 'bo@example.com'],
    [`effective_from=${noon}`, (a) => a['effectiveAt'] >= noon],
    [`effective_before=${noon}`, (a) => a['effectiveAt'] < noon],
    [
      'effective_from=2026-01-05&effective_before=2026-01-08',
      (a) => /^2026-01-0[567]/.test(a['effectiveAt']),
    ],
    [`created_from=${noon}`, (a) => a['createdAt'] >= noon],
    ['created_before=2026-01-03', (a) => a['createdAt'] < '2026-01-03'],
    ['amount_min=0.2&amount_max=12', (a) => ['0.20', '12'].includes(a['amount'])],
    ['amount_min=99999999999999999999.99', (a) => a['currency'] === 'EUR'],
    ['amount_max=1e-3', (a) => a['amount'] === '0.001'],
    ['reversed=true', (a) => a['reversedBy'] !== undefined],
    ['reversed=false', (a) => a['reversedBy'] === undefined],
    ['reversal=true', (a) => a['reverses'] !== undefined],
    ['reversal=false&reversed=false', (a) => a['reverses'] === undefined && a['reversedBy'] === undefined],
    ['currency=CHF', () => false],
  ])('finds and adds up those with %s', async (query, fits) => {
    const expected = posted.filter(fits);
    const { status, body } = await list(`${query}&limit=200`);
    expect(status).toBe(200);
    expect(idsOf(body.items).sort()).toEqual(idsOf(expected).sort());
    expect(body.totals).toEqual(totalsOf(expected));
  });

  it('finds those of exceptions, as the exception shows them', async () => {
    const { exceptionId } = posted[0]!;
    const { body } = await list(`exception_id=${exceptionId}&sort_order=asc`);
    expect(body.items).toHaveLength(2);
    expect((await ana.get(`/v1/exceptions/${exceptionId}/adjustments`)).body.items).toEqual(body.items);
  });

  it.each(adjustmentSortKeys.flatMap((sort) => sortOrders.map((order) => [sort, order] as const)))(
    'walks by %s %s, forward and back, past each once',
    async (sort, order) => {
      const query = `sort_by=${sort}&sort_order=${order}&limit=17`;
      const field = { created_at: 'createdAt', effective_at: 'effectiveAt', id: 'id' }[sort];
      const expected = idsOf([...posted].sort((a, b) => compare([a[field], a['id']], [b[field], b['id']])));
      if (order === 'desc') expected.reverse();
      const forward = await walk(query, 'nextCursor');
      expect(forward.flatMap(({ items }) => idsOf(items))).toEqual(expected);
      const back = await walk(query, 'prevCursor', forward.at(-1)!['prevCursor']);
      expect(back.reverse().flatMap(({ items }) => idsOf(items))).toEqual(
        expected.slice(0, 17 * back.length),
      );
    },
  );

  it.each([
    'amount_min=x',
    'currency=brl',
    'direction=UP',
    'reversed=maybe',
    'sort_by=amount',
    'created_to=2026',
  ])('refuses %s by name', async (query) => {
    const name = query.split('=')[0]!;
    expect(await list(query)).toMatchObject({
      status: 400,
      body: { details: { fields: { [name]: expect.any(String) } } },
    });
  });

  it('shows another tenant nothing, not even in the totals', async () => {
    expect((await list('', service.person())).body).toEqual({
      items: [],
      limit: 20,
      hasMore: false,
      totals: [],
    });
  });

  it('needs not be sorted in any order', async () => {
    await owner.rows('SET enable_sort = off');
    for (const sort of adjustmentSortKeys) {
      const plan = await owner.rows(
        `EXPLAIN SELECT * FROM adjustment WHERE tenant_id = '${ana.tenant}' ORDER BY ${sort}, id LIMIT 21`,
      );
      expect([sort, JSON.stringify(plan)]).toEqual([sort, expect.not.stringContaining('Sort')]);
    }
  });
});

const compare = (a: readonly string[], b: readonly string[]): number => {
  const i = a.findIndex((value, at) => value !== b[at]);
  return i < 0 ? 0 : a[i]! < b[i]! ? -1 : 1;
};
