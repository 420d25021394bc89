import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createClient, type Client, type ClientOptions } from '@redress/client';
import { createApp } from '../../apps/api/src/app';
import { mintToken } from '../../apps/api/src/auth/demo-token';
import { scopes } from '../../apps/api/src/auth/scopes';
import { readConfig, type Config } from '../../apps/api/src/config/config';
import { newId } from '../../apps/api/src/ids';
import type { LogStream } from '../../apps/api/src/observability/log-output';
import { freshDatabase, type FreshDatabase } from './database';

export const secret = 'a secret of tests, of more than 32 bytes';

/** What secrets are sealed with in tests: 32 bytes, in base64. */
export const sealingKey = Buffer.from(secret).subarray(0, 32).toString('base64');

/** Tests ask one tenant's share of a minute within a second. Those of the limits set them. */
export const withoutRates = {
  RATE_LIMIT_READS: '0',
  RATE_LIMIT_COMMANDS: '0',
  RATE_LIMIT_EXPORTS: '0',
  TENANT_CONCURRENCY: '0',
};

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Body = Record<string, unknown>;
/** Parsed JSON of whatever shape: what it should be is what the tests say. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;
export type Answer = Readonly<{
  status: number;
  headers: Record<string, string | undefined>;
  text: string;
  body: Json;
}>;
export type Request = Readonly<{ headers?: Record<string, string>; body?: unknown; raw?: string | Buffer }>;

/** A person with a token, who calls the service. `body` is sent as JSON, `raw` as it is. */
export type Person = Readonly<{
  tenant: string;
  actor: string;
  token: string;
  send: (method: Method, path: string, request?: Request) => Promise<Answer>;
  get: (path: string, request?: Request) => Promise<Answer>;
  post: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  /** Raises an exception of a transaction of its own; answers its body. */
  raise: (over?: Body) => Promise<Json>;
}>;

export type TestApp = Readonly<{
  app: NestFastifyApplication;
  config: Config;
  database: FreshDatabase;
  /** A person of a new tenant with all scopes, unless told otherwise. */
  person: (over?: Partial<{ tenant: string; actor: string; scopes: readonly string[] }>) => Person;
  /** How a program of this person talks to the service: with the published client, over real connections. */
  client: (person: Person, options?: Partial<ClientOptions>) => Promise<Client>;
  /** Sends without a token. */
  send: (method: Method, path: string, request?: Request) => Promise<Answer>;
  close: () => Promise<void>;
}>;

/** The whole service on a database of its own, in this process, and without a port until a client asks for it. */
export async function startTestApp(env: NodeJS.ProcessEnv = {}, logs?: LogStream): Promise<TestApp> {
  const database = await freshDatabase();
  const read = readConfig({
    DATABASE_URL: database.url,
    JWT_SECRET: secret,
    SECRETS_KEY: sealingKey,
    LOG_LEVEL: 'fatal',
    NODE_ENV: 'test',
    WORKERS: '0',
    ...withoutRates,
    ...env,
  });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const app = await createApp(read.config, logs);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();

  const send: TestApp['send'] = async (method, path, { headers = {}, body, raw } = {}) => {
    const json = body === undefined ? undefined : JSON.stringify(body);
    const payload = raw ?? json;
    const answer = await app.inject({
      method,
      url: path,
      headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(payload !== undefined && { payload }),
    });
    const text = answer.payload;
    const isJson = /[/+]json\b/.test(String(answer.headers['content-type'] ?? ''));
    return {
      status: answer.statusCode,
      headers: answer.headers as Answer['headers'],
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  };

  let listening: Promise<string> | undefined;
  const listen = async (): Promise<string> => {
    await app.listen(0, '127.0.0.1');
    return app.getUrl();
  };

  return {
    app,
    config: read.config,
    database,
    send,
    client: async ({ token }, options = {}) => {
      const baseUrl = await (listening ??= listen());
      return createClient({ baseUrl, token, retries: { baseDelayMs: 5 }, ...options });
    },
    person: ({ tenant = `tenant-${newId()}`, actor = 'ana@example.com', scopes: granted = scopes } = {}) => {
      const token = mintToken({ secret, tenant, actor, scopes: granted, expiresInSeconds: 3600 });
      const mine: Person['send'] = (method, path, request = {}) =>
        send(method, path, { ...request, headers: { authorization: `Bearer ${token}`, ...request.headers } });
      const post: Person['post'] = (path, body, headers = {}) =>
        mine('POST', path, { headers, ...(body !== undefined && { body }) });
      return {
        tenant,
        actor,
        token,
        send: mine,
        get: (path, request) => mine('GET', path, request),
        post,
        raise: async (over = {}) => {
          const report = { transactionId: newId(), reason: 'Amount mismatch detected', ...over };
          const raised = await post('/v1/exceptions', report);
          if (raised.status >= 300) throw new Error(raised.text);
          return raised.body;
        },
      };
    },
    close: async () => {
      await app.close();
      await database.drop();
    },
  };
}
