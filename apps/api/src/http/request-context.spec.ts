import 'reflect-metadata';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { RequestMethod } from '@nestjs/common';
import { INTERCEPTORS_METADATA, METHOD_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants';
import { AccessTo } from '../auth/access';
import { IdempotencyInterceptor } from '../idempotency/idempotency.interceptor';

type Handler = Readonly<{
  name: string;
  method: RequestMethod;
  takesContext: boolean;
  isIdempotent: boolean;
}>;

const apps = path.join(__dirname, '..');
const files = readdirSync(apps, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.controller.ts'),
);

/** Every route that is not public, as its decorators say. */
const handlers: Handler[] = [];

beforeAll(async () => {
  for (const file of files)
    handlers.push(...handlersIn((await import(path.join(apps, file))) as Record<string, unknown>));
});

const handlersIn = (exported: Record<string, unknown>): Handler[] =>
  Object.values(exported).flatMap((controller): Handler[] => {
    if (typeof controller !== 'function') return [];
    const prototype = controller.prototype as Record<string, object>;
    return Object.getOwnPropertyNames(prototype)
      .filter((name) => Reflect.hasMetadata(METHOD_METADATA, prototype[name]!))
      .filter((name) => Reflect.getMetadata(AccessTo.KEY, prototype[name]!) !== 'public')
      .map((name) => {
        const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as object;
        const interceptors = (Reflect.getMetadata(INTERCEPTORS_METADATA, prototype[name]!) ??
          []) as unknown[];
        return {
          name: `${controller.name}.${name}`,
          method: Reflect.getMetadata(METHOD_METADATA, prototype[name]!) as RequestMethod,
          takesContext: Object.keys(parameters).some((key) => key.includes('__customRouteArgs__')),
          isIdempotent: interceptors.includes(IdempotencyInterceptor),
        };
      });
  });

it('there are routes to look at', () => expect(handlers.length).toBeGreaterThan(50));

it('every route takes its context, which checks the preconditions and the query', () => {
  expect(handlers.filter(({ takesContext }) => !takesContext).map(({ name }) => name)).toEqual([]);
});

it('every route that is no read passes the idempotency interceptor, but those that take a stream', () => {
  const without = handlers.filter(
    ({ method, isIdempotent }) => method !== RequestMethod.GET && !isIdempotent,
  );
  expect(without.map(({ name }) => name).sort()).toEqual([
    'EditsController.apply',
    'ImportController.import',
  ]);
  expect(handlers.filter(({ method, isIdempotent }) => method === RequestMethod.GET && isIdempotent)).toEqual(
    [],
  );
});
