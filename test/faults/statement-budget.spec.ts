import { Client } from 'pg';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type Person, type TestApp } from '../support/app';
import { ownerOf, type Owner } from '../support/owner';

let service: TestApp;
let owner: Owner;
let ana: Person;
let statements: string[] = [];
let stopCounting: () => void;

beforeAll(async () => {
  stopCounting = countStatements();
  // One connection, so that whose tenant it is set to is known.
  service = await startTestApp({ DATABASE_POOL: '1' });
  owner = ownerOf(service.database.url);
  ana = service.person();
  await ana.raise();
}, 60_000);

afterAll(async () => {
  stopCounting();
  await owner.end();
  await service.close();
});

/** Every statement that any client of the driver in this process sends is a round trip. */
function countStatements(): () => void {
  const prototype = Client.prototype as unknown as { query: (...args: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function (this: unknown, ...args: unknown[]) {
    const [first] = args as [string | { text?: string }];
    const text = (typeof first === 'string' ? first : (first.text ?? '')).trim();
    // Each second the process says that it is alive, whatever is asked of it.
    if (!text.includes('redress_beat')) statements.push(text);
    return query.apply(this, args);
  };
  return () => void (prototype.query = query);
}

type Costs = Readonly<{ answer: Answer; trips: string[]; writes: number }>;

/** What a request asked of the database. */
async function costsOf(ask: () => Promise<Answer>): Promise<Costs> {
  statements = [];
  const answer = await ask();
  const trips = statements;
  return { answer, trips, writes: trips.filter((text) => !/^SELECT/i.test(text)).length };
}

const cost = async (ask: () => Promise<Answer>): Promise<[status: number, trips: number, writes: number]> => {
  const { answer, trips, writes } = await costsOf(ask);
  return [answer.status, trips.length, writes];
};

const key = (): Record<string, string> => ({ 'x-idempotency-key': newId() });
const adjustment = {
  amount: 1.5,
  currency: 'BRL',
  effectiveAt: '2025-01-15T10:30:00.000Z',
  reasonCode: 'FEE_ADJUSTMENT',
  notes: 'Fee',
};

type Prepared = Readonly<{ path: string; body?: object; status: number }>;

const on =
  (command: string, body: object, status = 200, before?: string) =>
  async (): Promise<Prepared> => {
    const { id } = await ana.raise();
    if (before !== undefined) await ana.post(`/v1/exceptions/${id}/${before}`, { assignee: 'ben' });
    return { path: `/v1/exceptions/${id}/${command}`, body, status };
  };

/** In a currency that nothing else is about here. */
async function proposal(person: Person): Promise<Prepared> {
  const rules = [{ command: 'adjust_entry', currency: 'EUR', approvers: 1 }];
  await person.send('PUT', '/v1/approval-policy', { body: { rules } });
  const { id } = await person.raise();
  const body = { ...adjustment, currency: 'EUR' };
  return { path: `/v1/exceptions/${id}/adjust-entry`, body, status: 200 };
}

const commands: Readonly<Record<string, () => Promise<Prepared>>> = {
  'force-match': on('force-match', { overrideReason: 'BUSINESS_DECISION', notes: 'Approved' }),
  'force-match that names counterparts': on('force-match', {
    overrideReason: 'BUSINESS_DECISION',
    notes: 'Approved',
    counterparts: [{ source: 'ledger', transactionId: newId(), amount: 1.5, currency: 'BRL' }],
  }),
  'adjust-entry': on('adjust-entry', adjustment),
  'adjust-entry that proposes': () => proposal(ana),
  'force-match for a listed reason': async () => {
    const force_match = [{ code: 'BUSINESS_DECISION', label: 'Decided by the business' }];
    const commands = { force_match, adjust_entry: 'free_text', resolve: 'free_text' };
    await ana.send('PUT', '/v1/reason-codes', { body: { commands } });
    return on('force-match', { overrideReason: 'BUSINESS_DECISION', notes: 'Approved' })();
  },
  approve: async () => {
    const ben = service.person({ tenant: ana.tenant, actor: 'ben' });
    const { path, body } = await proposal(ana);
    await ben.post(path, body);
    return { path: path.replace('adjust-entry', 'approve'), body: {}, status: 200 };
  },
  resolve: on('resolve', { resolution: 'ACCEPTED' }),
  assign: on('assign', { assignee: 'ben' }),
  unassign: on('unassign', {}, 200, 'assign'),
  dispatch: on('dispatch', { targetSystem: 'MANUAL' }),
  'open dispute': on('disputes', { category: 'OTHER', description: 'The fee is wrong' }, 201),
  raise: async () => ({
    path: '/v1/exceptions',
    body: { transactionId: newId(), reason: 'Mismatch' },
    status: 201,
  }),
};

describe('a command', () => {
  it.each(Object.keys(commands))('%s is one read and one write, with a key and without', async (name) => {
    for (const headers of [{}, key()]) {
      const { path, body, status } = await commands[name]!();
      expect(await cost(() => ana.post(path, body, headers))).toEqual([status, 2, 1]);
    }
  });

  it.each(Object.keys(commands))('%s is written in one commit, answer and history included', async (name) => {
    const { path, body } = await commands[name]!();
    // The transaction that wrote a row is noted on the row: those written last are of one.
    const last = async (table: string) =>
      (await owner.rows(`SELECT xmin::text::bigint AS by FROM ${table} ORDER BY 1 DESC LIMIT 1`))[0]!['by'];
    await ana.post(path, body, key());
    const [exception, history, idempotency] = await Promise.all(
      ['exception', 'history', 'idempotency'].map(last),
    );
    expect([history, idempotency]).toEqual([exception, exception]);
  });

  it('that is refused costs the look alone, and one write to remember it under a key', async () => {
    const { id } = await ana.raise();
    const path = `/v1/exceptions/${id}/unassign`;
    expect(await cost(() => ana.post(path))).toEqual([422, 1, 0]);
    expect(await cost(() => ana.post(path, undefined, key()))).toEqual([422, 2, 1]);
    expect(await cost(() => ana.post(path, undefined, { 'if-match': '"7"' }))).toEqual([412, 1, 0]);
    expect(await cost(() => ana.post(`/v1/exceptions/${newId()}/unassign`))).toEqual([404, 1, 0]);
  });

  it('that is malformed costs nothing', async () => {
    expect(await cost(() => ana.post('/v1/exceptions', { reason: 'Mismatch' }, key()))).toEqual([400, 0, 0]);
    expect(await cost(() => ana.post('/v1/exceptions/no-uuid/unassign', {}, key()))).toEqual([400, 0, 0]);
  });

  it('that is repeated costs the look alone, be it for its answer or for another request', async () => {
    const headers = key();
    const body = { transactionId: newId(), reason: 'Mismatch' };
    await ana.post('/v1/exceptions', body, headers);
    expect(await cost(() => ana.post('/v1/exceptions', body, headers))).toEqual([201, 1, 0]);
    expect(await cost(() => ana.post('/v1/exceptions', { ...body, reason: 'x' }, headers))).toEqual([
      422, 1, 0,
    ]);
  });

  it('never begins a transaction as long as no other transaction is in its way', async () => {
    const { trips } = await costsOf(() =>
      ana.post('/v1/exceptions', { transactionId: newId(), reason: 'x' }),
    );
    expect(trips.map((text) => text.split(/\s/)[0])).toEqual(['SELECT', 'WITH']);
  });
});

describe('a question', () => {
  it('for an exception is one read, and one more for the targets of a dispatch', async () => {
    const { id } = await ana.raise();
    const reader = service.person({ tenant: ana.tenant, scopes: ['exception:read'] });
    expect(await cost(() => reader.get(`/v1/exceptions/${id}`))).toEqual([200, 1, 0]);
    expect(await cost(() => ana.get(`/v1/exceptions/${id}`))).toEqual([200, 2, 0]);
  });

  it.each([
    ['its history', '/history'],
    ['its adjustments', '/adjustments'],
    ['what it matches', '/forced-matches'],
  ])('for %s is one read', async (_, of) => {
    const { id } = await ana.raise();
    expect(await cost(() => ana.get(`/v1/exceptions/${id}${of}`))).toEqual([200, 1, 0]);
  });

  it('for a list is one read', async () => {
    expect(await cost(() => ana.get('/v1/exceptions?status=OPEN&limit=5'))).toEqual([200, 1, 0]);
  });

  it('for a dispute is one read', async () => {
    const { id } = await ana.raise();
    const opened = await ana.post(`/v1/exceptions/${id}/disputes`, { category: 'OTHER', description: 'x' });
    expect(await cost(() => ana.get(`/v1/disputes/${opened.body.id}`))).toEqual([200, 1, 0]);
  });
});

describe('a connection', () => {
  it('costs no trip more when it comes to another tenant', async () => {
    const ben = service.person();
    const list = (person: Person) => cost(() => person.get('/v1/exceptions'));
    for (const person of [ana, ben, ben, ana, ana]) expect(await list(person)).toEqual([200, 1, 0]);
  });
});

describe('the count of statements', () => {
  it('finds a commit that is made in the usual way', async () => {
    const client = new Client({ connectionString: service.database.url });
    await client.connect();
    const { trips, writes } = await costsOf(async () => {
      for (const text of ['BEGIN', 'SELECT 1', 'SELECT 2', `SET LOCAL work_mem = '4MB'`, 'COMMIT'])
        await client.query(text);
      return {} as Answer;
    });
    await client.end();
    expect([trips.length, writes]).toEqual([5, 3]);
  });
});
