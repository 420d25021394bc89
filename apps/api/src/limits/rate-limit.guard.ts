import { finished } from 'node:stream';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { DeskStore } from '@redress/domain';
import { RequestLimits, type RequestKind } from '@redress/domain/integrations';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller';
import type { Config } from '../config/config';
import { CONFIG } from '../config/config.module';
import { Problem } from '../problems/problem';
import { STORE } from '../storage/storage.module';

/** Rate and concurrency limits of the caller. Public routes have no caller, and no limit here. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly limits: RequestLimits;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(STORE) private readonly store: DeskStore,
  ) {
    this.limits = new RequestLimits(config);
  }

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & { user?: Caller }>();
    const { user } = request;
    if (!user) return true;
    const reply = http.getResponse<FastifyReply>();
    const { processes } = this.store.jobs;
    const { fields, refused } = this.limits.enter(user, kindOf(request), performance.now(), processes);
    void reply.headers(fields);
    if (!refused) {
      // An answer finishes, or its connection closes before it does.
      finished(reply.raw, () => this.limits.leave(user.tenant));
      return true;
    }
    const wait = String(refused.waitSeconds);
    const message = `Too many requests: ${refused.why}; repeat it in ${wait} s.`;
    throw new Problem('too_many_requests', message, undefined, { 'retry-after': wait });
  }
}

function kindOf({ method, routeOptions: { url = '' } }: FastifyRequest): RequestKind {
  if (method !== 'GET' && method !== 'HEAD') return 'commands';
  return /\/(export|summary)$/.test(url) ? 'exports' : 'reads';
}
