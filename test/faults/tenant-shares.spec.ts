import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { PoolShares } from '../../libs/typeorm/src/database/pool-shares';
import { TenantPool, poolOf } from '../../libs/typeorm/src/database/tenant-pool';
import { traitsOf } from '../../libs/typeorm/src/database/tenant-session';
import { RowGates } from '../../libs/typeorm/src/unit-of-work/row-gates';
import { startTestApp, type TestApp } from '../support/app';
import { openFreshDatabase } from '../support/open-database';

describe('heavy reads of one tenant', () => {
  let dataSource: DataSource;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ dataSource, close } = await openFreshDatabase());
  }, 60_000);
  afterAll(() => close());

  const use = (tenant: string, sql: string, weight?: 'heavy') =>
    TenantPool.of(dataSource).use(tenant, (c) => c.query({ text: sql }, []), undefined, weight);
  /** How long another tenant waits for a small read while one loops heavy ones. */
  async function wait(): Promise<{ ms: number; outcomes: Promise<string[]> }> {
    const outcomes = Promise.all(
      Array.from({ length: 40 }, () =>
        use('hostile', 'SELECT pg_sleep(0.6)', 'heavy').then(
          () => 'ok',
          (error: unknown) => String((error as { code?: string }).code),
        ),
      ),
    );
    await pause(50);
    const began = performance.now();
    await use('other', 'SELECT 1');
    return { ms: performance.now() - began, outcomes };
  }

  it('leave others their connections, and what waits too long is told why', async () => {
    const { ms, outcomes } = await wait();
    expect(ms).toBeLessThan(400);
    // A heavy read of another tenant has a place of its own, too, where there are enough.
    await use('third', 'SELECT 1', 'heavy');
    const ended = await outcomes;
    expect(ended).toContain('ok');
    expect(new Set(ended)).toEqual(new Set(['ok', 'RD003']));
  }, 30_000);

  it('would hold all connections without shares', async () => {
    const traits = traitsOf(poolOf(dataSource));
    const { shares } = traits;
    traits.shares = new PoolShares(
      { all: Infinity, tenant: Infinity, heavy: Infinity, heavyOfTenant: Infinity },
      3000,
    );
    const { ms, outcomes } = await wait();
    expect(ms).toBeGreaterThan(400);
    await outcomes;
    traits.shares = shares;
  }, 30_000);
});

describe('one exception that another transaction keeps locked', () => {
  let service: TestApp;
  let locker: Client;
  beforeEach(async () => {
    service = await startTestApp({ DATABASE_POOL: '6' });
    locker = new Client({ connectionString: service.database.url });
    await locker.connect();
  }, 60_000);
  afterEach(async () => {
    await locker.end();
    await service.close();
  });

  /** How long an unrelated read takes while 100 commands wait for the row, and what becomes of those. */
  async function besides() {
    const [ana, ben] = [service.person(), service.person()];
    const { id } = await ana.raise();
    await ben.raise();
    await locker.query('BEGIN');
    await locker.query('SELECT FROM exception WHERE id = $1 FOR UPDATE', [id]);
    const commands = Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        ana.post(`/v1/exceptions/${id}/assign`, { assignee: `ben-${i}` }),
      ),
    );
    await pause(300);
    const began = performance.now();
    const read = await ben.get('/v1/exceptions');
    const ofSameTenant = await ana.get('/v1/exceptions');
    const ms = performance.now() - began;
    const answers = await commands;
    await locker.query('ROLLBACK');
    return { status: [read.status, ofSameTenant.status], ms, answers };
  }

  it('does not hold the pool, and its commands are told the truth', async () => {
    const { status, ms, answers } = await besides();
    expect(status).toEqual([200, 200]);
    expect(ms).toBeLessThan(1500);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([503]));
    expect(new Set(answers.map((answer) => answer.body.message))).toEqual(
      new Set(['Too many others are changing the same thing; repeat the request in a moment.']),
    );
    expect(answers.every(({ headers }) => headers['retry-after'] === '1')).toBe(true);
  }, 60_000);

  it('would hold the share of its tenant without that bound', async () => {
    const enter = jest.spyOn(RowGates.prototype, 'enter').mockReturnValue(true);
    const { status, ms } = await besides();
    enter.mockRestore();
    // Other tenants are served all the same: that is for the shares of the pool.
    expect(status[0]).toBe(200);
    expect(ms > 1500 || status[1] === 503).toBe(true);
  }, 60_000);
});
