import {
  type ConnectionInUse,
  Connectors,
  type Connector,
  type Tested,
  ConnectionResolver,
} from '@redress/connectors';
import { connectionTargets } from '@redress/domain/integrations';
import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Answer, type Person, type TestApp } from '../support/app';

let service: TestApp;
let ana: Person;
const tested: ConnectionInUse[] = [];
let outcome: Tested;

beforeAll(async () => {
  service = await startTestApp();
  // Nothing leaves this process: what a connector does is proved elsewhere.
  jest.spyOn(service.app.get(Connectors), 'for').mockImplementation((connection) => {
    tested.push(connection);
    return { test: async () => outcome } as unknown as Connector;
  });
}, 60_000);
afterAll(() => service.close());

beforeEach(() => {
  ana = service.person();
  tested.length = 0;
  outcome = { ok: true, detail: 'Signed in as redress.' };
});

const whsec = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
const jira = { site: 'https://acme.atlassian.net', email: 'desk@acme.example', project: 'RECON' };
const serviceNow = { instance: 'https://acme.service-now.com', username: 'redress' };
const webhook = { url: 'https://hooks.acme.example/redress' };
const ledger = { url: 'https://ledger.acme.example/redress' };
/** Of each target settings, and secrets that go with them. */
const good = {
  JIRA: [jira, { apiToken: 'a-token' }],
  SERVICENOW: [serviceNow, { password: 'a password' }],
  WEBHOOK: [webhook, { secrets: [whsec(1)] }],
  LEDGER: [ledger, { secrets: [whsec(2)] }],
} as const;

const signsWebhooks = (target: string) => target === 'WEBHOOK' || target === 'LEDGER';

const at = (target: string) => `/v1/connections/${target}`;
const put = (
  target: string,
  body: object,
  headers: Record<string, string> = {},
  who = ana,
): Promise<Answer> => who.send('PUT', at(target), { body, headers });
const connectJira = (over: object = {}, headers?: Record<string, string>) =>
  put('JIRA', { ...jira, apiToken: 'a-token', ...over }, headers);
const fieldsOf = ({ body }: Answer): string[] => Object.keys(body.details?.fields ?? {});
const book = () => service.app.get(ConnectionResolver);

describe.each(connectionTargets)('a connection to %s', (target) => {
  const [settings, secrets] = good[target];

  it('is made once and can be read, but for its secrets', async () => {
    const made = await put(target, { ...settings, ...secrets });
    expect([made.status, made.headers['etag'], made.headers['location']]).toEqual([201, '"1"', at(target)]);
    const { inboundSecret, ...rest } = made.body;
    expect(rest).toEqual({
      ...{ id: expect.any(String), target, source: 'STORED', enabled: true, settings, version: 1 },
      ...{ sealedWith: 'current', createdAt: expect.any(String), createdBy: ana.actor },
      ...{ updatedAt: rest.createdAt, updatedBy: ana.actor },
    });
    expect(inboundSecret).toMatch(signsWebhooks(target) ? /^whsec_[\w+/]{43}=$/ : /^[\w-]{43}$/);
    const read = await ana.get(at(target));
    expect([read.status, read.headers['etag'], read.body]).toEqual([200, '"1"', rest]);
    expect((await ana.get('/v1/connections')).body).toEqual({ items: [rest] });
  });

  it('is readable for its own tenant, and for no other', async () => {
    const { body } = await put(target, { ...settings, ...secrets });
    const connection = (await book().find(ana.tenant, target))!;
    expect(connection).toMatchObject({ id: body.id, tenant: ana.tenant, target, settings });
    expect(connection.secrets).toEqual(secrets);
    expect(connection.inboundSecrets).toEqual([body.inboundSecret]);
    // A ledger is no target of dispatches.
    expect(await book().targets(ana.tenant)).toEqual(target === 'LEDGER' ? [] : [target]);
    expect(await book().byId(body.id)).toEqual({ tenant: ana.tenant, connection });
    expect(await book().find('another', target)).toBeUndefined();
    expect(await book().targets('another')).toEqual([]);
  });

  it('is replaced, and keeps the secrets that are not given', async () => {
    const made = await put(target, { ...settings, ...secrets });
    const changed = await put(target, { ...settings, enabled: false });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ id: made.body.id, version: 2, enabled: false });
    expect(changed.body).not.toHaveProperty('inboundSecret');
    expect((await book().any(ana.tenant, target))?.secrets).toEqual(secrets);
    const listed = (await ana.get('/v1/connections')).body.items;
    expect(listed).toEqual([changed.body]);
  });

  it('is used no more while it is switched off', async () => {
    const { body } = await put(target, { ...settings, ...secrets, enabled: false });
    expect(await book().find(ana.tenant, target)).toBeUndefined();
    expect(await book().byId(body.id)).toBeUndefined();
    expect(await book().targets(ana.tenant)).toEqual([]);
    await put(target, settings);
    expect((await book().byId(body.id))?.connection.secrets).toEqual(secrets);
  });

  it('is deleted with its secrets, keeps its changes, and comes back as one that knows nothing', async () => {
    const made = await put(target, { ...settings, ...secrets });
    const gone = await ana.send('DELETE', at(target));
    expect([gone.status, gone.text]).toEqual([204, '']);
    for (const answer of [
      await ana.get(at(target)),
      await ana.send('DELETE', at(target)),
      await ana.post(`${at(target)}/test`),
    ])
      expect([answer.status, answer.body.title]).toEqual([404, 'not_found']);
    expect((await ana.get('/v1/connections')).body).toEqual({ items: [] });
    expect(await book().byId(made.body.id)).toBeUndefined();
    const back = await put(target, { ...settings, ...secrets });
    expect([back.status, back.body.id, back.body.version]).toEqual([201, made.body.id, 3]);
    expect(back.body.inboundSecret).not.toBe(made.body.inboundSecret);
    const { items } = (await ana.get(`${at(target)}/changes`)).body;
    expect(items.map(({ type, version }: Answer['body']) => [type, version])).toEqual([
      ['connection.created', 1],
      ['connection.deleted', 2],
      ['connection.created', 3],
    ]);
  });

  it('tells who changed what, and of secrets that they are new', async () => {
    await put(target, { ...settings, ...secrets });
    await put(target, { ...settings, enabled: false, rotateInboundSecret: true });
    const { body } = await ana.get(`${at(target)}/changes`);
    const by = { actor: ana.actor, at: expect.any(String) };
    const settingChanges = Object.entries({ enabled: true, ...settings }).map(([name, to]) => [name, { to }]);
    expect(body.items).toEqual([
      {
        ...{ ...by, version: 1, type: 'connection.created', changes: Object.fromEntries(settingChanges) },
        newSecrets: [...Object.keys(secrets), 'inboundSecret'],
      },
      {
        ...{ ...by, version: 2, type: 'connection.changed', changes: { enabled: { from: true, to: false } } },
        newSecrets: ['inboundSecret'],
      },
    ]);
    const second = (await ana.get(`${at(target)}/changes?limit=1&cursor=x`)).status;
    expect(second).toBe(400);
    const { nextCursor } = (await ana.get(`${at(target)}/changes?limit=1`)).body;
    const page = (await ana.get(`${at(target)}/changes?limit=1&cursor=${nextCursor}`)).body;
    expect(page).toMatchObject({ items: [body.items[1]], hasMore: false });
  });

  it('takes its old inbound secret for a while after a new one is made', async () => {
    const made = await put(target, { ...settings, ...secrets });
    const rotated = await put(target, { ...settings, rotateInboundSecret: true });
    expect(rotated.body.inboundSecret).not.toBe(made.body.inboundSecret);
    const holding = async () => (await book().find(ana.tenant, target))?.inboundSecrets;
    expect(await holding()).toEqual([rotated.body.inboundSecret, made.body.inboundSecret]);
    // Other changes leave both as they are.
    await put(target, settings);
    expect(await holding()).toEqual([rotated.body.inboundSecret, made.body.inboundSecret]);
  });

  it('is tried, with its secrets, also while it is switched off', async () => {
    await put(target, { ...settings, ...secrets, enabled: false });
    const fine = await ana.post(`${at(target)}/test`, {});
    expect([fine.status, fine.body]).toEqual([200, { ok: true, detail: 'Signed in as redress.' }]);
    expect(tested.map((one) => one.secrets)).toEqual([secrets]);
    outcome = { ok: false, detail: 'The other side does not know who we are.' };
    expect((await ana.post(`${at(target)}/test`)).body).toEqual(outcome);
  });

  it('is shown in a preview, which makes nothing', async () => {
    const preview = () =>
      ana.send('PUT', `${at(target)}?preview=true`, { body: { ...settings, ...secrets } });
    const { status, body } = await preview();
    expect([status, body.settings, body.version]).toEqual([201, settings, 1]);
    expect(body).not.toHaveProperty('inboundSecret');
    expect(body).not.toHaveProperty('signingSecrets');
    expect((await ana.get('/v1/connections')).body).toEqual({ items: [] });
    await put(target, { ...settings, ...secrets });
    expect((await ana.send('DELETE', `${at(target)}?preview=true`)).status).toBe(204);
    expect((await ana.get(at(target))).body.version).toBe(1);
  });

  it('is put once with a key, and answered the same again, secrets that are shown once included', async () => {
    const headers = { 'X-Idempotency-Key': newId() };
    const body = { ...settings, ...secrets };
    const first = await put(target, body, headers);
    const again = await put(target, body, headers);
    expect([first.headers['x-idempotency-replayed'], again.headers['x-idempotency-replayed']]).toEqual([
      'false',
      'true',
    ]);
    expect([again.status, again.text, again.headers['etag']]).toEqual([201, first.text, '"1"']);
    const other = await put(target, { ...body, enabled: false }, headers);
    expect([other.status, other.body.title]).toEqual([422, 'idempotency_key_reused']);
    expect((await ana.get(at(target))).body.version).toBe(1);
    const remove = () => ana.send('DELETE', at(target), { headers });
    expect([(await remove()).status, (await remove()).headers['x-idempotency-replayed']]).toEqual([
      204,
      'true',
    ]);
  });

  it('is changed at the version that was meant', async () => {
    const body = { ...settings, ...secrets };
    expect((await put(target, body, { 'If-Match': '"1"' })).status).toBe(412);
    expect((await put(target, body, { 'If-Match': '"0"' })).status).toBe(201);
    const stale = await put(target, body, { 'If-Match': '"0"' });
    expect([stale.status, stale.body.details]).toEqual([412, { expected: 0, actual: 1 }]);
    expect((await put(target, body, { 'If-Match': '"1"' })).body.version).toBe(2);
    const late = await ana.send('DELETE', at(target), { headers: { 'If-Match': '"1"' } });
    expect([late.status, late.body.title]).toEqual([412, 'stale_version']);
    expect((await ana.send('DELETE', at(target), { headers: { 'If-Match': '"2"' } })).status).toBe(204);
    // What was deleted is at no version, so that one who saw it does not change what comes after it.
    expect((await put(target, body, { 'If-Match': '"3"' })).status).toBe(412);
    expect((await put(target, body, { 'If-Match': '"0"' })).status).toBe(201);
  });

  it('is won by one of many who put it from one version', async () => {
    const body = { ...settings, ...secrets };
    for (const version of [0, 1]) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => put(target, body, { 'If-Match': `"${version}"` })),
      );
      const won = answers.filter(({ status }) => status < 300);
      expect(won.map((one) => one.body.version)).toEqual([version + 1]);
      expect(answers.filter(({ status }) => status === 412)).toHaveLength(7);
    }
    await Promise.all(Array.from({ length: 8 }, () => put(target, body)));
    expect((await ana.get(at(target))).body.version).toBe(10);
    const { items } = (await ana.get(`${at(target)}/changes`)).body;
    expect(items.map(({ version }: Answer['body']) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('is of one tenant', async () => {
    const { body } = await put(target, { ...settings, ...secrets });
    const eve = service.person();
    expect((await eve.get(at(target))).status).toBe(404);
    expect((await eve.get('/v1/connections')).body).toEqual({ items: [] });
    const hers = await put(target, { ...settings, ...secrets }, {}, eve);
    expect(hers.status).toBe(201);
    expect(hers.body.id).not.toBe(body.id);
    expect((await eve.send('DELETE', at(target))).status).toBe(204);
    expect((await ana.get(at(target))).body.version).toBe(1);
  });

  it('is for those who may operate the service', async () => {
    const scopes = ['exception:read', 'exception:dispatch', 'audit:read'];
    const bo = service.person({ tenant: ana.tenant, scopes });
    await put(target, { ...settings, ...secrets });
    for (const answer of [
      await bo.get('/v1/connections'),
      await bo.get(at(target)),
      await bo.get(`${at(target)}/changes`),
      await bo.post(`${at(target)}/test`),
      await put(target, { ...settings, ...secrets }, {}, bo),
      await bo.send('DELETE', at(target)),
    ])
      expect([answer.status, answer.body.title, answer.body.details]).toEqual([
        ...[403, 'insufficient_scope', { scope: 'admin' }],
      ]);
  });

  it('is not made for an address to which nothing may be sent', async () => {
    const connectors = service.app.get(Connectors);
    const refusal = jest.spyOn(connectors, 'addressProblem').mockResolvedValue('only https is allowed');
    const answer = await put(target, { ...settings, ...secrets });
    refusal.mockRestore();
    const [field] = Object.keys(settings);
    expect([answer.status, answer.body.details]).toEqual([
      400,
      { fields: { [field!]: 'cannot be used: only https is allowed' } },
    ]);
  });
});

describe('the secrets of a connection', () => {
  it('to Jira are asked for when it is new, and when the site is another', async () => {
    expect(fieldsOf(await put('JIRA', jira))).toEqual(['apiToken']);
    await connectJira();
    const moved = { ...jira, site: 'https://evil.example' };
    const refused = await put('JIRA', moved);
    expect([refused.status, fieldsOf(refused)]).toEqual([400, ['apiToken']]);
    expect((await put('JIRA', { ...moved, apiToken: 'another' })).body.version).toBe(2);
    expect((await book().find(ana.tenant, 'JIRA'))?.secrets).toEqual({ apiToken: 'another' });
  });

  it.each([
    [{ username: 'u', password: 'p' }, undefined],
    [{ token: 't' }, undefined],
    [{ apiKey: 'k' }, undefined],
    [{}, 'password'],
    [{ username: 'u' }, 'password'],
    [{ password: 'p' }, 'username'],
    [{ username: 'u', token: 't' }, 'username'],
    [{ username: 'u', apiKey: 'k' }, 'username'],
    [{ token: 't', apiKey: 'k' }, 'apiKey'],
    [{ username: 'u', password: 'p', token: 't' }, 'token'],
  ])('to ServiceNow are of one kind: %j', async (given, blamed) => {
    const { instance } = serviceNow;
    const answer = await put('SERVICENOW', { instance, ...given });
    expect([answer.status, fieldsOf(answer)]).toEqual(blamed ? [400, [blamed]] : [201, []]);
  });

  it('to ServiceNow are kept of their kind only, and for their instance only', async () => {
    const { instance } = serviceNow;
    await put('SERVICENOW', { instance, token: 'a-token' });
    expect((await put('SERVICENOW', { instance, table: 'problem' })).status).toBe(200);
    expect(fieldsOf(await put('SERVICENOW', serviceNow))).toEqual(['username']);
    expect(fieldsOf(await put('SERVICENOW', { instance: 'https://evil.example' }))).toEqual(['password']);
    expect((await put('SERVICENOW', { ...serviceNow, password: 'p' })).status).toBe(200);
    expect((await book().find(ana.tenant, 'SERVICENOW'))?.secrets).toEqual({ password: 'p' });
    expect(fieldsOf(await put('SERVICENOW', { instance }))).toEqual(['username']);
  });

  it.each([
    ['WEBHOOK', webhook],
    ['LEDGER', ledger],
  ] as const)(
    'to a %s are made when none are given, shown this once, and kept whatever the address',
    async (target, settings) => {
      const made = await put(target, settings);
      expect(made.body.signingSecrets).toEqual([expect.stringMatching(/^whsec_[\w+/]{43}=$/)]);
      const moved = await put(target, { url: 'https://other.example/' });
      expect(moved.body).not.toHaveProperty('signingSecrets');
      expect((await book().find(ana.tenant, target))?.secrets).toEqual({
        secrets: made.body.signingSecrets,
      });
      const both = [whsec(2), ...made.body.signingSecrets];
      expect((await put(target, { ...settings, secrets: both })).body).not.toHaveProperty('signingSecrets');
      expect((await book().find(ana.tenant, target))?.secrets).toEqual({ secrets: both });
    },
  );

  it.each([
    ['JIRA', 'site', 'ftp://acme.example'],
    ['JIRA', 'site', 'https://user:pw@acme.example'],
    ['JIRA', 'site', 'https://acme.example/#x'],
    ['JIRA', 'site', 'acme.atlassian.net'],
    ['JIRA', 'apiToken', 'two\r\nlines'],
    ['JIRA', 'queues', { Q: { project: '' } }],
    ['JIRA', 'queues', { Q: {} }],
    ['JIRA', 'queues', { Q: { project: 'P', other: 'x' } }],
    ['JIRA', 'queues', { ' ': { project: 'P' } }],
    ['JIRA', 'priorities', { WORST: 'x' }],
    ['JIRA', 'priorities', { HIGH: 1 }],
    ['SERVICENOW', 'password', 'a\u0007b'],
    ['SERVICENOW', 'apiKey', 'a b'],
    ['SERVICENOW', 'assignmentGroups', { Q: 1 }],
    ['WEBHOOK', 'url', 'https://'],
    ['WEBHOOK', 'url', 'http://hooks.acme.example/'],
    ['WEBHOOK', 'url', 'https://10.0.0.1/'],
    ['WEBHOOK', 'url', 'https://0x7f.1/'],
    ['WEBHOOK', 'url', 'https://[::ffff:169.254.169.254]/latest'],
    ['WEBHOOK', 'url', 'https://localhost/'],
    ['JIRA', 'site', 'https://jira.internal'],
    ['SERVICENOW', 'instance', 'https://acme.service-now.com:25'],
    ['WEBHOOK', 'secrets', []],
    ['LEDGER', 'url', 'https://10.0.0.1/'],
    ['LEDGER', 'secrets', [whsec(1), whsec(2), whsec(3)]],
    ['WEBHOOK', 'secrets', ['whsec_c2hvcnQ=']],
    ['WEBHOOK', 'secrets', [whsec(1), whsec(2), whsec(3)]],
    ['WEBHOOK', 'secrets', [Buffer.alloc(32).toString('base64')]],
  ] as const)('to %s, and what else it takes, have a form: %s = %j', async (target, field, value) => {
    const [settings, secrets] = good[target];
    const answer = await put(target, { ...settings, ...secrets, [field]: value });
    expect([answer.status, fieldsOf(answer)]).toEqual([400, [field]]);
  });

  it('do not make room for more than a hundred queues', async () => {
    const queues = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`q${i}`, { project: 'P' }]));
    expect((await connectJira({ queues: queues(100) })).status).toBe(201);
    expect(fieldsOf(await connectJira({ queues: queues(101) }))).toEqual(['queues']);
  });

  it('are not asked for where nothing can be connected', async () => {
    for (const target of ['MANUAL', 'jira', 'X']) {
      expect(fieldsOf(await ana.get(at(target)))).toEqual(['target']);
      expect((await put(target, jira)).status).toBe(405);
    }
  });
});
