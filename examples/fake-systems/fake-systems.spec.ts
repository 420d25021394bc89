import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  fakeJiraSettings,
  startFakeJira,
  startFakeServiceNow,
  type FakeSystem,
} from '../../test/support/fake-systems';

let jira: FakeSystem;
let serviceNow: FakeSystem;

beforeAll(async () => {
  [jira, serviceNow] = await Promise.all([startFakeJira(), startFakeServiceNow()]);
});
beforeEach(() => Promise.all([jira.reset(), serviceNow.reset()]));
afterAll(() => Promise.all([jira.stop(), serviceNow.stop()]));

/** Whatever it is: that is what is being tested. */
type Body = ReturnType<typeof JSON.parse>;
type Answer = Readonly<{ status: number; body: Body; headers: Headers }>;

async function ask(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const answer = await fetch(url, init);
  const text = await answer.text();
  const isJson = answer.headers.get('content-type') === 'application/json' && text !== '';
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
}

const basic = (user: string, secret: string) =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;

const askJira = (method: string, path: string, body?: unknown, headers = {}): Promise<Answer> => {
  const { site, email, apiToken } = fakeJiraSettings(jira);
  const own = { authorization: basic(email, apiToken), 'content-type': 'application/json' };
  return ask(`${site}/rest/api/3${path}`, method, body, { ...own, ...headers });
};

/** What Jira sends about a transition, to a server that takes anything. */
async function sentAbout(ticket: object): Promise<{ body: Body }> {
  const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    await jira.webhook(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const { body } = await ask(`${jira.url}/__transition`, 'POST', ticket);
    return { body: JSON.parse(body.body) };
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

const text = (value: string) => ({ type: 'text', text: value });
const document = (...content: unknown[]) => ({
  type: 'doc',
  version: 1,
  content: [{ type: 'paragraph', content }],
});
const fields = (over: object = {}) => ({
  fields: {
    project: { key: 'OPS' },
    issuetype: { name: 'Task' },
    summary: 'Amount mismatch',
    description: document(text('It is off by one.')),
    ...over,
  },
});

describe('the fake Jira', () => {
  it('tells nothing of a new issue but what it is called', async () => {
    const { status, body } = await askJira('POST', '/issue', fields());
    expect(status).toBe(201);
    expect(body).toEqual({ id: '10001', key: 'OPS-1', self: `${jira.url}/rest/api/3/issue/10001` });
  });

  it.each<[field: string, over: object]>([
    ['project', { project: undefined }],
    ['project', { project: 'OPS' }],
    ['project', { project: { key: '__proto__' } }],
    ['issuetype', { issuetype: undefined }],
    ['issuetype', { issuetype: { name: 'Epic' } }],
    ['summary', { summary: undefined }],
    ['summary', { summary: 'two\nlines' }],
    ['summary', { summary: 'x'.repeat(256) }],
    ['description', { description: 'plain text' }],
    ['description', { description: { ...document(), version: 2 } }],
    ['description', { description: document(text('')) }],
    ['description', { description: document(text('a\nb')) }],
    ['description', { description: document({ type: 'emoji' }) }],
    ['description', { description: document(text('x'.repeat(32_768))) }],
    ['labels', { labels: ['with a space'] }],
    ['labels', { labels: 'redress' }],
    ['priority', { priority: 'High' }],
    ['priority', { priority: { name: 'Urgent' } }],
    ['duedate', { duedate: '2026-01-07T03:04:05.678Z' }],
    ['duedate', { duedate: '2026-13-01' }],
    ['components', { components: ['Cards'] }],
    ['components', { components: [{ name: 'Loans' }] }],
    ['toString', { toString: 'x' }],
  ])('refuses a wrong %s: %j', async (field, over) => {
    const { status, body } = await askJira('POST', '/issue', fields(over));
    expect([status, Object.keys(body.errors)]).toEqual([400, [field]]);
    expect(await jira.tickets()).toEqual([]);
  });

  it('wants to know who asks, and for what kind of content', async () => {
    expect((await askJira('GET', '/myself', undefined, { authorization: '' })).status).toBe(401);
    expect((await askJira('POST', '/issue', fields(), { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await askJira('GET', '/nothing')).status).toBe(404);
  });

  it('has no search but the new one, which shows the fields it is asked for', async () => {
    await askJira('POST', '/issue', fields({ labels: ['a'] }));
    expect((await askJira('GET', '/search?jql=x')).status).toBe(410);
    expect((await askJira('POST', '/search', {})).status).toBe(410);
    const search = async (body: object) => (await askJira('POST', '/search/jql', body)).body;
    expect(Object.keys((await search({ jql: 'labels = "a"' })).issues[0])).toEqual(['id', 'key', 'self']);
    const named = await search({ jql: 'labels = "a"', fields: ['labels'] });
    expect(named).toMatchObject({ isLast: true, issues: [{ fields: { labels: ['a'] } }] });
    expect((await askJira('POST', '/search/jql', { jql: 'project = OPS' })).status).toBe(400);
  });

  it('can let an account create what no search shows it', async () => {
    await jira.faults({ createOnly: true });
    expect((await askJira('POST', '/issue', fields({ labels: ['x'] }))).status).toBe(201);
    const jql = { jql: 'labels = "x" ORDER BY created ASC' };
    expect((await askJira('POST', '/search/jql', jql)).body).toEqual({ issues: [], isLast: true });
    expect(await jira.tickets()).toHaveLength(1);
  });

  it('lets an account that may only create read nothing, and says so when it is asked', async () => {
    await askJira('POST', '/issue', fields());
    const rights = '/mypermissions?projectKey=OPS&permissions=BROWSE_PROJECTS,CREATE_ISSUES';
    const paths = ['/issue/OPS-1', '/issue/OPS-1/comment'];
    const statuses = () => Promise.all(paths.map(async (path) => (await askJira('GET', path)).status));
    expect(await statuses()).toEqual([200, 200]);
    await jira.faults({ createOnly: true });
    expect(await statuses()).toEqual([404, 404]);
    expect((await askJira('GET', rights)).body.permissions).toMatchObject({
      BROWSE_PROJECTS: { havePermission: false },
      CREATE_ISSUES: { havePermission: true },
    });
  });

  it('has a create screen that lacks and demands what it is told to, and lists it', async () => {
    await jira.faults({ lacking: ['priority'], demanding: ['customfield_10010'] });
    const errors = (await askJira('POST', '/issue', fields({ priority: { name: 'High' } }))).body.errors;
    expect(errors).toEqual({
      customfield_10010: 'Field 10010 is required.',
      priority: "Field 'priority' cannot be set. It is not on the appropriate screen, or unknown.",
    });
    expect((await askJira('POST', '/issue', fields({ customfield_10010: 'x' }))).status).toBe(201);
    const types = (await askJira('GET', '/issue/createmeta/OPS/issuetypes')).body.issueTypes;
    const { body } = await askJira('GET', `/issue/createmeta/OPS/issuetypes/${types[0].id}`);
    const listed = body.fields.map((field: Body) => [field.fieldId, field.required]);
    expect(listed).toContainEqual(['customfield_10010', true]);
    expect(listed.map(([name]: [string]) => name)).not.toContain('priority');
  });

  it('shows what the account created before, unless the account is new', async () => {
    const jql = { jql: 'project = "OPS" AND creator = currentUser() ORDER BY created DESC' };
    const keys = async () =>
      (await askJira('POST', '/search/jql', jql)).body.issues.map(({ key }: Body) => key);
    await askJira('POST', '/issue', fields());
    expect(await keys()).toEqual(['OPS-1', 'OPS-90000']);
    await jira.faults({ newAccount: true });
    expect(await keys()).toEqual(['OPS-1']);
  });

  it('moves an issue to another project, where it keeps its id and answers to its old key', async () => {
    const { id } = (await askJira('POST', '/issue', fields())).body;
    const { body } = await sentAbout({ key: 'OPS-1', project: 'FIN' });
    expect(body.issue).toMatchObject({ id, key: 'FIN-2', fields: { status: { name: 'To Do' } } });
    expect(body.changelog.items[0]).toMatchObject({ field: 'Key', fromString: 'OPS-1', toString: 'FIN-2' });
    for (const key of ['OPS-1', 'FIN-2', id])
      expect((await askJira('GET', `/issue/${key}`)).body).toMatchObject({ id, key: 'FIN-2' });
    const done = await sentAbout({ key: 'FIN-2', status: 'Done', resolution: 'Duplicate' });
    expect(done.body.issue.fields.resolution).toEqual({ name: 'Duplicate' });
  });

  it('shows an issue to every browser', async () => {
    await askJira('POST', '/issue', fields());
    const { body } = await ask(`${jira.url}/browse/OPS-1`, 'GET');
    expect(body).toContain('It is off by one.');
  });
});

describe('the fake ServiceNow', () => {
  const askServiceNow = (method: string, path: string, body?: unknown, headers = {}): Promise<Answer> =>
    ask(`${serviceNow.url}/api/now${path}`, method, body, {
      'x-sn-apikey': 'fake-servicenow-key',
      ...headers,
    });

  it('makes a text of everything, passes over what it does not know, and works out the priority', async () => {
    const values = { short_description: 7, urgency: 1, impact: 2, priority: '1', nonsense: 'x', state: 2 };
    const { status, body, headers } = await askServiceNow('POST', '/table/incident', values);
    expect([status, headers.get('location')]).toEqual([
      201,
      `${serviceNow.url}/api/now/table/incident/${String(body.result.sys_id)}`,
    ]);
    expect(body.result).toMatchObject({ short_description: '7', urgency: '1', priority: '2', state: '2' });
    expect(body.result).not.toHaveProperty('nonsense');
    expect(Object.values(body.result).filter((value) => typeof value !== 'string')).toEqual([]);
  });

  it('says nothing of it when asked to', async () => {
    const { status, body } = await askServiceNow(
      'POST',
      '/table/incident',
      {},
      { 'x-no-response-body': 'true' },
    );
    expect([status, body]).toEqual([201, '']);
  });

  it('passes over what it does not understand of a query', async () => {
    const find = async (query: string, version = '') =>
      askServiceNow('GET', `${version}/table/incident?sysparm_fields=number&sysparm_query=${query}`);
    expect((await find('number=INC0010002')).body.result).toEqual([{ number: 'INC0010002' }]);
    expect((await find('nunber=INC0010002')).body.result).toHaveLength(2);
    expect(await find('number=x')).toMatchObject({ status: 200, body: { result: [] } });
    expect(await find('number=x', '/v1')).toMatchObject({
      status: 404,
      body: { error: { message: 'No Record found' } },
    });
  });

  it('can let an account create what no list shows it', async () => {
    await serviceNow.faults({ createOnly: true });
    const made = await askServiceNow('POST', '/table/incident', { correlation_id: 'x' });
    expect([made.status, made.body]).toEqual([201, { result: {} }]);
    const list = await askServiceNow('GET', '/table/incident?sysparm_query=correlation_id=x');
    expect([list.body, list.headers.get('x-total-count')]).toEqual([{ result: [] }, '1']);
    expect(await serviceNow.tickets()).toHaveLength(1);
  });

  it('refuses by a data policy, in the words of an instance, and lists what is mandatory', async () => {
    await serviceNow.faults({ lacking: ['due_date'], demanding: ['u_cost_center'] });
    const refusal = await askServiceNow('POST', '/table/incident', { due_date: '2026-01-02 03:04:05' });
    expect([refusal.status, refusal.body.error.message]).toEqual([
      403,
      'Data Policy Exception:\nThe following fields are mandatory: Cost center\nThe following fields are read only: Due date',
    ]);
    expect((await askServiceNow('POST', '/table/incident', { u_cost_center: '1' })).status).toBe(201);
    const { body } = await askServiceNow('GET', '/table/sys_dictionary');
    expect(body.result.map(({ element }: Body) => element)).toContain('u_cost_center');
  });

  it('can hide a row at its address, and how many there are', async () => {
    const { body } = await askServiceNow('POST', '/table/incident', { correlation_id: 'x' });
    await serviceNow.faults({ createOnly: true });
    expect((await askServiceNow('GET', `/table/incident/${String(body.result.sys_id)}`)).status).toBe(404);
    await serviceNow.faults({ uncounted: true });
    expect((await askServiceNow('GET', '/table/incident')).headers.get('x-total-count')).toBeNull();
  });

  it('refuses a request without credentials, and some requests with credentials', async () => {
    const get = (headers: object) => askServiceNow('GET', '/table/incident', undefined, headers);
    expect((await get({ 'x-sn-apikey': 'wrong' })).status).toBe(401);
    expect((await get({ 'x-sn-apikey': '', authorization: basic('outsider', 'outside') })).status).toBe(403);
  });
});

describe('either', () => {
  const got: { headers: IncomingHttpHeaders; body: string }[] = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(202).end();
    });
  });
  beforeAll(() => new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve)));
  afterAll(() => receiver.close());
  const address = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`;
  const signed = (secret: string, text: string) =>
    `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`;

  it('tells of a transition as Jira does', async () => {
    await askJira('POST', '/issue', fields({ labels: ['a'] }));
    await jira.webhook(address(), 'a secret');
    const sent = await jira.transition({ key: 'OPS-1', status: 'Done', assignee: 'Mia' });
    const { headers, body } = got.at(-1)!;
    expect(sent).toMatchObject({ status: 202, body });
    expect(headers['x-hub-signature']).toBe(signed('a secret', body));
    expect(headers['x-atlassian-webhook-identifier']).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(body)).toMatchObject({
      webhookEvent: 'jira:issue_updated',
      issue: {
        key: 'OPS-1',
        fields: {
          status: { statusCategory: { key: 'done' } },
          labels: ['a'],
          assignee: { displayName: 'Mia' },
        },
      },
      changelog: { items: [{ field: 'status', fromString: 'To Do', toString: 'Done' }] },
    });
  });

  it('tells of a transition as a business rule of ServiceNow would', async () => {
    await serviceNow.webhook(address(), 'a secret');
    await serviceNow.transition({ key: 'INC0010001', status: 'Resolved' });
    const { headers, body } = got.at(-1)!;
    const time = String(headers['x-redress-timestamp']);
    expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(10);
    expect(headers['x-redress-signature']).toBe(signed('a secret', `${time}.${body}`));
    expect(JSON.parse(body)).toMatchObject({ number: 'INC0010001', state: '6' });
  });

  it('can be told to fail, but only in ways it knows', async () => {
    const { status, body } = await ask(`${jira.url}/__faults`, 'POST', { lost: 1 });
    expect([status, body]).toEqual([400, { problem: 'There is no fault called lost.' }]);
  });

  it('remembers what it was asked', async () => {
    await askJira('GET', '/myself');
    expect(await jira.requests()).toEqual([
      { method: 'GET', url: '/rest/api/3/myself', at: expect.any(Number) },
    ]);
  });

  it('has no ticket that no client made', async () => {
    expect(await jira.tickets()).toEqual([]);
    expect(await serviceNow.tickets()).toEqual([]);
    await expect(jira.transition({ key: 'OPS-1', status: 'Done' })).rejects.toThrow('404');
  });
});
