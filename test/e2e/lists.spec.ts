import fc from 'fast-check';
import {
  ExceptionDesk,
  exceptionLifecycle,
  severities,
  statuses,
  exceptionSortKeys,
  sortOrders,
  textKey,
  type DeskStore,
} from '@redress/domain';
import { newId } from '../../apps/api/src/ids';
import { STORE } from '../../apps/api/src/storage/storage.module';
import { startTestApp, type Answer, type Person, type TestApp } from '../support/app';

type Item = Record<string, Answer['body']>;
type Query = Readonly<Record<string, string | readonly string[]>>;

let service: TestApp;
let ana: Person;
/** Everything that `ana` can see, read one by one. */
let rows: Item[];

beforeAll(async () => {
  service = await startTestApp();
  ana = service.person();
  rows = await furnish(ana, 300);
}, 120_000);
afterAll(() => service.close());

const inAYear = new Date(Date.now() + 365 * 86_400_000);

const pick = <T>(values: readonly T[], i: number): T => values[i % values.length]!;

const currencies = ['BRL', 'JPY', 'BHD', 'EUR', 'CLF'] as const;
const amounts = {
  BRL: '1000.00',
  JPY: '1000',
  BHD: '-0.001',
  EUR: '99999999999999999999.99',
  CLF: '12.3456',
};
const reasons = [
  'Amount mismatch detected',
  'Fee, variance "above" tolerance',
  'fee of 100% in_ledger',
  'Missing in ledger \\ bank',
  'Ação já paga',
] as const;
const sources = ['bank:atlantico', 'gateway, card', 'ledger:main'] as const;
const people = ['ana@example.com', 'bo, the second', 'BO'] as const;
const dues = [
  '2026-01-31T23:59:59.999Z',
  '2026-02-01T00:00:00.000Z',
  '2026-02-01T23:59:59.999Z',
  '2126-02-28T12:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
] as const;

async function importAll(person: Person, reports: readonly object[]): Promise<void> {
  const raw = reports.map((report) => `${JSON.stringify(report)}\n`).join('');
  const { body } = await person.send('POST', '/v1/exceptions/import', {
    headers: { 'content-type': 'application/x-ndjson' },
    raw,
  });
  expect(body).toMatchObject({ raised: reports.length });
}

/** So many exceptions of every kind, in every status. Cycles of different length make combinations differ. */
async function furnish(person: Person, count: number): Promise<Item[]> {
  const ids: string[] = [];
  const reports = Array.from({ length: count }, (_, i) => {
    const currency = pick(currencies, i);
    return {
      transactionId: newId(),
      reason: pick(reasons, Math.floor(i / 2)),
      ...(i % 7 && { severity: pick(severities, i) }),
      ...(i % 4 && { amount: i % 9 ? amounts[currency] : String(i), currency }),
      ...(i % 3 && { source: pick(sources, Math.floor(i / 3)) }),
      ...(i % 6 && { dueAt: pick(dues, Math.floor(i / 5)) }),
    };
  });
  for (let at = 0; at < count; at += 60) await importAll(person, reports.slice(at, at + 60));
  for (const report of reports) {
    const { body } = await person.get(`/v1/exceptions?transaction_id=${report.transactionId}`);
    expect(body.items).toMatchObject([report.amount === undefined ? {} : { currency: report.currency }]);
    ids.push(body.items[0].id as string);
  }
  for (const [i, id] of ids.entries()) {
    const give = (path: string, body: object) => person.post(`/v1/exceptions/${id}/${path}`, body);
    if (i % 5 < 2) await give('assign', { assignee: pick(people, i) });
    if (i % 8 === 3) await give('dispatch', { targetSystem: 'MANUAL' });
    if (i % 10 === 4)
      await give('force-match', { overrideReason: 'Business_Decision', notes: 'Seen by FINANCE 100%' });
    if (i % 10 === 9) await give('resolve', { resolution: 'Accepted', reason: 'within TOLERANCE' });
  }
  // A year later some of the dispatches have no answer.
  const { uow, clock } = { uow: service.app.get<DeskStore>(STORE).desk, clock: () => inAYear };
  const late = new ExceptionDesk({ uow, clock, newId });
  for (const [i, id] of ids.entries()) if (i % 16 === 3) await late.meetDeadline(person.tenant, id);
  const found = await Promise.all(ids.map((id) => person.get(`/v1/exceptions/${id}`)));
  return found.map(({ body: { allowedActions: _, ...item } }) => item);
}

const queryOf = (query: Query): string =>
  Object.entries(query)
    .flatMap(([name, value]) => [value].flat().map((one) => `${name}=${encodeURIComponent(one)}`))
    .join('&');

const list = (person: Person, query: Query) => person.get(`/v1/exceptions?${queryOf(query)}`);

type Way = 'nextCursor' | 'prevCursor';

/** Pages from this one on, in one direction. */
async function walk(
  person: Person,
  path: string,
  query: Query,
  way: Way,
  from?: string,
  between?: () => unknown,
) {
  const pages: {
    items: Item[];
    nextCursor?: string;
    prevCursor?: string;
    hasMore: boolean;
    limit: number;
  }[] = [];
  for (let cursor = from; ;) {
    const { status, body } = await person.get(`${path}?${queryOf({ ...query, ...(cursor && { cursor }) })}`);
    expect([status, body.title]).toEqual([200, undefined]);
    pages.push(body);
    cursor = body[way] as string | undefined;
    expect([way, body.hasMore]).toEqual([way, cursor !== undefined]);
    if (cursor === undefined) return pages;
    await between?.();
  }
}

const idsOf = (items: readonly Item[]): string[] => items.map(({ id }) => id as string);

describe('filters', () => {
  /** Ten thousandths, which every currency here can be counted in. */
  const units = (amount: string): bigint => {
    const [whole = '', fraction = ''] = amount.split('.');
    return BigInt(whole + fraction.padEnd(4, '0'));
  };
  const exponents = (text: string): string => (text === '1e3' ? '1000' : text);
  const dayStart = (text: string): string =>
    text.length === 10 ? `${text}T00:00:00.000Z` : new Date(text).toISOString();
  const dayEnd = (text: string): string =>
    text.length === 10 ? `${text}T23:59:59.999Z` : new Date(text).toISOString();
  const has = (field: string) => (item: Item, values: readonly string[]) =>
    values.includes(item[field] as string);

  /** What each filter means, said once more and without SQL. Times and names compare as text. */
  const oracle: Record<string, (item: Item, values: readonly string[]) => boolean> = {
    status: has('status'),
    severity: has('severity'),
    assigned_to: has('assignedTo'),
    pending: has('pending'),
    pending_since: (item, [since = '']) => 'pendingSince' in item && item['pendingSince'] <= dayEnd(since),
    flagged: (item, [yes]) => 'flaggedAt' in item === (yes === 'true'),
    external_system: has('externalSystem'),
    reason: (item, values) => values.some((value) => textKey(value) === textKey(item['reason'] as string)),
    source: has('source'),
    currency: has('currency'),
    transaction_id: (item, values) => values.some((value) => value.toLowerCase() === item['transactionId']),
    unassigned: (item, [yes]) => (item['assignedTo'] === undefined) === (yes === 'true'),
    overdue: (item, [yes]) =>
      (item['status'] !== 'RESOLVED' && item['dueAt'] < new Date().toISOString()) === (yes === 'true'),
    date_from: (item, [from = '']) => item['createdAt'] >= dayStart(from),
    date_to: (item, [to = '']) => item['createdAt'] <= dayEnd(to),
    due_from: (item, [from = '']) => item['dueAt'] >= dayStart(from),
    due_to: (item, [to = '']) => item['dueAt'] <= dayEnd(to),
    amount_min: (item, [min = '']) => 'amount' in item && units(item['amount']) >= units(exponents(min)),
    amount_max: (item, [max = '']) => 'amount' in item && units(item['amount']) <= units(exponents(max)),
    q: (item, [words = '']) =>
      words
        .trim()
        .split(/\s+/)
        .every((word) =>
          [item['reason'], item['resolutionReason'], item['resolutionNotes']].some((text?: string) =>
            text?.toLowerCase().includes(word.toLowerCase()),
          ),
        ),
  };

  const quoted = (value: string): string => (/[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  /** Each is tried alone, and drawn from when they are combined. A list of lists is sent in one parameter. */
  const samples: Record<string, readonly (string | readonly string[])[]> = {
    status: [...statuses(exceptionLifecycle), ['OPEN', 'RESOLVED'], ['ASSIGNED', 'PENDING_RESOLUTION']],
    severity: [...severities, ['LOW', 'CRITICAL']],
    assigned_to: [...people, [people[1], people[2]], 'nobody'],
    pending: ['external', 'ledger', ['external', 'approval']],
    pending_since: ['2020-01-01', '2120-01-01', '2120-01-01T00:00:00Z'],
    flagged: ['true', 'false'],
    external_system: ['MANUAL', 'JIRA', ['MANUAL', 'WEBHOOK']],
    reason: [...reasons, [reasons[1], reasons[2]], 'amount mismatch detected'],
    source: [...sources, [sources[0], sources[1]]],
    currency: [...currencies, ['JPY', 'BHD'], 'USD'],
    unassigned: ['true', 'false'],
    overdue: ['true', 'false'],
    date_from: ['2020-01-01', '2120-01-01', new Date(0).toISOString()],
    date_to: ['2020-01-01', '2120-01-01', '9999-12-31', '9999-12-31T23:59:59.999Z'],
    due_from: ['2026-02-01', '2026-01-31', ...dues, '2026-02-01T02:59:59.999+03:00'],
    due_to: ['2026-02-01', '2026-01-31', ...dues, '2026-01-31T20:59:59.999-03:00'],
    amount_min: ['1000', '1e3', '0', '-0.001', '-0.0011', '99999999999999999999.99', '12.3456'],
    amount_max: ['1000', '1e3', '0', '-0.001', '12.3455', '99999999999999999999.98'],
    q: [
      'mismatch',
      'FEE',
      'fee tolerance',
      '100%',
      '%',
      '_',
      'in_ledger',
      'inxledger',
      '\\',
      'b',
      ' finance\t100% ',
      'paga',
    ],
  };
  const sent = (sample: string | readonly string[]): string => [sample].flat().map(quoted).join();
  const isList = new Set([
    'status',
    'severity',
    'assigned_to',
    'pending',
    'external_system',
    'reason',
    'source',
    'currency',
  ]);
  const given = (name: string, sample: string | readonly string[]): string =>
    isList.has(name) ? sent(sample) : [sample].flat().join();

  const expectedIds = (query: Readonly<Record<string, string | readonly string[]>>): string[] =>
    idsOf(
      rows.filter((item) =>
        Object.entries(query).every(([name, value]) => oracle[name]!(item, [value].flat())),
      ),
    );

  async function answered(query: Query): Promise<string[]> {
    const pages = await walk(ana, '/v1/exceptions', { ...query, limit: '200' }, 'nextCursor');
    return idsOf(pages.flatMap(({ items }) => items));
  }

  it('have exceptions of every kind to tell apart', () => {
    expect(rows).toHaveLength(300);
    for (const [name, values] of Object.entries(samples)) {
      const sizes = values.map((sample) => expectedIds({ [name]: sample }).length);
      // A filter that lets everything pass, or nothing, for each of its samples would prove nothing.
      expect([name, new Set(sizes).size > 1]).toEqual([name, true]);
    }
  });

  it.each(
    Object.entries(samples).flatMap(([name, values]) => values.map((sample) => [name, sample] as const)),
  )('%s=%s, alone', async (name, sample) => {
    const found = await answered({ [name]: given(name, sample) });
    expect(found.sort()).toEqual(expectedIds({ [name]: sample }).sort());
  });

  it.each(['createdAt', 'dueAt'])('by the very millisecond of %s', async (field) => {
    const [from, to] = field === 'createdAt' ? ['date_from', 'date_to'] : ['due_from', 'due_to'];
    for (const item of [rows[0]!, rows[70]!, rows[299]!]) {
      const query = { [from]: item[field], [to]: item[field] };
      expect((await answered(query)).sort()).toEqual(expectedIds(query).sort());
      expect(expectedIds(query)).toContain(item['id']);
    }
  });

  it('by transaction, in either letter case, several at once', async () => {
    const wanted = [rows[3]!, rows[200]!, rows[299]!];
    const text = wanted.map(({ transactionId }) => transactionId.toUpperCase() as string).join();
    expect((await answered({ transaction_id: text })).sort()).toEqual(idsOf(wanted).sort());
    expect(await answered({ transaction_id: newId() })).toEqual([]);
  });

  it('take several values repeated, separated by commas, or both', async () => {
    const wanted = expectedIds({ status: ['OPEN', 'ASSIGNED', 'RESOLVED'] }).sort();
    for (const status of [
      ['OPEN', 'ASSIGNED', 'RESOLVED'],
      ['OPEN,ASSIGNED,RESOLVED'],
      ['OPEN', 'ASSIGNED,RESOLVED'],
    ])
      expect((await answered({ status })).sort()).toEqual(wanted);
    const people = ['"bo, the second"', 'ana@example.com,BO'];
    expect((await answered({ assigned_to: people })).sort()).toEqual(
      expectedIds({ assigned_to: ['ana@example.com', 'bo, the second', 'BO'] }).sort(),
    );
  });

  it('in any combination', async () => {
    const combination = fc.record(
      Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, fc.constantFrom(...values)])),
      { requiredKeys: [] },
    );
    let found = 0;
    await fc.assert(
      fc.asyncProperty(
        combination.map(
          (all) => Object.fromEntries(Object.entries(all).slice(0, 4)) as Record<string, string | string[]>,
        ),
        fc.shuffledSubarray(Object.keys(samples), { maxLength: 3 }),
        async (few, names) => {
          const query = names.length
            ? Object.fromEntries(Object.entries(few).filter(([name]) => names.includes(name)))
            : few;
          const texts = Object.fromEntries(
            Object.entries(query).map(([name, sample]) => [name, given(name, sample)]),
          );
          const ids = (await answered(texts)).sort();
          found += ids.length > 0 && ids.length < rows.length ? 1 : 0;
          expect([query, ids]).toEqual([query, expectedIds(query).sort()]);
        },
      ),
      { numRuns: 250 },
    );
    expect(found).toBeGreaterThan(40);
  }, 120_000);
});

describe('order', () => {
  const rank: Record<string, (item: Item) => string | number | bigint> = {
    created_at: (item) => item['createdAt'],
    updated_at: (item) => item['updatedAt'],
    due_at: (item) => item['dueAt'],
    severity: (item) => severities.indexOf(item['severity']),
    status: (item) => statuses(exceptionLifecycle).indexOf(item['status']),
    // What has no amount comes before the least one.
    amount: (item) =>
      'amount' in item
        ? BigInt(
            item['amount'].replace(
              /^(-?\d+)\.?(\d*)$/,
              (_: string, a: string, b: string) => a + b.padEnd(4, '0'),
            ),
          )
        : -(10n ** 40n),
    id: (item) => item['id'],
  };
  const ordered = (sort: string, order: string): string[] => {
    const value = rank[sort]!;
    const up = [...rows].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      return x < y ? -1 : x > y ? 1 : a['id'] < b['id'] ? -1 : 1;
    });
    return idsOf(order === 'asc' ? up : up.reverse());
  };

  it.each(exceptionSortKeys.flatMap((sort) => sortOrders.map((order) => [sort, order] as const)))(
    'by %s %s, forward and back, shows each row once',
    async (sort, order) => {
      const wanted = ordered(sort, order);
      const query = { sort_by: sort, sort_order: order, limit: '37' };
      const forward = await walk(ana, '/v1/exceptions', query, 'nextCursor');
      expect(forward.flatMap(({ items }) => idsOf(items))).toEqual(wanted);
      expect(forward[0]!.prevCursor).toBeUndefined();
      const last = forward.at(-1)!;
      const back = await walk(ana, '/v1/exceptions', query, 'prevCursor', last.prevCursor);
      const before = back.reverse().flatMap(({ items }) => idsOf(items));
      expect([...before, ...idsOf(last.items)]).toEqual(wanted);
      // From where the way back ended, forward again.
      const again = await walk(ana, '/v1/exceptions', query, 'nextCursor', back[0]!.nextCursor);
      expect([...idsOf(back[0]!.items), ...again.flatMap(({ items }) => idsOf(items))]).toEqual(wanted);
    },
  );

  it('is newest first when nothing is said, twenty at a time', async () => {
    const { body } = await ana.get('/v1/exceptions');
    expect([body.limit, body.hasMore, idsOf(body.items)]).toEqual([
      20,
      true,
      ordered('created_at', 'desc').slice(0, 20),
    ]);
  });

  it.each([
    ['1', 1],
    ['200', 200],
  ])('has pages of %s', async (limit, size) => {
    const { body } = await list(ana, { limit });
    expect([body.limit, body.items.length]).toEqual([size, size]);
    const next = await list(ana, { limit, cursor: body.nextCursor });
    expect(idsOf(next.body.items)).toEqual(ordered('created_at', 'desc').slice(size, 2 * size));
  });

  it('keeps its place when the size of the pages changes', async () => {
    const { body } = await list(ana, { limit: '3' });
    const next = await list(ana, { limit: '5', cursor: body.nextCursor });
    expect(idsOf(next.body.items)).toEqual(ordered('created_at', 'desc').slice(3, 8));
  });

  it('has no other page around a list that fits into one', async () => {
    const { body } = await list(ana, { transaction_id: rows[0]!['transactionId'] });
    expect(body).toEqual({ items: [rows[0]], limit: 20, hasMore: false });
    expect((await list(ana, { source: 'nowhere' })).body).toEqual({ items: [], limit: 20, hasMore: false });
  });
});

describe('a query that is wrong', () => {
  it.each([
    ['colour=red', 'colour'],
    ['Status=OPEN', 'Status'],
    ['status[]=OPEN', 'status[]'],
    ['__proto__=x', '__proto__'],
    ['constructor=x', 'constructor'],
    ['offset=5', 'offset'],
    ['status=CLOSED', 'status'],
    ['status=open', 'status'],
    ['status=OPEN,CLOSED', 'status'],
    ['status=', 'status'],
    ['severity=URGENT', 'severity'],
    ['external_system=FAX', 'external_system'],
    ['pending=nobody', 'pending'],
    ['pending_since=soon', 'pending_since'],
    ['flagged=1', 'flagged'],
    ['currency=eur', 'currency'],
    ['transaction_id=1', 'transaction_id'],
    ['unassigned=yes', 'unassigned'],
    ['unassigned=true&unassigned=true', 'unassigned'],
    ['overdue=1', 'overdue'],
    ['date_from=yesterday', 'date_from'],
    ['date_to=2026-02-30', 'date_to'],
    ['due_from=2026-02-01T00:00:00', 'due_from'],
    ['due_to=2026', 'due_to'],
    ['amount_min=lots', 'amount_min'],
    ['amount_min=1,5', 'amount_min'],
    ['amount_max=1e999999', 'amount_max'],
    ['amount_max=NaN', 'amount_max'],
    ['q=', 'q'],
    ['q=%00', 'q'],
    [`q=${'x'.repeat(256)}`, 'q'],
    ['q=a+b+c+d+e+f+g+h+i+j+k', 'q'],
    ['sort_by=reason', 'sort_by'],
    ['sort_by=created_at,id', 'sort_by'],
    ['sort_order=up', 'sort_order'],
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1.5', 'limit'],
    [`reason=${Array.from({ length: 101 }, (_, i) => i).join()}`, 'reason'],
    ['cursor=x', 'cursor'],
    [`cursor=${'A'.repeat(2000)}`, 'cursor'],
  ])('%s is refused by name', async (query, name) => {
    const { status, body } = await ana.get(`/v1/exceptions?${query}`);
    expect([status, body.title, Object.keys(body.details?.fields ?? {})]).toEqual([
      400,
      'invalid_request',
      [name],
    ]);
    expect(body.message).toContain(name);
  });

  it.each(['reason=%zz', 'q=%', 'source=%ff', 'reason=a&q=%e2%28%a1'])(
    'cannot be decoded, and chooses nothing else: %s',
    async (query) => {
      for (const path of ['/v1/exceptions', '/v1/exceptions/export', '/v1/exceptions/summary']) {
        const { status, body } = await ana.get(`${path}?${query}`);
        const name = /(\w+)=[^&]*%/.exec(query)![1];
        expect([status, Object.keys(body.details.fields)]).toEqual([400, [name]]);
      }
      expect((await ana.get('/v1/exceptions?reason=100%25')).status).toBe(200);
    },
  );

  it('may leave empty what pages are made with: the default is taken', async () => {
    const { status, body } = await ana.get('/v1/exceptions?cursor=&limit=&sort_by=&sort_order=');
    expect([status, body]).toEqual([200, (await ana.get('/v1/exceptions')).body]);
  });

  it('is told all that is wrong at once', async () => {
    const { body } = await ana.get('/v1/exceptions?limit=0&colour=red&severity=LOW');
    expect(Object.keys(body.details.fields).sort()).toEqual(['colour', 'limit']);
  });

  it.each([
    'amount_min=1e99',
    'amount_max=-1e-99',
    'date_to=9999-12-31T23:59:59.999Z',
    'date_from=0001-01-01',
  ])('%s is unusual, but not wrong', async (query) => {
    expect((await ana.get(`/v1/exceptions?${query}`)).status).toBe(200);
  });

  it('does not take the cursor of another query, of another tenant, or a forged one', async () => {
    const query = { sort_by: 'due_at', status: 'OPEN', limit: '5' };
    const { nextCursor } = (await list(ana, query)).body;
    const refused = async (person: Person, path: string, cursor: string) => {
      const { status, body } = await person.get(
        `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`,
      );
      return [status, Object.keys(body.details?.fields ?? {})];
    };
    const same = `/v1/exceptions?${queryOf(query)}`;
    expect(await refused(ana, same, nextCursor)).toEqual([200, []]);
    const no = [400, ['cursor']];
    for (const other of [
      { ...query, sort_by: 'id' },
      { ...query, sort_order: 'asc' },
      { ...query, status: 'ASSIGNED' },
      { ...query, q: 'fee' },
      { sort_by: 'due_at' },
    ])
      expect([other, await refused(ana, `/v1/exceptions?${queryOf(other)}`, nextCursor)]).toEqual([
        other,
        no,
      ]);
    expect(await refused(ana, `/v1/exceptions/${rows[0]!['id']}/history`, nextCursor)).toEqual(no);
    expect(await refused(service.person(), same, nextCursor)).toEqual(no);
    for (let at = 0; at < nextCursor.length; at++) {
      const forged =
        nextCursor.slice(0, at) + (nextCursor[at] === 'A' ? 'B' : 'A') + nextCursor.slice(at + 1);
      expect([at, await refused(ana, same, forged)]).toEqual([at, no]);
    }
    for (const forged of [`${nextCursor}A`, nextCursor.slice(0, -1), `${nextCursor}=`, ` ${nextCursor}`])
      expect([forged, await refused(ana, same, forged)]).toEqual([forged, no]);
  });
});

describe('a history', () => {
  let id: string;
  beforeAll(async () => {
    id = (await ana.raise()).id;
    for (let i = 0; i < 24; i++) await ana.post(`/v1/exceptions/${id}/assign`, { assignee: `person ${i}` });
  }, 60_000);
  const seqs = (pages: readonly { items: Item[] }[]) =>
    pages.map(({ items }) => items.map(({ seq }) => seq as number));

  it.each([
    ['asc', [1, 25]],
    ['desc', [25, 1]],
  ])('is paged %s, forward and back', async (order, [first, last]) => {
    const path = `/v1/exceptions/${id}/history`;
    const query = { sort_order: order, limit: '4' };
    const forward = await walk(ana, path, query, 'nextCursor');
    const lines = seqs(forward).flat();
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([25, first, last]);
    expect(lines).toEqual([...lines].sort((a, b) => (order === 'asc' ? a - b : b - a)));
    const end = forward.at(-1)!;
    const back = await walk(ana, path, query, 'prevCursor', end.prevCursor);
    expect([...seqs(back.reverse()).flat(), ...seqs([end]).flat()]).toEqual(lines);
  });

  it('is oldest first unless asked otherwise, and chained without a gap', async () => {
    const { body } = await ana.get(`/v1/exceptions/${id}/history?limit=200`);
    expect(body.items.map(({ seq }: Item) => seq)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    const hashes = body.items.map(({ hash }: Item) => hash);
    expect(body.items.map(({ prevHash }: Item) => prevHash)).toEqual([
      '0'.repeat(64),
      ...hashes.slice(0, -1),
    ]);
  });

  it.each([
    ['limit=0', 'limit'],
    ['sort_by=seq', 'sort_by'],
    ['sort_order=down', 'sort_order'],
  ])('refuses %s by name', async (query, name) => {
    const { status, body } = await ana.get(`/v1/exceptions/${id}/history?${query}`);
    expect([status, Object.keys(body.details.fields)]).toEqual([400, [name]]);
  });

  it('does not take the cursor of another history', async () => {
    const { nextCursor } = (await ana.get(`/v1/exceptions/${id}/history?limit=1`)).body;
    const other = await ana.get(`/v1/exceptions/${rows[0]!['id']}/history?limit=1&cursor=${nextCursor}`);
    expect([other.status, Object.keys(other.body.details.fields)]).toEqual([400, ['cursor']]);
  });
});

describe('one exception', () => {
  it('comes with its version as ETag, and as the list shows it', async () => {
    for (const row of rows.slice(0, 20)) {
      const { headers, body } = await ana.get(`/v1/exceptions/${row['id'].toUpperCase()}`);
      expect(headers['etag']).toBe(`"${row['version']}"`);
      const listed = await list(ana, { transaction_id: row['transactionId'] });
      const { allowedActions, ...shown } = body;
      expect(listed.body.items).toEqual([shown]);
      expect(Object.values(body)).not.toContain(null);
    }
  });

  it('tells what its reader may do, which depends on the reader', async () => {
    const { id } = await ana.raise();
    const may = async (scopes: readonly string[]) => {
      const reader = service.person({ tenant: ana.tenant, scopes: ['exception:read', ...scopes] });
      const { allowedActions } = (await reader.get(`/v1/exceptions/${id}`)).body;
      return Object.keys(allowedActions).filter((command) => allowedActions[command].allowed);
    };
    expect(await may([])).toEqual([]);
    expect(await may(['exception:assign'])).toEqual(['assign']);
    expect((await may(['exception:resolve'])).sort()).toEqual(['adjust-entry', 'force-match', 'resolve']);
    expect(await may(['comment:write', 'dispute:write'])).toEqual(['comments', 'disputes']);
    expect(await may(['exception:dispatch'])).toEqual(['dispatch']);
    expect(await may(['admin'])).toEqual([]);
    const reader = service.person({ tenant: ana.tenant, scopes: ['exception:read'] });
    const { allowedActions } = (await reader.get(`/v1/exceptions/${id}`)).body;
    expect(allowedActions.assign).toEqual({
      allowed: false,
      method: 'POST',
      href: `/v1/exceptions/${id}/assign`,
      code: 'insufficient_scope',
      reason: 'This needs the scope exception:assign.',
    });
    const refused = await reader.post(`/v1/exceptions/${id}/assign`, { assignee: 'me' });
    expect([refused.status, refused.body.title]).toEqual([403, 'insufficient_scope']);
  });

  it.each(['x', '1', '019c96a0-10ce-75fc-a273', `${newId()}x`])('with the id %s is a mistake', async (id) => {
    const { status, body } = await ana.get(`/v1/exceptions/${id}`);
    expect([status, Object.keys(body.details.fields)]).toEqual([400, ['exceptionId']]);
  });

  it('that does not exist is not found', async () => {
    const id = newId();
    const { status, body } = await ana.get(`/v1/exceptions/${id}`);
    expect([status, body.title, body.details]).toEqual([404, 'not_found', { what: 'exception', id }]);
  });
});
