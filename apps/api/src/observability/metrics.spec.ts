import { FastifyAdapter } from '@nestjs/platform-fastify';
import { CircuitBreakers } from '@redress/connectors';
import type { Unsettled } from '@redress/typeorm';
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

  it('count attempts, answers and messages, by target and outcome', async () => {
    const metrics = new Metrics();
    const attempt = { target: 'JIRA', kind: 'send', outcome: 'unknown', seconds: 0.2 } as const;
    metrics.work.attempted(attempt);
    metrics.work.attempted(attempt);
    metrics.work.attempted({ ...attempt, target: 'LEDGER', outcome: 'refused' });
    metrics.work.delivered({ state: 'PENDING', status: 503, seconds: 0.1 });
    metrics.work.delivered({ state: 'DEAD', seconds: 20 });
    metrics.work.received('LEDGER', 'applied');
    metrics.work.received('LEDGER');
    metrics.databaseTook({ phase: 'statement', failed: false, seconds: 0.002 });
    metrics.databaseTook({ phase: 'wait', failed: true, seconds: 3 });
    expect(await samples(metrics)).toMatchObject({
      'redress_dispatch_attempts_total{target="JIRA",kind="send",outcome="unknown"}': 2,
      'redress_dispatch_attempts_total{target="LEDGER",kind="send",outcome="refused"}': 1,
      'redress_delivery_attempts_total{state="PENDING",answer="5xx"}': 1,
      'redress_delivery_attempts_total{state="DEAD",answer="none"}': 1,
      'redress_inbound_messages_total{target="LEDGER",outcome="applied"}': 1,
      'redress_inbound_messages_total{target="LEDGER",outcome="unauthorized"}': 1,
      'redress_attempt_seconds_count{target="JIRA"}': 2,
      'redress_attempt_seconds_count{target="webhook_endpoint"}': 2,
      'redress_database_seconds_count{phase="statement",result="ok"}': 1,
      'redress_database_seconds_count{phase="wait",result="error"}': 1,
    });
  });

  it('show what is unfinished or dead, and no number at all when that cannot be read', async () => {
    const metrics = new Metrics();
    let answer = async (): Promise<readonly Unsettled[]> => [
      { kind: 'dispatch', name: 'JIRA', state: 'DEAD', count: 2, oldestSeconds: 60.5 },
      { kind: 'delivery', name: '', state: 'PENDING', count: 3, oldestSeconds: 1 },
      { kind: 'job', name: 'deadline', state: 'scheduled', count: 4, oldestSeconds: -3600 },
      { kind: 'mismatch', name: '', state: '', count: 1, oldestSeconds: 0 },
    ];
    metrics.watchUnsettled(() => answer());
    expect(await samples(metrics)).toMatchObject({
      'redress_dispatch_backlog{name="JIRA",state="DEAD"}': 2,
      'redress_dispatch_backlog_oldest_seconds{name="JIRA",state="DEAD"}': 60.5,
      'redress_delivery_backlog{name="webhook_endpoint",state="PENDING"}': 3,
      'redress_job_backlog{name="deadline",state="scheduled"}': 4,
      'redress_job_backlog_oldest_seconds{name="deadline",state="scheduled"}': 0,
      redress_ledger_mismatches: 1,
    });
    answer = () => Promise.reject(new Error('ECONNREFUSED'));
    const names = Object.keys(await samples(metrics));
    expect(names.filter((name) => /backlog|mismatches/.test(name))).toEqual([]);
  });

  it('show circuit breakers by target and state, and names no tenant', async () => {
    const metrics = new Metrics();
    const breakers = new CircuitBreakers({ concurrency: 1, failures: 1, pauseMs: 60_000 });
    const gates = new CircuitBreakers();
    metrics.work.watchBreakers(() => breakers.counts());
    metrics.work.watchBreakers(() => gates.counts(), 'webhook_endpoint');
    breakers.of('acme', 'JIRA').hold(60_000);
    breakers.of('umbrella', 'JIRA');
    for (const id of ['e1', 'e2']) gates.of('acme', id);
    const found = await samples(metrics);
    expect(found).toMatchObject({
      'redress_circuit_breakers{target="JIRA",state="open"}': 1,
      'redress_circuit_breakers{target="JIRA",state="closed"}': 1,
      'redress_circuit_breakers{target="JIRA",state="half_open"}': 0,
      'redress_circuit_breakers{target="webhook_endpoint",state="closed"}': 2,
    });
    expect(Object.keys(found).filter((name) => /acme|umbrella|e1/.test(name))).toEqual([]);
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
