import helmet from '@fastify/helmet';
import { fastify, type FastifyInstance } from 'fastify';

/**
 * Puts helmet's headers on every answer, and on all but the public API reference that caches must not keep it. They are the
 * same on all of them, so helmet is asked once, at the start: asking it for each answer took longer than checking the token.
 */
export async function sendSecurityHeaders(app: FastifyInstance): Promise<void> {
  const headers = await helmetHeaders();
  const uncached = { ...headers, 'cache-control': 'no-store' };
  app.addHook('onRequest', ({ routeOptions: { url = '' } }, reply, done) => {
    reply.headers(/^\/(docs|openapi\.)/.test(url) ? headers : uncached);
    done();
  });
}

async function helmetHeaders(): Promise<Record<string, string>> {
  const asked = fastify();
  await asked.register(helmet, {
    // Served in the clear where there is no proxy before it; transport security is the proxy's to demand.
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
    strictTransportSecurity: false,
  });
  // Helmet writes on the raw answer, where nothing else has written by then.
  asked.get('/', (_request, reply) => reply.raw.getHeaders());
  const answer = await asked.inject('/');
  await asked.close();
  return answer.json();
}
