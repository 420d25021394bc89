import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { CommandMeta, Refusal, ReplyCodec } from '@redress/domain';
import type { FastifyRequest } from 'fastify';
import { callerIn } from '../auth/caller.decorator';
import type { Caller } from '../auth/caller';
import { HttpAnswer, refusalAnswer } from './http-answer';
import { readPreconditions } from './preconditions';

/** What a handler knows of its request beside path, query and body: the caller, the preconditions, the idempotency key. */
export class RequestContext {
  constructor(
    readonly caller: Caller,
    readonly meta: CommandMeta,
    private readonly accept: string | undefined,
  ) {}

  /** For a command whose outcome is answered over HTTP: `present` shows a value, and refusals look alike everywhere. */
  as<T>(present: (value: T) => HttpAnswer): CommandMeta<ReplyCodec<T, HttpAnswer>> {
    return {
      ...this.meta,
      reply: {
        present: (outcome) => (outcome.ok ? present(outcome.value) : this.refuse(outcome.refusal)),
        encode: (answer) => answer.encode(),
        decode: (kept) => HttpAnswer.decode(kept),
      },
    };
  }

  /** A refusal in the error shape that the client accepts. */
  refuse(refusal: Refusal): HttpAnswer {
    return refusalAnswer(refusal, this.accept);
  }
}

/** `context` is what the interceptor of a command route has read. */
export type ContextualRequest = FastifyRequest & { user?: Caller; context?: RequestContext };

/** The context of this request. What is no command has no idempotency key, and takes the preconditions of its route. */
export const Context = createParamDecorator((_data: unknown, context: ExecutionContext): RequestContext => {
  const request = context.switchToHttp().getRequest<ContextualRequest>();
  if (request.context) return request.context;
  const caller = callerIn(context);
  const { tenant, actor } = caller;
  const preconditions = readPreconditions(request, context.getHandler());
  return new RequestContext(caller, { tenant, actor, ...preconditions }, request.headers.accept);
});
