import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Problem } from '../problems/problem';
import { HealthController, ReadinessProbe } from './health.controller';
import { Metrics } from './metrics';
import { MetricsController } from './metrics.controller';

class Probe extends ReadinessProbe {
  asked = 0;
  answer = (): Promise<string | undefined> => Promise.resolve(undefined);

  check(): Promise<string | undefined> {
    this.asked++;
    return this.answer();
  }
}

const unavailable = {
  title: 'service_unavailable',
  status: 503,
  headers: { 'Retry-After': '1', 'Cache-Control': 'no-store' },
};

async function refusal(answer: Promise<unknown>): Promise<unknown> {
  const error = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Problem);
  return error;
}

describe('readiness', () => {
  let probe: Probe;
  let health: HealthController;
  beforeEach(() => (health = new HealthController((probe = new Probe()))));
  afterEach(() => jest.useRealTimers());

  it('is up while the database answers', async () => {
    await expect(health.ready()).resolves.toEqual({ status: 'up' });
  });

  it('is away when the database refuses, and up again when it is back', async () => {
    probe.answer = () => Promise.reject(new Error('ECONNREFUSED canary'));
    expect(await refusal(health.ready())).toMatchObject({
      ...unavailable,
      message: 'The database does not answer: try again shortly.',
    });
    probe.answer = () => Promise.resolve(undefined);
    await expect(health.ready()).resolves.toEqual({ status: 'up' });
  });

  it('is away when the database takes longer than a second', async () => {
    jest.useFakeTimers();
    probe.answer = () => new Promise(() => {});
    const answer = refusal(health.ready());
    await jest.advanceTimersByTimeAsync(999);
    expect(jest.getTimerCount()).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(await answer).toMatchObject(unavailable);
  });

  it('asks the database once for all who ask meanwhile', async () => {
    await Promise.all([health.ready(), health.ready(), health.ready()]);
    expect(probe.asked).toBe(1);
    await health.ready();
    expect(probe.asked).toBe(2);
  });

  it('is away, but alive, from the moment of shutting down', async () => {
    health.onModuleDestroy();
    expect(await refusal(health.ready())).toMatchObject({
      ...unavailable,
      message: expect.stringContaining('shutting down'),
    });
    expect(probe.asked).toBe(0);
    expect(health.live()).toEqual({ status: 'up' });
  });
});

describe('the routes', () => {
  @Module({
    controllers: [HealthController, MetricsController],
    providers: [Metrics, { provide: ReadinessProbe, useClass: Probe }],
  })
  class Observability {}

  it('answer health and metrics', async () => {
    const app = await NestFactory.create<NestFastifyApplication>(Observability, new FastifyAdapter(), {
      logger: false,
    });
    await app.init();
    const [live, ready, metrics] = await Promise.all(
      ['/health/live', '/health/ready', '/metrics'].map((url) => app.inject(url)),
    );
    await app.close();
    expect(live).toMatchObject({
      statusCode: 200,
      body: '{"status":"up"}',
      headers: { 'cache-control': 'no-store' },
    });
    expect(ready).toMatchObject({
      statusCode: 200,
      body: '{"status":"up"}',
      headers: { 'cache-control': 'no-store' },
    });
    expect(metrics?.headers['content-type']).toBe(new Metrics().contentType);
    expect(metrics?.body).toContain('# TYPE redress_http_requests_total counter');
  });
});
