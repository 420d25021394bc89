import { finished } from 'node:stream';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { DeskStore } from '@redress/domain';
import { RateLimiter, type Limited } from '@redress/domain/integrations';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { Problem } from '../problems/problem';
import { STORE } from '../storage/storage.module';

/** The window of each limit: what it has may come at once. */
const seconds = 10;

/** Rate and concurrency limits of a tenant and its actors. Public routes have no caller, and no limit here. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly limiter = new RateLimiter();
  private readonly underWay = new Map<string, number>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(STORE) private readonly store: DeskStore,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & { user?: Caller }>();
    if (!request.user) return true;
    const reply = http.getResponse<FastifyReply>();
    const { tenant, actor } = request.user;
    this.enter(tenant, reply);
    const { kind, perSecond } = this.limitOf(request);
    if (perSecond === 0) return true;
    const ofActor = (perSecond * this.config.actorPercent) / 100;
    const limits = [
      { name: `tenant-${kind}`, key: tenant, perSecond, seconds },
      { name: `actor-${kind}`, key: `${tenant} ${actor}`, perSecond: ofActor, seconds },
    ];
    const limited = this.limiter.take(limits, performance.now(), this.store.jobs.processes);
    const policies = limits.map(({ name, perSecond: rate }) => `"${name}";q=${rate * seconds};w=${seconds}`);
    // draft-ietf-httpapi-ratelimit-headers.
    void reply.headers({ 'ratelimit-policy': policies.join(', '), ratelimit: leftOf(limited) });
    if (limited.refusedBy !== undefined)
      throw tooMany(`${limited.refusedBy} is used up for now`, limited.waitMs);
    return true;
  }

  private limitOf({ method, routeOptions: { url = '' } }: FastifyRequest) {
    const { readsPerSecond, commandsPerSecond, exportsPerSecond } = this.config;
    if (method !== 'GET' && method !== 'HEAD') return { kind: 'commands', perSecond: commandsPerSecond };
    if (/\/(export|summary)$/.test(url)) return { kind: 'exports', perSecond: exportsPerSecond };
    return { kind: 'reads', perSecond: readsPerSecond };
  }

  private enter(tenant: string, reply: FastifyReply): void {
    const count = this.underWay.get(tenant) ?? 0;
    const { tenantConcurrency: most } = this.config;
    if (most > 0 && count >= most) throw tooMany(`${most} requests of this tenant are under way`, 1000);
    this.underWay.set(tenant, count + 1);
    // An answer finishes, or its connection closes before it does.
    finished(reply.raw, () => {
      const left = (this.underWay.get(tenant) ?? 1) - 1;
      if (left > 0) this.underWay.set(tenant, left);
      else this.underWay.delete(tenant);
    });
  }
}

const leftOf = ({ lefts }: Limited): string =>
  lefts.map(({ name, left, resetMs }) => `"${name}";r=${left};t=${Math.ceil(resetMs / 1000)}`).join(', ');

function tooMany(why: string, waitMs: number): Problem {
  const wait = String(Math.max(1, Math.ceil(waitMs / 1000)));
  return new Problem('too_many_requests', `Too many requests: ${why}; repeat it in ${wait} s.`, undefined, {
    'retry-after': wait,
  });
}
