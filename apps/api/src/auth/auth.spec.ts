import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Catch,
  Controller,
  Get,
  Logger,
  Module,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import {
  honestClaims,
  honestToken,
  hostileTokens,
  jwksOf,
  makeKeys,
  signToken,
  type HostileToken,
  type Target,
} from '../../../../test/support/hostile-tokens';
import { Problem } from '../problems/problem';
import { Public, TokenGuard } from './auth.guard';
import { AuthModule, type AuthOptions } from './auth.module';
import type { Caller } from './caller';
import { CurrentCaller } from './caller.decorator';
import { mintToken } from './demo-token';
import { Needs, ScopeGuard } from './scope.guard';

@Catch(Problem)
class ProblemFilter implements ExceptionFilter<Problem> {
  catch({ status, title, message, details, headers }: Problem, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    void reply.status(status).headers(headers).send({ title, message, details });
  }
}

const seen = ({ scopes, ...caller }: Caller): object => ({ ...caller, scopes: [...scopes] });

@Controller()
class Routes {
  @Get('resolve') @Needs('exception:resolve') resolve(@CurrentCaller() caller: Caller): object {
    return seen(caller);
  }
  @Get('open') @Public() open(): string {
    return 'open';
  }
  @Get('forgotten') forgotten(): string {
    return 'never';
  }
}

@Controller('public')
@Public()
class PublicRoutes {
  @Get() all(): string {
    return 'open';
  }
  @Get('but-one') @Needs('admin') one(): string {
    return 'closed';
  }
}

@Controller('closed')
@Needs('admin')
class ClosedRoutes {
  @Get() all(): string {
    return 'closed';
  }
  @Get('but-one') @Public() one(): string {
    return 'open';
  }
}

async function start(options: AuthOptions): Promise<NestFastifyApplication> {
  @Module({
    imports: [AuthModule.forRoot(options)],
    controllers: [Routes, PublicRoutes, ClosedRoutes],
    providers: [
      { provide: APP_GUARD, useClass: TokenGuard },
      { provide: APP_GUARD, useClass: ScopeGuard },
      { provide: APP_FILTER, useClass: ProblemFilter },
    ],
  })
  class App {}
  const app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), { logger: false });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

const secret = 'a secret that only the tests know';
const issuer = 'https://issuer.example/realms/redress';
const audience = 'redress';
const keys = makeKeys();
const claims = { secret, tenant: 'acme', actor: 'ana', scopes: ['exception:resolve'], expiresInSeconds: 60 };
const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

let app: NestFastifyApplication;
const get = (path: string, headers: HostileToken['headers'] = {}) =>
  app.inject({ method: 'GET', url: path, headers: headers as Record<string, string> });

describe('a route', () => {
  beforeAll(async () => (app = await start({ secret })));
  afterAll(() => app.close());

  it('knows its caller', async () => {
    const response = await get('/resolve', bearer(mintToken(claims)));
    expect(response.json()).toEqual({ tenant: 'acme', actor: 'ana', scopes: ['exception:resolve'] });
  });

  it('refuses a caller without its scope, naming the scope', async () => {
    const response = await get(
      '/resolve',
      bearer(mintToken({ ...claims, scopes: ['exception:read', 'admin'] })),
    );
    expect(response.statusCode).toBe(403);
    expect(response.headers['www-authenticate']).toBe(
      'Bearer error="insufficient_scope", scope="exception:resolve"',
    );
    expect(response.json()).toEqual({
      title: 'insufficient_scope',
      message: 'This needs the scope exception:resolve.',
      details: { scope: 'exception:resolve' },
    });
  });

  it.each([
    ['exception:resolve2'],
    ['Exception:Resolve'],
    ['exception:*'],
    ['*'],
    ['exception:resolve,admin'],
    [],
  ])('takes no scope but its own: %s', async (...scopes) => {
    expect((await get('/resolve', bearer(mintToken({ ...claims, scopes })))).statusCode).toBe(403);
  });

  it('that forgot to say what it needs is closed', async () => {
    const response = await get('/forgotten', bearer(honestToken({ secret, keys })));
    expect(response.statusCode).toBe(403);
    expect(response.json()).toEqual({ title: 'insufficient_scope', message: 'No scope opens this route.' });
    expect((await get('/forgotten')).statusCode).toBe(401);
  });

  it('that is public asks for no token, and minds none', async () => {
    expect((await get('/open')).statusCode).toBe(200);
    expect((await get('/open', { authorization: 'nonsense' })).statusCode).toBe(200);
  });

  it.each([
    ['/public', 200],
    ['/public/but-one', 401],
    ['/closed', 401],
    ['/closed/but-one', 200],
  ])('%s: what a method says replaces what its controller says', async (path, status) => {
    expect((await get(path)).statusCode).toBe(status);
  });

  it.each([
    ['no header', {}],
    ['another scheme', { authorization: 'Basic YWRtaW46YWRtaW4=' }],
  ])('without a token says how to send one: %s', async (_, headers) => {
    const response = await get('/resolve', headers);
    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer');
    expect(response.json()).toEqual({
      title: 'unauthorized',
      message: 'Send a token in the header Authorization: Bearer <token>.',
    });
  });

  it.each<[why: string, options: object, message: string]>([
    ['expired', { expiresInSeconds: -6 }, 'The token has expired.'],
    ['foreign', { secret: `${secret}!` }, 'The token is not signed for this service.'],
    ['without a tenant', { tenant: '' }, 'The tenant must be'],
  ])('says what is wrong with a token that is %s', async (_, change, message) => {
    const response = await get('/resolve', bearer(mintToken({ ...claims, ...change })));
    expect(response.statusCode).toBe(401);
    expect(response.json<{ message: string }>().message).toContain(message);
    expect(response.headers['www-authenticate']).toContain(
      `Bearer error="invalid_token", error_description="${message}`,
    );
  });

  it('allows the clocks to differ by five seconds', async () => {
    expect((await get('/resolve', bearer(mintToken({ ...claims, expiresInSeconds: -3 })))).statusCode).toBe(
      200,
    );
  });

  const now = Math.floor(Date.now() / 1000);
  const sound = { sub: 'ana', tenantId: 'acme', scope: 'exception:resolve', exp: now + 600 };
  it.each<[why: string, header: object, payload: object]>([
    ['no typ', { typ: undefined }, {}],
    ['typ jwt', { typ: 'jwt' }, {}],
    ['typ at+jwt', { typ: 'at+jwt' }, {}],
    ['typ application/at+jwt', { typ: 'application/at+jwt' }, {}],
    ['a kid that is not used', { kid: '../../etc/passwd' }, {}],
    ['iat in the future', {}, { iat: now + 3600 }],
    ['exp with a fraction', {}, { exp: now + 600.5 }],
    ['nbf now', {}, { nbf: now }],
    ['nbf within the tolerance', {}, { nbf: now + 3 }],
    ['iss and aud that are not configured', {}, { iss: 'x', aud: ['y'] }],
    ['permissions', {}, { scope: undefined, permissions: ['exception:resolve'] }],
    ['nested claims', {}, { realm_access: { roles: ['a'] }, resource_access: { account: { roles: [] } } }],
    ['text outside ASCII', {}, { name: 'José 😀' }],
  ])('accepts a token with %s', async (_, header, payload) => {
    const token = signToken({ alg: 'HS256', typ: 'JWT', ...header }, { ...sound, ...payload }, secret);
    expect((await get('/resolve', bearer(token))).statusCode).toBe(200);
  });

  it.each(['bearer', 'BEARER', 'Bearer '])('accepts the scheme written %j', async (scheme) => {
    const response = await get('/resolve', { authorization: `${scheme} ${mintToken(claims)}` });
    expect(response.statusCode).toBe(200);
  });

  it('refuses a long header without reading it', async () => {
    const started = performance.now();
    for (let n = 0; n < 50; n++) await get('/resolve', { authorization: 'a'.repeat(100_000) });
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe.each<[how: string, target: Target]>([
  ['a secret', { secret, keys }],
  ['a secret, an issuer and an audience', { secret, keys, issuer, audience }],
  ['published keys, an issuer and an audience', { keys, issuer, audience }],
])('with %s', (_, target) => {
  const hostile = hostileTokens(target);
  let issuerServer: Server;

  beforeAll(async () => {
    issuerServer = createServer((_request, response) => response.end(JSON.stringify(jwksOf(keys))));
    const jwksUrl = await listen(issuerServer);
    app = await start({ ...target, ...(target.secret === undefined && { jwksUrl }) });
  });
  afterAll(async () => {
    await app.close();
    stop(issuerServer);
  });

  it('an honest token is let in, so that the hostile ones are refused for what is wrong with them', async () => {
    expect((await get('/resolve', bearer(honestToken(target)))).statusCode).toBe(200);
  });

  it('there are enough hostile tokens, each with a name of its own', () => {
    expect(new Set(hostile.map(({ name }) => name)).size).toBe(hostile.length);
    expect(hostile.length).toBeGreaterThan(150);
  });

  it.each(hostile.map(({ name, headers }) => [name, headers] as const))(
    'refuses: %s',
    async (_name, headers) => {
      const response = await get('/resolve', headers);
      expect(response.statusCode).toBe(401);
      const { title, message } = response.json<{ title: string; message: string }>();
      expect(title).toBe('unauthorized');
      expect(message).toMatch(/^[A-Z][^"\\\n]{10,150}\.$/);
      expect(message).not.toMatch(/jwt malformed|jsonwebtoken|jose|undefined|Error|https:|SyntaxError/);
      expect(response.headers['www-authenticate']).toMatch(
        /^Bearer( error="invalid_token", error_description="[^"\\]+")?$/,
      );
    },
  );

  if (target.audience === undefined) return;
  it.each([
    ['The token comes from another issuer.', { iss: 'https://other.example' }],
    ['The token is meant for another audience.', { aud: 'other' }],
  ])('says: %s', async (message, change) => {
    const token = signed(target, change);
    expect((await get('/resolve', bearer(token))).json()).toEqual({ title: 'unauthorized', message });
  });

  it('accepts an audience among several', async () => {
    expect((await get('/resolve', bearer(signed(target, { aud: ['a', audience] })))).statusCode).toBe(200);
  });
});

describe('with keys published by an issuer', () => {
  let issuerServer: Server;
  let published = jwksOf(keys);
  let fetches = 0;

  beforeAll(async () => {
    issuerServer = createServer((_request, response) => {
      fetches++;
      response.end(JSON.stringify(published));
    });
    app = await start({ secret, jwksUrl: await listen(issuerServer) });
  });
  afterAll(async () => {
    await app.close();
    stop(issuerServer);
  });

  const token = (alg: string, { kid, privateKey } = keys.rsa): string =>
    signToken({ alg, kid }, honestClaims({}), privateKey);

  it.each([
    ['RS256', keys.rsa],
    ['RS384', keys.rsa],
    ['RS512', keys.rsa],
    ['PS256', keys.rsa],
    ['PS384', keys.rsa],
    ['PS512', keys.rsa],
    ['ES256', keys.ec],
    ['EdDSA', keys.ed],
  ])('%s is accepted', async (alg, key) => {
    expect((await get('/resolve', bearer(token(alg, key)))).statusCode).toBe(200);
  });

  it('the shared secret works beside them', async () => {
    expect((await get('/resolve', bearer(mintToken(claims)))).statusCode).toBe(200);
  });

  it('a flood of unknown keys is refused without asking the issuer each time', async () => {
    const asked = fetches;
    const flood = Array.from({ length: 100 }, (_, n) => token('RS256', { ...keys.rsa, kid: `unknown-${n}` }));
    const answers = await Promise.all(flood.map((one) => get('/resolve', bearer(one))));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([401]));
    expect(fetches - asked).toBeLessThanOrEqual(1);
  });

  it('a new key is found once the cooldown is over', async () => {
    const rotated = makeKeys('rotated');
    published = jwksOf(rotated);
    const later = performance.now() + 31_000;
    const clock = jest.spyOn(performance, 'now').mockReturnValue(later);
    expect((await get('/resolve', bearer(token('RS256', rotated.rsa)))).statusCode).toBe(200);
    expect((await get('/resolve', bearer(token('RS256')))).statusCode).toBe(401);
    clock.mockRestore();
  });
});

describe('with an issuer that is away', () => {
  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const away = createServer();
    const jwksUrl = await listen(away);
    stop(away);
    app = await start({ secret, jwksUrl });
  });
  afterAll(() => app.close());

  it('a token cannot be judged: 503, to be tried again', async () => {
    const rs256 = signToken({ alg: 'RS256', kid: 'rsa-1' }, honestClaims({}), keys.rsa.privateKey);
    for (let n = 0; n < 3; n++) {
      const response = await get('/resolve', bearer(rs256));
      expect(response.statusCode).toBe(503);
      expect(response.headers['retry-after']).toBe('1');
      expect(response.json()).toEqual({
        title: 'service_unavailable',
        message: 'Tokens cannot be checked just now: try again soon.',
      });
    }
  });

  it('tokens signed with the secret still can', async () => {
    expect((await get('/resolve', bearer(mintToken(claims)))).statusCode).toBe(200);
  });
});

function signed(target: Target, change: object): string {
  const payload = { ...honestClaims(target), ...change };
  const { kid, privateKey } = target.keys.rsa;
  return target.secret === undefined
    ? signToken({ alg: 'RS256', kid }, payload, privateKey)
    : signToken({ alg: 'HS256' }, payload, target.secret);
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
}

function stop(server: Server): void {
  server.closeAllConnections();
  server.close();
}
