type Route = Readonly<{
  handler: (...args: never[]) => unknown;
  /** How Nest fills each parameter, and the class that the body pipe checks it by. */
  parameters: readonly Readonly<{ decorator: ParameterDecorator; type: unknown }>[];
  decorators: readonly MethodDecorator[];
}>;

/** Adds a route to a controller as a decorated method would, for routes that a table lists. */
export function addRoute(
  { prototype }: { prototype: object },
  name: string,
  { handler, parameters, decorators }: Route,
): void {
  // Nest and its OpenAPI module look a method up by the name of its function.
  Object.defineProperty(handler, 'name', { value: name });
  const descriptor = { value: handler, writable: true, configurable: true, enumerable: false };
  Object.defineProperty(prototype, name, descriptor);
  const types = parameters.map(({ type }) => type);
  Reflect.defineMetadata('design:paramtypes', types, prototype, name);
  parameters.forEach(({ decorator }, i) => decorator(prototype, name, i));
  for (const decorate of [...decorators].reverse()) decorate(prototype, name, descriptor);
}
