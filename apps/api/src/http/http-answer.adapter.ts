import { FastifyAdapter } from '@nestjs/platform-fastify';
import { HttpAnswer } from './http-answer';

/** Fastify as Nest drives it, which also knows how to send an answer whose bytes are already decided. */
export class AnswerAdapter extends FastifyAdapter {
  override reply(
    ...[response, body, statusCode]: Parameters<FastifyAdapter['reply']>
  ): ReturnType<FastifyAdapter['reply']> {
    if (!(body instanceof HttpAnswer) || !('headers' in response))
      return super.reply(response, body, statusCode);
    if (body.replayed) response.header('x-idempotency-replayed', 'true');
    return response.status(body.status).headers(body.headers).send(body.body);
  }
}
