import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Caller } from './caller';

/** The caller as the TokenGuard left it. On a public route there is none, so asking for it there is a bug. */
export function callerIn(context: ExecutionContext): Caller {
  const { user } = context.switchToHttp().getRequest<{ user?: Caller }>();
  if (!user) throw new Error('This route has no caller: it is public, or no TokenGuard stands before it.');
  return user;
}

export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext) =>
  callerIn(context),
);
