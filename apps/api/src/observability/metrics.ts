import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { DatabaseObserver, PendingCount, Unsettled } from '@redress/typeorm';
import { counterIn } from './metric-kinds';
import { WorkMetrics } from './work-metrics';
import { PendingGauges } from './pending-gauges';

export type PoolCounts = Readonly<{ total: number; idle: number; waiting: number }>;
export type ImportCounts = Readonly<{ raised: number; seenAgain: number; rejected: number }>;

/** What this process counts. Every label has few values, all of them ours: none is taken from a request. */
export class Metrics {
  private readonly registry = new Registry();
  readonly contentType = this.registry.contentType;

  private readonly requests = counterIn(
    this.registry,
    'http_requests_total',
    'Answered requests.',
    'method',
    'route',
    'status',
  );
  private readonly seconds = new Histogram({
    name: 'redress_http_request_seconds',
    help: 'Time from the request to the end of its answer.',
    labelNames: ['method', 'route'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });
  private readonly refusals = counterIn(
    this.registry,
    'refusals_total',
    'Requests a rule of the domain refused.',
    'code',
  );
  private readonly replays = counterIn(
    this.registry,
    'replays_total',
    'Answers given again for a repeated idempotency key.',
  );
  private readonly retries = counterIn(
    this.registry,
    'commit_retries_total',
    'Use cases run again because somebody else was faster or the outcome was unknown.',
  );
  private readonly expiredProposals = counterIn(
    this.registry,
    'proposals_expired_total',
    'Proposed resolutions that nobody decided on in time.',
  );
  private readonly importRows = counterIn(this.registry, 'import_rows_total', 'Imported rows.', 'outcome');

  private readonly databaseSeconds = new Histogram({
    name: 'redress_database_seconds',
    help: 'Time of waits for a database session, and of statements.',
    labelNames: ['phase', 'result'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });

  private readonly databaseFailures = counterIn(
    this.registry,
    'database_failures_total',
    'Statements that failed, and waits for a session, by why the database could not serve them.',
    'reason',
  );

  /** Of dispatches, deliveries, inbound messages and jobs. */
  readonly work = new WorkMetrics(this.registry);

  private waits: PendingGauges | undefined;
  private readUnsettled: (() => Promise<readonly Unsettled[]>) | undefined;

  /** Looking up labels is what costs; there are few combinations, so each is looked up once. */
  private readonly observers = new Map<string, (seconds: number) => void>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.imported({ raised: 0, seenAgain: 0, rejected: 0 });
  }

  /** `route` is the declared one, such as /v1/exceptions/:id; without one, the request matched none. */
  observeRequest(method: string, route: string | undefined, status: number, seconds: number): void {
    const key = `${method} ${status} ${route}`;
    let observe = this.observers.get(key);
    if (!observe) {
      const labels = { method, route: route ?? 'unmatched' };
      const count = this.requests.labels({ ...labels, status: String(status) });
      const timer = this.seconds.labels(labels);
      observe = (took) => {
        count.inc();
        timer.observe(took);
      };
      this.observers.set(key, observe);
    }
    observe(seconds);
  }

  /** `code` is a refusal's: no text of a request. */
  refused(code: string): void {
    this.refusals.inc({ code });
  }

  replayed(): void {
    this.replays.inc();
  }

  retriedCommit(): void {
    this.retries.inc();
  }

  expiredProposal(): void {
    this.expiredProposals.inc();
  }

  imported({ raised, seenAgain, rejected }: ImportCounts): void {
    this.importRows.inc({ outcome: 'raised' }, raised);
    this.importRows.inc({ outcome: 'seen_again' }, seenAgain);
    this.importRows.inc({ outcome: 'rejected' }, rejected);
  }

  /** Asks for the pool's counts whenever the metrics are read. Once per process. */
  watchPool(counts: () => PoolCounts): void {
    new Gauge({
      name: 'redress_pg_pool_connections',
      help: 'Database connections of this process; `waiting` are requests for one.',
      labelNames: ['state'],
      registers: [this.registry],
      collect() {
        for (const [state, count] of Object.entries(counts())) this.set({ state }, count);
      },
    });
  }

  /** Asks what waits whenever the metrics are read. Once per process. */
  watchWaits(read: () => Promise<readonly PendingCount[]>): void {
    this.waits = new PendingGauges(this.registry, read);
  }

  /** Asks what is left to do whenever the metrics are read. Once per process. */
  watchUnsettled(read: () => Promise<readonly Unsettled[]>): void {
    this.readUnsettled = read;
  }

  readonly databaseTook: DatabaseObserver = ({ phase, failed, seconds, reason }) => {
    this.databaseSeconds.observe({ phase, result: failed ? 'error' : 'ok' }, seconds);
    if (reason !== undefined) this.databaseFailures.inc({ reason });
  };

  /** All of it in Prometheus' text format. */
  async text(): Promise<string> {
    await Promise.all([this.waits?.refresh(), this.work.refresh(this.readUnsettled)]);
    return this.registry.metrics();
  }
}

/** Counts and times every answered request. */
export function measureRequests(fastify: FastifyInstance, metrics: Metrics): void {
  fastify.addHook('onResponse', ({ method, routeOptions }, reply, done) => {
    metrics.observeRequest(method, routeOptions.url, reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
}
