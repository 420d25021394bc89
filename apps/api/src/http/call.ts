import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Answering, CommandMeta, Refusal } from '@redress/domain';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller';
import { HttpAnswer, refusalAnswer } from './http-answer';

/** One request as the use cases see it: who asks, under which conditions, and how to answer. */
export class Call {
  constructor(
    readonly caller: Caller,
    readonly meta: CommandMeta,
    private readonly accept: string | undefined,
    private readonly refused: (code: string) => void,
  ) {}

  /** How a desk's outcomes become answers: `present` tells a success, refusals are told alike everywhere. */
  answering<T>(present: (value: T) => HttpAnswer): Answering<T, HttpAnswer> {
    return {
      answer: (outcome) => (outcome.ok ? present(outcome.value) : this.refuse(outcome.refusal)),
      keep: (answer) => answer.keep(),
      replay: (kept) => HttpAnswer.replay(kept),
    };
  }

  refuse(refusal: Refusal): HttpAnswer {
    this.refused(refusal.code);
    return refusalAnswer(refusal, this.accept);
  }
}

export type CallingRequest = FastifyRequest & { user?: Caller; call?: Call };

export const ThisCall = createParamDecorator((_data: unknown, context: ExecutionContext): Call => {
  const { call } = context.switchToHttp().getRequest<CallingRequest>();
  if (!call) throw new Error('the route is not behind the call interceptor');
  return call;
});
