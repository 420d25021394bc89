import { FastifyAdapter } from '@nestjs/platform-fastify';
import { measureRequests, Metrics } from './metrics';

/** The samples of our own metrics: `name{labels}` → value. */
async function samples(metrics: Metrics): Promise<Record<string, number>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('redress_'));
  return Object.fromEntries(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]));
}

describe('metrics', () => {
  it('count what happened', async () => {
    const metrics = new Metrics();
    metrics.refused('not_allowed');
    metrics.refused('not_allowed');
    metrics.replayed();
    metrics.retriedCommit();
    metrics.expiredProposal();
    metrics.imported({ raised: 3, seenAgain: 2, rejected: 0 });
    let idle = 1;
    metrics.watchPool(() => ({ total: 4, idle, waiting: 0 }));
    idle = 2;
    expect(await samples(metrics)).toEqual({
      'redress_refusals_total{code="not_allowed"}': 2,
      redress_replays_total: 1,
      redress_commit_retries_total: 1,
      redress_proposals_expired_total: 1,
      'redress_import_rows_total{outcome="raised"}': 3,
      'redress_import_rows_total{outcome="seen_again"}': 2,
      'redress_import_rows_total{outcome="rejected"}': 0,
      'redress_pg_pool_connections{state="total"}': 4,
      'redress_pg_pool_connections{state="idle"}': 2,
      'redress_pg_pool_connections{state="waiting"}': 0,
    });
  });

  it('answer concurrent readers from one count of what waits, and leave it out when the count fails', async () => {
    const metrics = new Metrics();
    let asked = 0;
    let answer = async () => [{ wait: 'ledger', waiting: 2, flagged: 1, oldestSeconds: 60.5 }];
    metrics.watchWaits(() => {
      asked++;
      return answer();
    });
    const [first] = await Promise.all([samples(metrics), samples(metrics), samples(metrics)]);
    expect(asked).toBe(1);
    expect(first).toMatchObject({
      'redress_pending_exceptions{wait="ledger"}': 2,
      'redress_pending_flagged{wait="ledger"}': 1,
      'redress_pending_oldest_seconds{wait="ledger"}': 60.5,
      'redress_pending_oldest_seconds{wait="external"}': 0,
    });
    answer = () => Promise.reject(new Error('ECONNREFUSED'));
    expect(Object.keys(await samples(metrics)).filter((name) => /pending/.test(name))).toEqual([]);
  });

  it('tell about the process as well', async () => {
    expect(await new Metrics().text()).toMatch(/^process_cpu_seconds_total \d/m);
  });

  it('belong to one instance, so that two can live in one process', async () => {
    new Metrics().replayed();
    expect(await samples(new Metrics())).toMatchObject({ redress_replays_total: 0 });
  });
});

describe('measuring requests', () => {
  it('takes its labels from routes, never from a request', async () => {
    const metrics = new Metrics();
    const fastify = new FastifyAdapter().getInstance();
    measureRequests(fastify, metrics);
    fastify.get('/things/:id', () => ({}));
    for (let i = 0; i < 50; i++) {
      await fastify.inject(`/things/${i}?page=${i}`);
      await fastify.inject(`/nowhere/${i}`);
    }
    await fastify.close();
    const found = await samples(metrics);
    expect(found).toMatchObject({
      'redress_http_requests_total{method="GET",route="/things/:id",status="200"}': 50,
      'redress_http_requests_total{method="GET",route="unmatched",status="404"}': 50,
      'redress_http_request_seconds_count{method="GET",route="/things/:id"}': 50,
      'redress_http_request_seconds_bucket{le="+Inf",method="GET",route="unmatched"}': 50,
    });
    expect(Object.keys(found).filter((name) => name.includes('requests_total'))).toHaveLength(2);
  });
});
