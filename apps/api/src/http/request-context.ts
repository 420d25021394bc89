import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Answering, CommandMeta, Refusal } from '@redress/domain';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller';
import { HttpAnswer, refusalAnswer } from './http-answer';

/** What goes on around the calls of a process. */
export type Around = Readonly<{
  /** Goes, unless somebody goes for the same already: then their answer is shared. */
  fly: (call: Call, go: () => Promise<HttpAnswer>) => Promise<HttpAnswer>;
  refused: (code: string) => void;
}>;

/** One request as the use cases see it: who asks, under which conditions, and how to answer. */
export class Call {
  constructor(
    readonly caller: Caller,
    readonly meta: CommandMeta,
    private readonly accept: string | undefined,
    private readonly around: Around,
  ) {}

  /**
   * Gives a command to a desk, once for all who give it under one key at the same time. Outcomes become answers:
   * `present` tells a success, refusals are told alike everywhere.
   */
  give<T>(
    present: (value: T) => HttpAnswer,
    command: (meta: CommandMeta, answering: Answering<T, HttpAnswer>) => Promise<HttpAnswer>,
  ): Promise<HttpAnswer> {
    return this.around.fly(this, () => command(this.meta, this.answering(present)));
  }

  private answering<T>(present: (value: T) => HttpAnswer): Answering<T, HttpAnswer> {
    return {
      answer: (outcome) => (outcome.ok ? present(outcome.value) : this.refuse(outcome.refusal)),
      keep: (answer) => answer.keep(),
      replay: (kept) => HttpAnswer.replay(kept),
    };
  }

  refuse(refusal: Refusal): HttpAnswer {
    this.around.refused(refusal.code);
    return refusalAnswer(refusal, this.accept);
  }
}

export type CallingRequest = FastifyRequest & { user?: Caller; call?: Call };

export const ThisCall = createParamDecorator((_data: unknown, context: ExecutionContext): Call => {
  const { call } = context.switchToHttp().getRequest<CallingRequest>();
  if (!call) throw new Error('the route is not behind the call guard');
  return call;
});
