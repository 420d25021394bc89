import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { createApp } from '../../apps/api/src/app';
import { readConfig } from '../../apps/api/src/config/config';
import { connectionTargets } from '@redress/domain/integrations';
import { ConnectionResolver, Connectors, type Connector } from '@redress/connectors';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Person, type TestApp } from '../support/app';
import { ownerOf, type Owner } from '../support/owner';

let logs = '';
let service: TestApp;
let owner: Owner;
let ana: Person;

beforeAll(async () => {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logs += chunk.toString();
      done();
    },
  });
  service = await startTestApp({ LOG_LEVEL: 'trace' }, stream);
  owner = ownerOf(service.database.url);
  ana = service.person();
}, 60_000);

afterAll(async () => {
  await owner.end();
  await service.close();
});

const canary = (name: string) => `canary-${name}-0123456789`;
const signing = `whsec_${Buffer.from(canary('webhook')).toString('base64')}`;
const ledgers = `whsec_${Buffer.from(canary('ledger')).toString('base64')}`;
const bodies = {
  JIRA: {
    site: 'https://acme.atlassian.net',
    email: 'desk@acme.example',
    project: 'RECON',
    apiToken: canary('jira'),
  },
  SERVICENOW: {
    instance: 'https://acme.service-now.com',
    username: 'redress',
    password: canary('servicenow'),
  },
  WEBHOOK: { url: 'https://hooks.acme.example/', secrets: [signing] },
  LEDGER: { url: 'https://ledger.acme.example/', secrets: [ledgers] },
} as const;
const secrets: string[] = [
  ...[canary('jira'), canary('servicenow')],
  ...[signing, canary('webhook'), ledgers, canary('ledger')],
];

const put = (target: keyof typeof bodies, over: object = {}, headers: Record<string, string> = {}) =>
  ana.send('PUT', `/v1/connections/${target}`, { body: { ...bodies[target], ...over }, headers });

/** In whatever way a text may have been written down. */
const spellings = (secret: string): string[] => {
  const bytes = Buffer.from(secret);
  return [
    secret,
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ];
};
const leaksIn = (text: string): string[] =>
  secrets.filter((secret) => spellings(secret).some((spelling) => text.includes(spelling)));

/** Every row of every table, as text; bytes are hexadecimal there. */
async function wholeDatabase(): Promise<string> {
  const tables = await owner.rows<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
  );
  const rows: string[] = [];
  for (const { name } of tables)
    rows.push(
      ...(await owner.rows<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)).map(({ row }) => row),
    );
  return rows.join('\n');
}

describe('secrets of connections', () => {
  it('come out of no answer but the one that shows what was made', async () => {
    const answers: string[] = [];
    for (const target of connectionTargets) {
      const key = { 'X-Idempotency-Key': newId() };
      const made = await put(target, {}, key);
      expect(made.status).toBe(201);
      const { inboundSecret, ...rest } = made.body;
      secrets.push(inboundSecret);
      expect((await put(target, {}, key)).text).toBe(made.text);
      const rotated = await put(target, { rotateInboundSecret: true }, { 'X-Idempotency-Key': newId() });
      secrets.push(rotated.body.inboundSecret);
      answers.push(
        JSON.stringify(rest),
        (await put(target, { surprise: true })).text,
        (await put(target, { enabled: 1 })).text,
        (await put(target, {}, { ...key, 'If-Match': '"1"' })).text,
        (await put(target, {}, { 'If-Match': '"1"' })).text,
        (await ana.get(`/v1/connections/${target}`)).text,
        (await ana.get(`/v1/connections/${target}/changes`)).text,
      );
    }
    for (const path of ['/v1/connections', '/metrics', '/openapi.json', '/docs', '/v1/exceptions'])
      answers.push((await ana.get(path)).text);
    expect(answers.join('\n')).toContain('acme.atlassian.net');
    expect(leaksIn(answers.join('\n'))).toEqual([]);
    expect(secrets).toHaveLength(14);
  });

  it('are nowhere in the database, replies that are kept included', async () => {
    const everything = await wholeDatabase();
    expect(everything).toContain('acme.atlassian.net');
    expect(everything).toContain('connection.created');
    expect(leaksIn(everything)).toEqual([]);
    expect(leaksIn(`${everything}${secrets[0]}`)).toEqual([secrets[0]]);
  });

  it('leave nothing by which a password could be guessed', async () => {
    const kept = await owner.rows('SELECT DISTINCT fingerprint FROM idempotency');
    expect(kept).toEqual([{ fingerprint: 'sealed' }]);
  });

  it('are in no log, whatever goes wrong', async () => {
    const connectors = service.app.get(Connectors);
    jest.spyOn(connectors, 'for').mockImplementation((connection) => {
      throw Object.assign(new Error('It broke.'), { connection });
    });
    expect((await ana.post('/v1/connections/JIRA/test')).status).toBe(500);
    jest.spyOn(connectors, 'for').mockImplementation((connection) => {
      service.app
        .getHttpAdapter()
        .getInstance()
        .log.warn({ connection, list: [connection] }, 'looked at');
      return { test: async () => ({ ok: true, detail: 'Fine.' }) } as unknown as Connector;
    });
    expect((await ana.post('/v1/connections/JIRA/test')).status).toBe(200);
    expect(logs).toContain('It broke.');
    expect(logs).toContain('looked at');
    expect(leaksIn(logs)).toEqual([]);
  });

  it('are not seen by who prints, copies or serializes a connection', async () => {
    const connection = (await service.app.get(ConnectionResolver).find(ana.tenant, 'JIRA'))!;
    expect(connection.secrets).toEqual({ apiToken: canary('jira') });
    const printed = [
      JSON.stringify(connection),
      JSON.stringify({ ...connection }),
      inspect(connection, { depth: 9, showHidden: true }),
    ];
    expect(printed[0]).toContain('acme.atlassian.net');
    expect(leaksIn(printed.join('\n'))).toEqual([]);
  });

  it('do not open in another row, even when the database owner moves them there', async () => {
    const eve = service.person();
    const hers = { ...bodies.JIRA, apiToken: 'her-own' };
    await eve.send('PUT', '/v1/connections/JIRA', { body: hers });
    await owner.rows(
      `UPDATE connection SET secrets = (SELECT secrets FROM connection WHERE tenant_id = $1 AND target = 'JIRA')
       WHERE tenant_id = $2 AND target = 'JIRA'`,
      [ana.tenant, eve.tenant],
    );
    await expect(service.app.get(ConnectionResolver).find(eve.tenant, 'JIRA')).rejects.toThrow('was altered');
    const tried = await eve.post('/v1/connections/JIRA/test');
    expect([tried.status, tried.body.title]).toEqual([422, 'secrets_unreadable']);
    // The way out needs no key: what cannot be opened can be deleted.
    expect((await eve.send('DELETE', '/v1/connections/JIRA')).status).toBe(204);
    expect((await eve.send('PUT', '/v1/connections/JIRA', { body: hers })).status).toBe(201);
  });
});

describe('the key that seals them', () => {
  const keys = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64'));
  const body = bodies.JIRA;
  const { apiToken: _token, ...settings } = body;
  const path = '/v1/connections/JIRA';

  /** The same database, under other keys. */
  async function under(
    env: NodeJS.ProcessEnv,
    work: (person: Person['send']) => Promise<void>,
  ): Promise<void> {
    const read = readConfig({
      DATABASE_URL: service.database.url,
      JWT_SECRET: service.config.jwtSecret,
      LOG_LEVEL: 'silent',
      ...env,
    });
    if (!read.ok) throw new Error(read.problems.join());
    const app = await createApp(read.config);
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    jest.spyOn(app.get(Connectors), 'for').mockImplementation((connection) => {
      const detail = JSON.stringify(connection.secrets);
      return { test: async () => ({ ok: true, detail }) } as unknown as Connector;
    });
    try {
      await work(async (method, url, { body: sent, headers } = {}) => {
        const answer = await app.inject({
          method,
          url,
          headers: {
            authorization: `Bearer ${someone.token}`,
            ...headers,
            ...(sent !== undefined && { 'content-type': 'application/json' }),
          },
          ...(sent !== undefined && { payload: JSON.stringify(sent) }),
        });
        const text = answer.payload;
        return {
          status: answer.statusCode,
          headers: answer.headers as never,
          text,
          body: text && JSON.parse(text),
        };
      });
    } finally {
      await app.close();
    }
  }

  let someone: Person;
  beforeEach(() => (someone = service.person()));

  it('can be changed: the old one still opens, a new put seals anew, and then the old one can go', async () => {
    const headers = { 'x-idempotency-key': newId() };
    let first = '';
    await under({ SECRETS_KEY: keys[0] }, async (send) => {
      const made = await send('PUT', path, { body, headers });
      first = made.text;
      expect(made.body.sealedWith).toBe('current');
    });
    await under({ SECRETS_KEY: keys[1], SECRETS_KEYS_OLD: keys[0] }, async (send) => {
      // What was answered under the old key is answered again.
      expect((await send('PUT', path, { body, headers })).text).toBe(first);
      expect((await send('GET', path)).body.sealedWith).toBe('old');
      expect((await send('POST', `${path}/test`)).body.detail).toContain(body.apiToken);
      expect((await send('PUT', path, { body: settings })).body.sealedWith).toBe('current');
    });
    await under({ SECRETS_KEY: keys[1] }, async (send) => {
      expect((await send('GET', path)).body.sealedWith).toBe('current');
      expect((await send('POST', `${path}/test`)).body.detail).toContain(body.apiToken);
    });
  });

  it('is missed with a sentence, and nothing is lost meanwhile', async () => {
    const missing = { status: 503, body: { title: 'secrets_key_missing' } };
    await under({ SECRETS_KEY: keys[0] }, async (send) => {
      expect((await send('PUT', path, { body })).status).toBe(201);
    });
    await under({ SECRETS_KEY: keys[1] }, async (send) => {
      expect((await send('GET', path)).body.sealedWith).toBe('missing');
      for (const answer of [
        await send('PUT', path, { body: settings }),
        await send('POST', `${path}/test`),
      ]) {
        expect(answer).toMatchObject(missing);
        expect(answer.body.message).toMatch(/which is neither SECRETS_KEY nor one of SECRETS_KEYS_OLD\.$/);
      }
    });
    await under({}, async (send) => {
      const headers = { 'x-idempotency-key': newId() };
      const refused = await send('PUT', '/v1/connections/WEBHOOK', { body: bodies.WEBHOOK, headers });
      expect(refused).toMatchObject(missing);
      expect(refused.body.message).toMatch(/^SECRETS_KEY is not set/);
      expect((await send('GET', '/v1/connections')).body.items).toHaveLength(1);
    });
    await under({ SECRETS_KEY: keys[0] }, async (send) => {
      expect((await send('GET', path)).body).toMatchObject({ version: 1, sealedWith: 'current' });
    });
  });
});

describe('a connection whose row was changed behind the back of the service', () => {
  it.each([
    ['JIRA', 'site'],
    ['SERVICENOW', 'instance'],
    ['WEBHOOK', 'url'],
    ['LEDGER', 'url'],
  ] as const)('to another address sends nothing there: %s', async (target, address) => {
    const bo = service.person();
    const path = `/v1/connections/${target}`;
    expect((await bo.send('PUT', path, { body: bodies[target] })).status).toBe(201);
    const connected = jest.spyOn(service.app.get(Connectors), 'for');
    await owner.rows(
      `UPDATE connection SET settings = (settings::jsonb || jsonb_build_object($2::text, 'https://evil.example'))::json
       WHERE tenant_id = $1`,
      [bo.tenant, address],
    );
    for (const answer of [
      await bo.post(`${path}/test`),
      await bo.send('PUT', path, { body: bodies[target] }),
    ]) {
      expect(answer).toMatchObject({ status: 422, body: { title: 'secrets_unreadable' } });
      expect(answer.body.message).toMatch(/another row or address\. Delete it, and create it again\.$/);
    }
    expect(
      connected.mock.calls.filter(([{ settings }]) => JSON.stringify(settings).includes('evil')),
    ).toEqual([]);
    expect((await bo.send('DELETE', path)).status).toBe(204);
    expect((await bo.send('PUT', path, { body: bodies[target] })).status).toBe(201);
  });
});

describe('connections of the environment', () => {
  let alone: TestApp;
  let owner: Person;
  const inbound = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

  beforeAll(async () => {
    alone = await startTestApp({
      CONNECTIONS_TENANT: 'acme',
      JIRA_SITE: 'https://acme.atlassian.net',
      JIRA_EMAIL: 'desk@acme.example',
      JIRA_API_TOKEN: canary('environment'),
      JIRA_PROJECT: 'RECON',
      JIRA_ISSUE_TYPE: 'Bug',
      SERVICENOW_INSTANCE: 'https://acme.service-now.com',
      SERVICENOW_USERNAME: 'redress',
      SERVICENOW_PASSWORD: canary('password'),
      WEBHOOK_URL: 'https://hooks.acme.example/',
      WEBHOOK_SECRET: signing,
      WEBHOOK_INBOUND_SECRET: inbound,
    });
    owner = alone.person({ tenant: 'acme' });
  }, 60_000);
  afterAll(() => alone.close());

  const book = () => alone.app.get(ConnectionResolver);

  it('are there for their tenant, under ids that do not change, and for no other', async () => {
    const { items } = (await owner.get('/v1/connections')).body;
    expect(items).toEqual([
      {
        ...{ id: expect.any(String), target: 'JIRA', source: 'ENVIRONMENT', enabled: true },
        settings: {
          ...{ site: 'https://acme.atlassian.net', email: 'desk@acme.example' },
          ...{ project: 'RECON', issueType: 'Bug' },
        },
      },
      {
        ...{ id: expect.any(String), target: 'SERVICENOW', source: 'ENVIRONMENT', enabled: true },
        settings: { instance: 'https://acme.service-now.com', username: 'redress' },
      },
      {
        ...{ id: expect.any(String), target: 'WEBHOOK', source: 'ENVIRONMENT', enabled: true },
        settings: { url: 'https://hooks.acme.example/' },
      },
    ]);
    expect(items[0].id).toBe('7f1ebc07-5614-8331-a9cc-1e2310d3645e');
    expect((await alone.person().get('/v1/connections')).body).toEqual({ items: [] });
    const jira = await book().find('acme', 'JIRA');
    expect([jira?.secrets, jira?.inboundSecrets]).toEqual([{ apiToken: canary('environment') }, []]);
    expect((await book().find('acme', 'SERVICENOW'))?.secrets).toEqual({ password: canary('password') });
    const webhook = await book().find('acme', 'WEBHOOK');
    expect([webhook?.secrets, webhook?.inboundSecrets]).toEqual([{ secrets: [signing] }, [inbound]]);
    expect(await book().targets('acme')).toEqual(['JIRA', 'SERVICENOW', 'WEBHOOK']);
    expect(await book().byId(items[2].id)).toEqual({ tenant: 'acme', connection: webhook });
  });

  it('give way to what is stored, and come back when that is deleted', async () => {
    const path = '/v1/connections/JIRA';
    const environment = (await owner.get(path)).body;
    expect((await owner.send('DELETE', path)).status).toBe(404);
    expect((await owner.get(`${path}/changes`)).status).toBe(404);
    const off = await owner.send('PUT', path, { body: { ...bodies.JIRA, enabled: false } });
    expect([off.status, off.body.source]).toEqual([201, 'STORED']);
    expect(await book().find('acme', 'JIRA')).toBeUndefined();
    expect(await book().byId(environment.id)).toBeUndefined();
    expect(await book().targets('acme')).toEqual(['SERVICENOW', 'WEBHOOK']);
    await owner.send('DELETE', path);
    expect((await owner.get(path)).body).toEqual(environment);
    expect((await book().byId(environment.id))?.connection.id).toBe(environment.id);
  });
});
