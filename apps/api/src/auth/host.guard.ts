import type { IncomingMessage } from 'node:http';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems/problem';
import { withTimeout } from '../with-timeout';
import { accessOf } from './access';
import { callerOf, type Caller } from './caller';

/** Who calls, as a host application knows it. The same limits hold as for the claims of a token. */
export type HostCaller = Readonly<{
  /** 1 to 128 of `A-Z a-z 0-9 . _ : @ -`. Callers see the data of their tenant alone. */
  tenant: string;
  /** The user or system, 1 to 255 characters: what the history names, and what four eyes compare. */
  actor: string;
  /** Names of scopes, such as `exception:read`. Others may be among them; they open nothing. */
  scopes: Iterable<string>;
}>;

/**
 * Who sends this request: a caller, or undefined where the host does not know. What it throws, or does not answer within
 * ten seconds, is answered 503 and logged.
 */
export type Authenticate = (
  request: IncomingMessage,
) => HostCaller | undefined | Promise<HostCaller | undefined>;

const timeoutMs = 10_000;

/** Authenticates every route that is not public by what the host says, and leaves the caller as `request.user`. */
@Injectable()
export class HostGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticate: Authenticate,
    private readonly limitMs = timeoutMs,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (accessOf(this.reflector, context) === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest & { user?: Caller }>();
    request.user = accept(await this.ask(request));
    return true;
  }

  /** An error of the host says nothing about the caller, whatever status it carries: the request can be sent again. */
  private async ask({ raw, log }: FastifyRequest): Promise<HostCaller | undefined> {
    const asked = async () => this.authenticate(raw);
    const late = () => new Error(`The host application did not say who calls within ${this.limitMs} ms.`);
    try {
      return await withTimeout(this.limitMs, asked(), late);
    } catch (error) {
      log.error({ err: error }, 'the host application could not authenticate a request');
      throw new Problem(
        'service_unavailable',
        'Callers cannot be told apart just now: try again soon.',
        undefined,
        {
          'retry-after': '1',
        },
      );
    }
  }
}

function accept(found: HostCaller | undefined): Caller {
  if (!found) throw unauthorized('Nothing in the request says who calls.');
  const { tenant, actor, scopes } = found;
  const caller = callerOf({ sub: actor, tenantId: tenant, permissions: [...scopes] });
  if (typeof caller === 'string') throw unauthorized(caller);
  return caller;
}

/** RFC 9110 wants a challenge in every 401; which scheme the host has is not known here. */
const unauthorized = (why: string): Problem =>
  new Problem('unauthorized', why, undefined, { 'www-authenticate': 'Bearer' });
