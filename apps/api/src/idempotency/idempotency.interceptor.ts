import { Readable } from 'node:stream';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { isProvisional, ok, type UnitOfWork } from '@redress/domain';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../auth/caller';
import { Call, type Around, type CallingRequest } from '../http/request-context';
import { HttpAnswer } from '../http/http-answer';
import { invalidRequest, Problem } from '../problems/problem';
import { canonicalJson, parseStrictJson, type JsonValue } from '../json/strict-json';
import { changesSomething, readTerms } from '../http/preconditions';
import type { Metrics } from '../observability/metrics';
import { fingerprintOf, scopeOf } from './fingerprint';
import { Flights } from './single-flight';
import { readIdempotencyKey } from './idempotency-key';

type Once = NonNullable<Call['meta']['once']>;

/**
 * Opens each call: body, terms and idempotency key are read here, before anything is asked of a use case. A guard,
 * after those that ask who may call: Nest wraps a route with interceptors into a chain of observables, which takes
 * longer than all that is done here.
 */
export class CallGuard implements CanActivate {
  private readonly flights: Flights<HttpAnswer>;
  private readonly around: Around;

  constructor(
    private readonly metrics: Metrics,
    private readonly uow: UnitOfWork,
    waitMs: number,
    /** Tells from an error whether somebody else kept this request from being committed. */
    private readonly heldUp: (error: unknown) => boolean,
  ) {
    this.flights = new Flights(waitMs);
    this.around = {
      fly: (call, go) => this.fly(call, go),
      refused: (code) => metrics.refused(code),
    };
  }

  canActivate(context: ExecutionContext): true {
    const http = context.switchToHttp();
    const request = http.getRequest<CallingRequest>();
    // Public routes have no caller, and nothing to repeat.
    if (!request.user) return true;
    request.call = this.open(request, request.user, context);
    if (request.call.meta.once) http.getResponse<FastifyReply>().header('x-idempotency-replayed', 'false');
    return true;
  }

  private async fly(call: Call, go: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    const { once } = call.meta;
    if (!once) return go();
    const kept = () => this.keptAnswer(call.caller.tenant, once);
    const boarding = await this.flights
      .board(once.key, once.fingerprint, go, kept)
      .catch((error: unknown) => {
        if (this.heldUp(error)) return { refused: 'still_running' } as const;
        throw error;
      });
    if ('answered' in boarding) {
      const answer = boarding.joined ? boarding.answered.shared() : boarding.answered;
      if (answer.replayed) this.metrics.replayed();
      return answer;
    }
    if (boarding.refused === 'other_request') return call.refuse({ code: 'idempotency_key_reused' });
    return call.refuse({ code: 'request_in_progress' });
  }

  private async keptAnswer(tenant: string, { key, fingerprint }: Once): Promise<HttpAnswer | undefined> {
    const found = await this.uow.run({ tenant, replyKey: key }, async (tx) => ok(await tx.replies.find()));
    const reply = found.ok ? found.value : undefined;
    if (reply?.fingerprint !== fingerprint || isProvisional(reply, new Date())) return undefined;
    return HttpAnswer.replay(reply.answer);
  }

  private open(request: CallingRequest, caller: Caller, context: ExecutionContext): Call {
    const { method, headers, raw } = request;
    const { tenant, actor } = caller;
    // A stream is read as it comes and is harmless to repeat, so it takes no key.
    const keyed = changesSomething(method) && !(request.body instanceof Readable);
    const key = keyed ? readIdempotencyKey(raw.rawHeaders) : { ok: true as const };
    if (!key.ok) throw invalidRequest({ 'X-Idempotency-Key': key.problem });
    const terms = readTerms(request, context.getHandler());
    const body = (request.body = readBody(request));
    return new Call(
      caller,
      {
        tenant,
        actor,
        ...terms,
        ...(key.key !== undefined && { once: identify(key.key) }),
      },
      headers.accept,
      this.around,
    );

    function identify(key: string): Once {
      const [, ...query] = request.url.split('?');
      const { 'content-type': contentType, 'if-match': ifMatch } = headers;
      return {
        key: scopeOf({ tenant, actor, method, path: resolvedPath(request), query: query.join('?'), key }),
        fingerprint: fingerprintOf({
          contentType,
          ifMatch,
          body: isJson(body) ? canonicalJson(body) : undefined,
        }),
      };
    }
  }
}

/** The path as the route understands it: an id in other letters, or percent-encoded, is the same id. */
const resolvedPath = ({ routeOptions: { url = '' }, params }: CallingRequest): string =>
  url.replace(/:(\w+)/g, (_, name: string) => (params as Record<string, string>)[name]?.toLowerCase() ?? '');

const isJson = (body: unknown): body is JsonValue => body !== undefined;

/** JSON bodies arrive as bytes, so that a request is authenticated before any work is spent on what it says. */
function readBody({ body }: CallingRequest): unknown {
  if (!Buffer.isBuffer(body)) return body;
  if (body.length === 0) return undefined;
  const parsed = parseStrictJson(body);
  if (parsed.ok) return parsed.value;
  throw parsed.path
    ? invalidRequest({ [parsed.path]: parsed.problem })
    : new Problem('invalid_request', parsed.problem);
}
