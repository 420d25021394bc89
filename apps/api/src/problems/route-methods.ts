import type { FastifyInstance } from 'fastify';

/** The methods that the routes of an address have, for the answer to any other method. */
export class RouteMethods {
  private readonly routes = new Map<string, Readonly<{ path: RegExp; methods: Set<string> }>>();

  /** Before any route is added. */
  listen(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ url, method }) => {
      if (url.includes('*')) return;
      const path = new RegExp(`^${url.replace(/:\w+/g, '[^/]+')}$`);
      const route = this.routes.get(url) ?? { path, methods: new Set() };
      for (const one of [method].flat()) route.methods.add(one);
      this.routes.set(url, route);
    });
  }

  /** In alphabetical order; none where there is nothing at this address. A fixed path goes before one with a parameter. */
  of(address: string): readonly string[] {
    const [path = ''] = address.split('?');
    const found = [...this.routes].filter(([, route]) => route.path.test(path));
    const [nearest] = found.sort(([a], [b]) => a.split(':').length - b.split(':').length);
    return nearest ? [...nearest[1].methods].sort() : [];
  }
}
