import { Controller, Get, Logger, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { logRequests, loggingOptions, nestLogger, returnRequestIds } from './logging';
import { requestId } from '../ids';

type Line = Record<string, unknown>;

const canary = 'canary';

@Controller()
class Desk {
  @Get('things/:id')
  read() {
    return { secret: canary };
  }

  @Post('things')
  write() {
    throw Object.assign(new Error('invalid input syntax for type uuid: "canary"'), {
      code: '22P02',
      detail: canary,
      parameters: [canary],
    });
  }

  @Get('health/live')
  live() {}
}

@Module({ controllers: [Desk] })
class Desks {}

async function start(level: Parameters<typeof loggingOptions>[0] = 'info') {
  const text: string[] = [];
  const adapter = new FastifyAdapter(loggingOptions(level, { write: (line) => void text.push(line) }));
  const fastify = adapter.getInstance();
  returnRequestIds(fastify);
  logRequests(fastify);
  fastify.addHook('preHandler', (request, reply, done) => {
    Object.assign(request, { user: { tenant: 'tenant-1', actor: 'actor-1' } });
    if (request.headers['idempotency-key']) reply.header('x-idempotency-replayed', 'true');
    done();
  });
  const app = await NestFactory.create<NestFastifyApplication>(Desks, adapter, {
    logger: nestLogger(fastify.log),
  });
  await app.init();
  await fastify.ready();
  const lines = (): Line[] => text.map((line) => JSON.parse(line) as Line);
  return { app, text, lines, requests: () => lines().filter(({ msg }) => msg === 'request') };
}

describe('logging requests', () => {
  let desk: Awaited<ReturnType<typeof start>>;
  afterEach(() => desk.app.close());

  it('writes one line per answer, with the route as declared', async () => {
    desk = await start();
    const answer = await desk.app.inject('/things/17?filter=canary');
    expect(desk.lines()).toEqual([
      {
        level: 'info',
        tenant: 'tenant-1',
        actor: 'actor-1',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        requestId: answer.headers['x-request-id'],
        method: 'GET',
        route: '/things/:id',
        status: 200,
        ms: expect.any(Number),
        msg: 'request',
      },
    ]);
  });

  it('says whether the answer was a replay', async () => {
    desk = await start();
    await desk.app.inject({ url: '/things/17', headers: { 'idempotency-key': canary } });
    expect(desk.requests()).toMatchObject([{ replayed: true }]);
  });

  it('says that a request matched no route', async () => {
    desk = await start();
    await desk.app.inject('/canary');
    expect(desk.requests()).toMatchObject([{ level: 'info', route: 'unmatched', status: 404 }]);
  });

  it('writes a failure as an error', async () => {
    desk = await start();
    await desk.app.inject({ method: 'POST', url: '/things' });
    expect(desk.requests()).toMatchObject([{ level: 'error', status: 500 }]);
  });

  it('names tenant and actor, and routine questions only when debugging', async () => {
    desk = await start();
    await desk.app.inject('/health/live');
    expect(desk.requests()).toEqual([]);
    await desk.app.inject('/things/1');
    expect(desk.requests()).toMatchObject([{ tenant: 'tenant-1', actor: 'actor-1' }]);
    await desk.app.close();
    desk = await start('debug');
    await desk.app.inject('/health/live');
    await desk.app.inject('/things/1');
    expect(desk.requests()).toMatchObject([{ level: 'debug' }, { tenant: 'tenant-1', actor: 'actor-1' }]);
  });

  it('leaks nothing of the caller, whichever logger writes the line', async () => {
    desk = await start('trace');
    const { log } = desk.app.getHttpAdapter().getInstance();
    const secrets = { authorization: canary, cookie: canary, 'x-idempotency-key': canary };
    await desk.app.inject({ url: '/things/1?q=canary', headers: secrets });
    await desk.app.inject({ url: '/things?q=canary#canary', headers: secrets });
    await desk.app.inject({ method: 'POST', url: '/things', headers: secrets, payload: { note: canary } });
    await desk.app.inject({
      method: 'POST',
      url: '/things',
      headers: { ...secrets, 'content-type': 'application/json' },
      payload: '{"note": canary',
    });
    const failure = Object.assign(new Error('bad input "canary"'), { code: '22P02', parameters: [canary] });
    log.error(failure);
    log.error({ err: failure });
    log.error({ err: failure }, failure.message);
    log.info({ req: { id: 1, method: 'GET', url: '/x?q=canary', headers: secrets } });
    log.child({ err: failure }).info({ deep: { password: canary } }, 'to %s', 'postgres://u:canary@h/d');
    new Logger('Somewhere').error(failure);
    new Logger('Somewhere').error('failed', failure.stack);
    Logger.error(failure, failure.stack);
    expect(desk.text.length).toBeGreaterThan(10);
    expect(desk.text.join('')).not.toContain(canary);
  });
});

describe('the logger of Nest', () => {
  it('writes lines like all others, with their context, and is quiet about its start', async () => {
    const { app, lines } = await start();
    new Logger('Here').warn('look');
    new Logger('Here').error(new RangeError('out'));
    new Logger('Here').error('failed', 'Error: canary\n    at somewhere');
    new Logger('Here').log({ rows: 3 });
    await app.close();
    expect(lines()).toMatchObject([
      { level: 'warn', context: 'Here', msg: 'look' },
      { level: 'error', context: 'Here', msg: 'out', err: { type: 'RangeError', message: 'out' } },
      { level: 'error', context: 'Here', msg: 'failed', stack: '\n    at somewhere' },
      { level: 'info', context: 'Here', data: { rows: 3 } },
    ]);
  });
});

describe('the id of a request', () => {
  it.each(['a', '019c96a0-10d2-7134-a0b1-2f7d9f0c1d2e', 'Root:1-a_b.c', 'x'.repeat(128)])(
    'is the one the caller gave: %s',
    (id) => expect(requestId({ headers: { 'x-request-id': id } })).toBe(id),
  );

  it.each([undefined, '', 'a b', 'a=b', 'a,b', 'é', 'a\n', 'x'.repeat(129), '{"a":1}'])(
    'is a new one instead of %j',
    (id) => {
      const made = requestId({ headers: { 'x-request-id': id } });
      expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    },
  );

  it('is sent back with every answer', async () => {
    const { app } = await start('silent');
    const given = { headers: { 'x-request-id': 'mine-1' } };
    expect((await app.inject({ url: '/things/1', ...given })).headers['x-request-id']).toBe('mine-1');
    expect((await app.inject({ url: '/nowhere', ...given })).headers['x-request-id']).toBe('mine-1');
    await app.close();
  });
});
