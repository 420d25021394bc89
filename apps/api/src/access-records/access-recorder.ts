import type { AccessKind, AccessRecord, AccessTrail, Log } from '@redress/typeorm';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller';
import { newId } from '../ids';

const flushEveryMs = 1000;
/** Records that wait at most, while the database cannot be reached. Later ones are counted and logged as lost. */
const maxWaiting = 10_000;

const settingsRoutes = /^\/v1\/(approval-policy|reason-codes|connections|webhook-endpoints)(\/|$)/;
const bulkRoutes = /^\/v1\/exceptions\/(bulk|import)(\/|$)/;
/** A page of a hundred rows or more: who walks through such pages reads as much as an export gives. */
const largePage = /(^|&)limit=(1\d\d|200)(&|$)/;

/** The kind of record that a request leaves; undefined for those that leave none. */
export function accessKindOf({
  method,
  route,
  query,
  status,
}: Pick<AccessRecord, 'method' | 'route' | 'query' | 'status'>): AccessKind | undefined {
  if (status === 403) return 'refused';
  if (status >= 400) return undefined;
  if (method === 'GET') return largePage.test(query) ? 'list' : undefined;
  if (settingsRoutes.test(route)) return 'settings';
  return bulkRoutes.test(route) ? 'bulk' : undefined;
}

/** Records requests for the access trail, in batches: a request does not wait for its record. An export does. */
export class AccessRecorder {
  private readonly waiting = new Map<string, AccessRecord[]>();
  private count = 0;
  private lost = 0;
  private flushing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly trail: AccessTrail,
    private readonly log: Log,
  ) {}

  listen(fastify: FastifyInstance): void {
    fastify.addHook('onResponse', (request, reply, done) => {
      this.answered(request, reply);
      done();
    });
  }

  /** Keeps a record before anything is answered, and throws when it cannot be kept. */
  async recordNow(request: FastifyRequest, kind: AccessKind): Promise<void> {
    const { tenant } = callerOf(request) ?? {};
    if (tenant !== undefined) await this.trail.record(tenant, [recordOf(request, 200, kind)]);
  }

  /** Writes what is waiting. */
  flush(): Promise<void> {
    return (this.flushing ??= this.write().finally(() => (this.flushing = undefined)));
  }

  private answered(request: FastifyRequest, { statusCode: status }: FastifyReply): void {
    const { tenant } = callerOf(request) ?? {};
    if (tenant === undefined) return;
    const kind = accessKindOf({ ...placeOf(request), status });
    if (kind !== undefined) this.wait(tenant, [recordOf(request, status, kind)]);
  }

  private wait(tenant: string, records: readonly AccessRecord[]): void {
    if (this.count + records.length > maxWaiting) {
      this.lost += records.length;
      return;
    }
    this.count += records.length;
    const waiting = this.waiting.get(tenant);
    if (waiting) waiting.push(...records);
    else this.waiting.set(tenant, [...records]);
    this.timer ??= setTimeout(() => void this.flush(), flushEveryMs).unref();
  }

  private async write(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const [tenant, records] of [...this.waiting]) {
      this.waiting.delete(tenant);
      this.count -= records.length;
      try {
        await this.trail.record(tenant, records);
      } catch (error) {
        this.log.error(
          { err: error, tenant, records: records.length },
          'access records could not be kept yet',
        );
        this.wait(tenant, records);
      }
    }
    if (this.lost > 0) this.log.error({ lost: this.lost }, 'more access records came than can wait');
    this.lost = 0;
  }
}

const callerOf = (request: FastifyRequest) => (request as { user?: Caller }).user;

const placeOf = ({ method, url, routeOptions }: FastifyRequest) => ({
  method,
  route: routeOptions.url ?? '',
  query: withoutCursor(url.includes('?') ? url.slice(url.indexOf('?') + 1) : ''),
});

/** A cursor says where a page begins, in hundreds of characters that no auditor can read. */
const withoutCursor = (query: string): string =>
  query
    .split('&')
    .filter((pair) => !pair.startsWith('cursor='))
    .join('&')
    .slice(0, 1000);

const recordOf = (request: FastifyRequest, status: number, kind: AccessKind): AccessRecord => ({
  id: newId(),
  at: new Date().toISOString(),
  actor: callerOf(request)?.actor ?? '',
  kind,
  ...placeOf(request),
  status,
  requestId: request.id,
});
