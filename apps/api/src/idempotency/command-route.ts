import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { describeRoute, type RouteOptions } from '../http/route';
import { IdempotencyInterceptor } from './idempotency.interceptor';

/** A route that changes something: it takes an idempotency key, `?preview=true`, and `If-Match` unless it is unconditional. */
export const CommandRoute = (options: RouteOptions): MethodDecorator =>
  applyDecorators(describeRoute({ ...options, command: true }), UseInterceptors(IdempotencyInterceptor));
