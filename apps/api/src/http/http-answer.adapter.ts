import { FastifyAdapter } from '@nestjs/platform-fastify';
import { HttpAnswer } from './http-answer';

/** Fastify as Nest drives it, which also knows how to send an answer whose bytes are already decided. */
export class AnswerAdapter extends FastifyAdapter {
  private observe: (answer: HttpAnswer) => void = () => undefined;

  /** Where a host application has mounted the API. Kept answers do not have it, so that they survive another prefix. */
  prefix = '';

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
    response.status(body.status).headers(body.headers);
    const { location } = body.headers;
    if (this.prefix && location !== undefined) response.header('location', this.prefix + location);
    return response.send(body.body);
  }
}
