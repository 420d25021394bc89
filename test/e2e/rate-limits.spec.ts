import { startTestApp, type Person, type TestApp } from '../support/app';
import { inParallel } from '../support/seed';

let service: TestApp;
let [ana, ben]: Person[] = [];
let [bob]: Person[] = [];

beforeAll(async () => {
  service = await startTestApp({
    RATE_LIMIT_READS: '2',
    RATE_LIMIT_COMMANDS: '1',
    RATE_LIMIT_EXPORTS: '1',
    RATE_LIMIT_ACTOR_PERCENT: '50',
  });
}, 60_000);
afterAll(() => service.close());

beforeEach(() => {
  ana = service.person();
  ben = service.person({ tenant: ana.tenant, actor: 'ben@example.com' });
  bob = service.person({ actor: 'ana@example.com' });
});

const list = '/v1/exceptions';
/** The statuses of so many requests at once, each with how often it came. */
async function statuses(count: number, ask: () => Promise<{ status: number }>) {
  const answers = await inParallel(Array.from({ length: count }), 10, ask);
  const counts: Record<string, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

describe('rate limits', () => {
  it('say what is left of them, and refuse more, in the shape of every error', async () => {
    const first = await ana!.get(list);
    expect(first.headers['ratelimit-policy']).toBe('"tenant-reads";q=20;w=10, "actor-reads";q=10;w=10');
    expect(first.headers['ratelimit']).toMatch(/^"tenant-reads";r=19;t=\d+, "actor-reads";r=9;t=\d+$/);
    expect(await statuses(20, () => ana!.get(list))).toMatchObject({ 200: 9, 429: 11 });
    const refused = await ana!.get(list);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.body).toMatchObject({ code: '429', title: 'too_many_requests' });
    expect(refused.body.message).toContain('actor-reads');
    expect(refused.headers['ratelimit']).toContain('"actor-reads";r=0;');
  });

  it('leave other actors of the tenant their part, and other tenants all of theirs', async () => {
    await statuses(30, () => ana!.get(list));
    expect(await statuses(11, () => ben!.get(list))).toEqual({ 200: 10, 429: 1 });
    expect(await statuses(10, () => bob!.get(list))).toEqual({ 200: 10 });
  });

  it('count reads, commands and exports apart', async () => {
    await statuses(20, () => ana!.get(list));
    const comment = () => ana!.post(`/v1/exceptions/${ana!.tenant}/comments`, { content: 'Hi.' });
    expect(await statuses(6, comment)).toEqual({ 400: 5, 429: 1 });
    const summary = () => ana!.get('/v1/exceptions/summary');
    expect(await statuses(6, summary)).toEqual({ 200: 5, 429: 1 });
    expect((await ana!.get('/v1/exceptions/export')).status).toBe(429);
  });

  it('are not asked without a token', async () => {
    expect(await statuses(30, () => service.send('GET', list))).toEqual({ 401: 30 });
    expect(await statuses(30, () => service.send('GET', '/health/live'))).not.toHaveProperty('429');
  });
});

it('without limits nothing is refused, and nothing is said of limits', async () => {
  const off = { RATE_LIMIT_READS: '0', TENANT_CONCURRENCY: '0' };
  const open = await startTestApp(off);
  const person = open.person();
  expect(await statuses(100, () => person.get(list))).toEqual({ 200: 100 });
  expect((await person.get(list)).headers['ratelimit']).toBeUndefined();
  await open.close();
}, 60_000);

it('requests of one tenant under way are bounded, and another tenant is served meanwhile', async () => {
  const narrow = await startTestApp({ TENANT_CONCURRENCY: '3' });
  const [one, other] = [narrow.person(), narrow.person()];
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => one.raise().catch((error: unknown) => error as Error)),
  );
  const refused = answers.filter((answer) => answer instanceof Error);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every((error) => error.message.includes('too_many_requests'))).toBe(true);
  expect(answers.length - refused.length).toBeGreaterThanOrEqual(3);
  await other.raise();
  // Those that have ended make room.
  await one.raise();
  await narrow.close();
}, 60_000);
