import { Readable } from 'node:stream';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { CommandMeta } from '@redress/domain';
import type { FastifyReply } from 'fastify';
import { lastValueFrom, of, type Observable } from 'rxjs';
import type { Caller } from '../auth/caller';
import { callerIn } from '../auth/caller.decorator';
import type { HttpAnswer } from '../http/http-answer';
import { UnreadableBody } from '../http/body.pipe';
import { readJsonBody } from '../http/json-body';
import { readPreconditions } from '../http/preconditions';
import { RequestContext, type ContextualRequest } from '../http/request-context';
import { invalidRequest } from '../problems/problem';
import {
  canonicalJson,
  fingerprintOf,
  givenMembers,
  type IdempotencyKey,
  isJsonObject,
  type JsonValue,
  readIdempotencyKey,
  scopeOf,
} from '@redress/formats';
import { KeyedAnswers } from './keyed-answers';

/**
 * Idempotency of a command route. It reads key, preconditions, body and fingerprint into the context of the request, then
 * joins the flight of the same request, or lets the handler run. It sends what the handler or the flight answers, which may
 * be the kept answer to an earlier request.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor<HttpAnswer, HttpAnswer> {
  constructor(private readonly answers: KeyedAnswers) {}

  async intercept(route: ExecutionContext, next: CallHandler<HttpAnswer>): Promise<Observable<HttpAnswer>> {
    const http = route.switchToHttp();
    const request = http.getRequest<ContextualRequest>();
    const context = (request.context = await readContext(request, route));
    if (context.meta.idempotency) http.getResponse<FastifyReply>().header('x-idempotency-replayed', 'false');
    return of(await this.answers.answer(context, () => lastValueFrom(next.handle())));
  }
}

async function readContext(request: ContextualRequest, route: ExecutionContext): Promise<RequestContext> {
  const caller = callerIn(route);
  const { tenant, actor } = caller;
  // A stream has no fingerprint, nor has what is not read; no command takes them, so the pipe of the body refuses them.
  const unread = request.body instanceof Readable || request.body instanceof UnreadableBody;
  const read = unread ? noKey : readIdempotencyKey(request.raw.rawHeaders);
  if (!read.ok) throw invalidRequest({ 'X-Idempotency-Key': read.problem });
  const preconditions = readPreconditions(request, route.getHandler());
  request.body = await readJsonBody(request.body);
  const idempotency = read.key !== undefined && { idempotency: identify(read.key, request, caller) };
  return new RequestContext(
    caller,
    { tenant, actor, ...preconditions, ...idempotency },
    request.headers.accept,
  );
}

const noKey: IdempotencyKey = { ok: true };

function identify(
  key: string,
  request: ContextualRequest,
  { tenant, actor }: Caller,
): NonNullable<CommandMeta['idempotency']> {
  const { method, url, body, headers } = request;
  const [, ...query] = url.split('?');
  const { 'content-type': contentType, 'if-match': ifMatch } = headers;
  return {
    key: scopeOf({ tenant, actor, method, path: resolvedPath(request), query: query.join('?'), key }),
    fingerprint: fingerprintOf({
      contentType,
      ifMatch,
      body: bodyText(body),
    }),
  };
}

/** The path as the route understands it: an id in other letters, or percent-encoded, is the same id. */
const resolvedPath = ({ routeOptions: { url = '' }, params }: ContextualRequest): string =>
  url.replace(/:(\w+)/g, (_, name: string) => (params as Record<string, string>)[name]?.toLowerCase() ?? '');

/** A request that names what it does not give is the same as one that leaves it out: `http/read-shape.ts` reads them alike. */
function bodyText(body: unknown): string | undefined {
  if (isJsonObject(body)) return canonicalJson(givenMembers(body));
  return isJson(body) ? canonicalJson(body) : undefined;
}

const isJson = (body: unknown): body is JsonValue => body !== undefined;
