import { FastifyAdapter } from '@nestjs/platform-fastify';
import { HttpAnswer } from './http-answer';

/** Fastify as Nest drives it, which also knows how to send an answer whose bytes are already decided. */
export class AnswerAdapter extends FastifyAdapter {
  private observe: (answer: HttpAnswer) => void = () => undefined;

  /** `observe` is called with every HttpAnswer that is sent. */
  onAnswer(observe: (answer: HttpAnswer) => void): void {
    this.observe = observe;
  }

  override reply(
    ...[response, body, statusCode]: Parameters<FastifyAdapter['reply']>
  ): ReturnType<FastifyAdapter['reply']> {
    if (!(body instanceof HttpAnswer) || !('headers' in response))
      return super.reply(response, body, statusCode);
    this.observe(body);
    if (body.replayed) response.header('x-idempotency-replayed', 'true');
    return response.status(body.status).headers(body.headers).send(body.body);
  }
}
