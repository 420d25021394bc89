import {
  disputeCategories,
  disputeLifecycle,
  disputeSortKeys,
  sortOrders,
  statuses,
  type DisputeSortKey,
} from '@redress/domain';
import { disputeCategory, disputeState } from '../../libs/typeorm/src/reads/ranks';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Json, type Person, type TestApp } from '../support/app';
import { ownerOf, type Owner } from '../support/owner';

type Item = Record<string, Json>;

let service: TestApp;
let owner: Owner;
let ana: Person;
/** Every dispute that `ana` can see. */
let disputes: Item[];

beforeAll(async () => {
  service = await startTestApp();
  owner = ownerOf(service.database.url);
  ana = service.person();
  await furnish();
}, 60_000);
afterAll(async () => {
  await owner.end();
  await service.close();
});

/** A dispute of every category for each of a few exceptions, opened by two people, in three states, over ten days. */
async function furnish(): Promise<void> {
  const bo = service.person({ tenant: ana.tenant, actor: 'bo, the second' });
  for (let i = 0; i < 8; i++) {
    const { id } = await ana.raise();
    for (const [j, category] of disputeCategories.entries()) {
      const person = (i + j) % 3 ? ana : bo;
      const { status, body } = await person.post(`/v1/exceptions/${id}/disputes`, {
        category,
        description: 'The bank is wrong.',
        draft: i % 4 === 0,
      });
      expect(status).toBe(201);
      const at = new Date(Date.UTC(2026, 0, 1 + ((i + j) % 10), 12));
      await owner.rows(
        `UPDATE dispute SET state = $2, created_at = $3, updated_at = $3::timestamptz + $4 * interval '1 day' WHERE id = $1`,
        [body.id, j === 1 ? 'WON' : body.state, at, (i * j) % 7],
      );
      await addEvidence(body.id, (i * j) % 3);
    }
  }
  const ids = await owner.rows('SELECT id FROM dispute');
  const found = await Promise.all(ids.map(({ id }) => ana.get(`/v1/disputes/${id}`)));
  disputes = found.map(({ body: { evidence, allowedActions: _, ...rest } }) => ({
    ...rest,
    evidenceCount: evidence.length,
  }));
}

async function addEvidence(disputeId: string, count: number): Promise<void> {
  for (let k = 0; k < count; k++) {
    await owner.rows(
      `INSERT INTO evidence (tenant_id, id, dispute_id, comment, submitted_by, submitted_at)
       VALUES ($1, $2, $3, 'A statement.', 'ana@example.com', now())`,
      [ana.tenant, newId(), disputeId],
    );
  }
}

const list = (query = '', person = ana) => person.get(`/v1/disputes?${query}`);
const idsOf = (items: readonly Item[]): string[] => items.map(({ id }) => id as string);

async function walk(query: string, way: 'nextCursor' | 'prevCursor', from?: string, between?: () => unknown) {
  const pages: Item[] = [];
  for (let cursor = from; ;) {
    const { status, body } = await list(`${query}${cursor ? `&cursor=${cursor}` : ''}`);
    expect([status, body.hasMore]).toEqual([200, body[way] !== undefined]);
    pages.push(body);
    cursor = body[way];
    if (cursor === undefined) return pages;
    await between?.();
  }
}

describe('the list of disputes', () => {
  it('shows them as they are read one by one, but for the evidence, which it counts', async () => {
    const { status, body } = await list('limit=200');
    expect(status).toBe(200);
    expect(body).toMatchObject({ limit: 200, hasMore: false });
    expect(new Map(body.items.map((item: Item) => [item['id'], item]))).toEqual(
      new Map(disputes.map((dispute) => [dispute['id'], dispute])),
    );
    expect(new Set(body.items.map((item: Item) => item['evidenceCount']))).toEqual(new Set([0, 1, 2]));
  });

  it('begins with the newest, twenty at a time', async () => {
    const { body } = await list();
    const times = body.items.map(({ createdAt }: Item) => createdAt);
    expect(times).toEqual([...times].sort().reverse());
    expect([body.limit, body.items.length, body.hasMore]).toEqual([20, 20, true]);
  });

  const day = (text: string) => (item: Item) => item['createdAt'].slice(0, 10) === text;
  it.each<[query: string, chosen: (item: Item) => boolean]>([
    ['state=WON', ({ state }) => state === 'WON'],
    ['state=OPEN,DRAFT', ({ state }) => ['OPEN', 'DRAFT'].includes(state)],
    ['state=OPEN&state=WON', ({ state }) => ['OPEN', 'WON'].includes(state)],
    ['category=OTHER', ({ category }) => category === 'OTHER'],
    ['category=AMOUNT_MISMATCH,OTHER', ({ category }) => ['AMOUNT_MISMATCH', 'OTHER'].includes(category)],
    ['opened_by=ana@example.com', ({ openedBy }) => openedBy === 'ana@example.com'],
    ['opened_by="bo, the second"', ({ openedBy }) => openedBy === 'bo, the second'],
    ['date_from=2026-01-03&date_to=2026-01-03', day('2026-01-03')],
    ['date_from=2026-01-03T12:00:00Z', ({ createdAt }) => createdAt >= '2026-01-03T12:00:00.000Z'],
    ['date_from=2026-01-03T12:00:00.001Z', ({ createdAt }) => createdAt > '2026-01-03T12:00:00.000Z'],
    ['date_to=2026-01-03T12:00:00Z', ({ createdAt }) => createdAt <= '2026-01-03T12:00:00.000Z'],
    ['state=OPEN&category=OTHER', ({ state, category }) => state === 'OPEN' && category === 'OTHER'],
  ])('takes the filter %s', async (query, chosen) => {
    const { status, body } = await list(`limit=200&${query}`);
    expect(status).toBe(200);
    expect(body.items.length).toBeGreaterThan(0);
    expect(idsOf(body.items).sort()).toEqual(idsOf(disputes.filter(chosen)).sort());
  });

  it('takes the filter exception_id', async () => {
    const [first, other] = [...new Set(disputes.map(({ exceptionId }) => exceptionId as string))];
    const { body } = await list(`limit=200&exception_id=${first},${other!.toUpperCase()}`);
    const chosen = disputes.filter(({ exceptionId }) => [first, other].includes(exceptionId));
    expect(idsOf(body.items).sort()).toEqual(idsOf(chosen).sort());
    expect((await list(`exception_id=${newId()}`)).body).toEqual({ items: [], limit: 20, hasMore: false });
  });

  const keys: Readonly<Record<DisputeSortKey, (item: Item) => unknown>> = {
    created_at: (item) => item['createdAt'],
    updated_at: (item) => item['updatedAt'],
    state: (item) => statuses(disputeLifecycle).indexOf(item['state']),
    category: (item) => disputeCategories.indexOf(item['category']),
    id: (item) => item['id'],
  };
  it.each(disputeSortKeys.flatMap((sort) => sortOrders.map((order) => [sort, order] as const)))(
    'walks by %s %s, forward and back, and shows each once',
    async (sort, order) => {
      const query = `limit=7&sort_by=${sort}&sort_order=${order}`;
      const keyOf = (item: Item) => `${String(keys[sort](item))} ${item['id']}`;
      const sorted = [...disputes].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      if (order === 'desc') sorted.reverse();
      const forward = await walk(query, 'nextCursor');
      expect(idsOf(forward.flatMap(({ items }) => items))).toEqual(idsOf(sorted));
      const back = await walk(query, 'prevCursor', forward.at(-1)!['prevCursor']);
      expect(idsOf(back.reverse().flatMap(({ items }) => items))).toEqual(
        idsOf(sorted.slice(0, -forward.at(-1)!['items'].length)),
      );
    },
  );

  it('shows each once while others are being opened', async () => {
    const before = idsOf((await list('limit=200')).body.items);
    const pages = await walk('limit=5', 'nextCursor', undefined, async () => {
      const { id } = await ana.raise();
      await ana.post(`/v1/exceptions/${id}/disputes`, { category: 'OTHER', description: 'Another one.' });
    });
    expect(idsOf(pages.flatMap(({ items }) => items))).toEqual(before);
  });

  it.each([
    ['colour=red', 'colour'],
    ['state=CLOSED', 'state'],
    ['state=', 'state'],
    ['category=fraud', 'category'],
    ['exception_id=RECON-1', 'exception_id'],
    ['opened_by=%20', 'opened_by'],
    [`opened_by=${'x'.repeat(256)}`, 'opened_by'],
    ['date_from=yesterday', 'date_from'],
    ['date_to=2026-13-01', 'date_to'],
    ['sort_by=evidence', 'sort_by'],
    ['sort_order=up', 'sort_order'],
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=5&limit=6', 'limit'],
    ['cursor=x', 'cursor'],
    ['status=OPEN', 'status'],
  ])('refuses %s by name', async (query, name) => {
    const { status, body } = await list(query);
    expect([status, body.title, Object.keys(body.details.fields)]).toEqual([400, 'invalid_request', [name]]);
  });

  it('takes no cursor of another query, nor of another tenant', async () => {
    const { nextCursor } = (await list('limit=5')).body;
    const eve = service.person();
    expect((await list(`limit=5&cursor=${nextCursor}`)).status).toBe(200);
    for (const [query, person] of [
      ['state=OPEN&', ana],
      ['sort_by=id&', ana],
      ['sort_order=asc&', ana],
      ['', eve],
    ] as const)
      expect((await list(`limit=5&${query}cursor=${nextCursor}`, person)).status).toBe(400);
    expect((await ana.get(`/v1/exceptions?limit=5&cursor=${nextCursor}`)).status).toBe(400);
  });

  it('shows nothing of another tenant', async () => {
    const eve = service.person();
    const [{ exceptionId }] = disputes as [Item];
    for (const query of ['', `exception_id=${exceptionId}`])
      expect((await list(query, eve)).body).toEqual({ items: [], limit: 20, hasMore: false });
  });

  it('needs the scope to see disputes', async () => {
    const blind = service.person({ tenant: ana.tenant, scopes: ['exception:read', 'dispute:write'] });
    expect((await list('', blind)).status).toBe(403);
    expect((await service.send('GET', '/v1/disputes')).status).toBe(401);
  });

  it('reads a page in any order from an index', async () => {
    await owner.rows(
      `INSERT INTO dispute (tenant_id, id, exception_id, version, state, category, description, opened_by, created_at, updated_at)
       SELECT tenant_id, gen_random_uuid(), exception_id, 1, 'WON', category, description, opened_by,
         created_at + n * interval '1 s', updated_at + n * interval '1 s' FROM dispute, generate_series(1, 100) n`,
    );
    await owner.rows('ANALYZE dispute');
    const ranks = { state: disputeState.rank, category: disputeCategory.rank };
    for (const sort of disputeSortKeys) {
      const expression = sort === 'state' || sort === 'category' ? ranks[sort] : sort;
      const plan = await owner.rows(
        `EXPLAIN SELECT * FROM dispute WHERE tenant_id = '${ana.tenant}' ORDER BY ${expression}, id LIMIT 21`,
      );
      expect([sort, JSON.stringify(plan)]).toEqual([sort, expect.stringContaining('Index Scan')]);
    }
  });
});
