import { ndjson, unwrap, type Client, type Options, type Value } from '@redress/client';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type TestApp } from '../support/app';

/* Reading a long list as a program does, while others go on writing. */

let service: TestApp;
beforeAll(async () => {
  service = await startTestApp();
}, 60_000);
afterAll(() => service.close());

type Query = NonNullable<NonNullable<Options<'get', '/v1/exceptions'>>['query']>;
type Page = Value<'get', '/v1/exceptions'>;

const severities = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];
const some = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    transactionId: newId(),
    reason: 'Missing in ledger',
    severity: severities[i % 4],
    ...(i % 3 && { amount: i % 50, currency: 'JPY' }),
  }));

async function reported(desk: Client, reports: readonly { transactionId: string }[]): Promise<void> {
  const type = 'application/x-ndjson';
  const done = unwrap(await desk.upload('/v1/exceptions/import', ndjson(reports), { type }));
  expect(done).toMatchObject({ raised: reports.length });
}

const sorts: readonly Query[] = [
  { sort_by: 'created_at', sort_order: 'desc' },
  { sort_by: 'created_at', sort_order: 'asc' },
  { sort_by: 'severity', sort_order: 'desc' },
  { sort_by: 'amount', sort_order: 'asc' },
];

describe('walking while others write', () => {
  it.each(sorts)(
    'by $sort_by $sort_order shows each of the first thousand once, forward and back',
    async (sort) => {
      const desk = await service.client(service.person());
      const first = some(1000);
      await reported(desk, first);
      const wanted = first.map(({ transactionId }) => transactionId).sort();
      const known = new Set(wanted);
      const seen = (pages: readonly Page[]) =>
        pages
          .flatMap(({ items }) => items.map(({ transactionId }) => transactionId))
          .filter((id) => known.has(id));
      const query = { ...sort, limit: 100 };

      const forward: Page[] = [];
      for await (const page of desk.pages('/v1/exceptions', { query })) {
        forward.push(page);
        if (forward.length <= 10) await reported(desk, some(10));
      }
      expect(seen(forward).sort()).toEqual(wanted);

      const last = forward.at(-1)!;
      const back: Page[] = [];
      for await (const page of desk.pages('/v1/exceptions', {
        query: { ...query, cursor: last.prevCursor },
        backward: true,
      })) {
        back.push(page);
        if (back.length <= 10) await reported(desk, some(10));
      }
      expect([...seen(back), ...seen([last])].sort()).toEqual(wanted);

      const all = new Set<string>();
      for await (const { id } of desk.items('/v1/exceptions', { query })) all.add(id);
      expect(all.size).toBe(1200);
    },
    120_000,
  );

  it('is refused in an order there is none', async () => {
    const desk = await service.client(service.person());
    const query = { sort_by: 'colour' as 'id' };
    expect(await desk.get('/v1/exceptions', { query })).toMatchObject({
      ok: false,
      refusal: {
        status: 400,
        title: 'invalid_request',
        details: { fields: { sort_by: expect.any(String) } },
      },
    });
  });
});
