import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import * as api from '@redress/api';
import * as typeorm from '@redress/typeorm';
import * as nestjs from '@redress/nestjs/http';
import * as common from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import * as http from 'node:http';
import { newId } from '../../apps/api/src/ids';
import { standaloneVariables } from '../../apps/api/src/config/config';
import { variables } from '../../apps/api/src/config/variables';
import { freshDatabase, type FreshDatabase } from '../support/database';
import { process as transform } from '../support/jest-transformer.cjs';

/* The code of docs/embedding.md runs as it stands there, with modules of a host that it only names. */

const page = readFileSync(path.resolve(__dirname, '../../docs/embedding.md'), 'utf8');
const examples = new Map(
  [...page.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms)].map(([, name, code]) => [name!, code!]),
);

let database: FreshDatabase;

/** Users by their cookies. */
class Sessions {
  async userOf(cookie: string | undefined) {
    if (cookie === undefined) return undefined;
    return { company: cookie, email: 'ana@example.com', permissions: ['exception:read'] };
  }
}
@common.Module({ providers: [Sessions], exports: [Sessions] })
class SessionsModule {}
@common.Module({
  providers: [
    {
      provide: DataSource,
      useFactory: () => {
        const entities = [...typeorm.entities];
        return new DataSource({ type: 'postgres', url: database.url, poolSize: 3, entities }).initialize();
      },
    },
  ],
  exports: [DataSource],
})
class DatabaseModule {}

const modules: Readonly<Record<string, unknown>> = {
  '@nestjs/common': common,
  '@redress/api': api,
  '@redress/nestjs/http': nestjs,
  '@redress/typeorm': typeorm,
  'node:http': http,
  typeorm: { DataSource },
  './database.module': { DatabaseModule },
  './sessions': { Sessions, SessionsModule },
};

function run(name: string): unknown {
  const { code } = transform(examples.get(name)!, path.join(__dirname, name));
  const exported = {};
  const load = (wanted: string): unknown => modules[wanted] ?? requireActual(wanted);
  compileFunction(code, ['require', 'exports'])(load, exported);
  return exported;
}
/** Helpers of the compiler. */
const requireActual = (name: string): unknown => jest.requireActual(name);

beforeAll(async () => (database = await freshDatabase()), 60_000);
afterAll(() => database.drop());

describe('docs/embedding.md', () => {
  it('has three examples', () => {
    expect([...examples.keys()]).toEqual(['redress.module.ts', 'migrate.ts', 'server.ts']);
  });

  it('mounts the API in a Nest application, on a database that it migrates', async () => {
    const { migrateRedress } = run('migrate.ts') as {
      migrateRedress: (owner: string, service: string) => Promise<void>;
    };
    await migrateRedress(database.url, database.url);
    const { RedressModule } = run('redress.module.ts') as { RedressModule: new () => object };
    const app = await NestFactory.create<NestFastifyApplication>(RedressModule, new FastifyAdapter(), {
      logger: false,
    });
    await app.listen(0, '127.0.0.1');
    const url = `${await app.getUrl()}/redress/v1/exceptions`;
    const statuses = await Promise.all(
      [{ cookie: `tenant-${newId()}` }, undefined].map(
        async (headers) => (await fetch(url, { ...(headers && { headers }) })).status,
      ),
    );
    await app.close();
    await app.get(DataSource).destroy();
    expect(statuses).toEqual([200, 401]);
  }, 60_000);

  it('serves the API without Nest', async () => {
    const { serve } = run('server.ts') as {
      serve: (url: string, who: api.Authenticate) => Promise<{ server: Server; stop: () => Promise<void> }>;
    };
    const caller = { tenant: `tenant-${newId()}`, actor: 'ana', scopes: ['exception:read'] };
    const { server, stop } = await serve(database.url, () => caller);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { status } = await fetch(`http://127.0.0.1:${port}/redress/v1/exceptions`);
    await stop();
    server.closeAllConnections();
    expect(status).toBe(200);
  }, 60_000);

  it('names the variables that are not read', () => {
    const [, named = ''] = /except those about listening and tokens:(.*?)are not read/s.exec(page)!;
    const listed = [...named.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
    expect(listed.sort()).toEqual([...standaloneVariables].sort());
    const known = new Set(Object.values(variables).map(({ name }) => name));
    expect(listed.filter((name) => !known.has(name))).toEqual([]);
  });
});
