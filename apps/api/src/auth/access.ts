import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Scope } from './scopes';

/** Who may call a route: every client, or the holders of a scope. A route that states no access refuses every call. */
export type Access = 'public' | Scope;

/** One decorator for both, so that what a method says always replaces what its controller says. */
export const AccessTo = Reflector.createDecorator<Access>();

export function accessOf(
  reflector: Reflector,
  route: Pick<ExecutionContext, 'getHandler' | 'getClass'>,
): Access | undefined {
  return reflector.getAllAndOverride<Access | undefined>(AccessTo.KEY, [
    route.getHandler(),
    route.getClass(),
  ]);
}
