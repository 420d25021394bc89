import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { startTestApp, type Answer, type Json, type Person, type TestApp } from '../support/app';
import { connect } from '../support/connections';
import { fakeJiraSettings, type FakeSystem } from '../support/fake-systems';
import { sendTo, type Send } from '../support/http-client';
import { headersOf, jiraEvent, pathOf, serviceNowEvent } from '../support/inbound';
import { ownerOf, historyFlaws } from '../support/owner';
import { Outside, targets, type Target } from '../support/outside';

/*
 * Jira, ServiceNow and a customer's own system get tickets over real sockets, and report over real sockets what becomes
 * of them.
 */

let outside: Outside;
let jira: FakeSystem;
let serviceNow: FakeSystem;
let service: TestApp;
let url: string;
let send: Send;
let ana: Person;
let connections: Record<Target, { id: string; secret: string }>;

beforeAll(async () => {
  outside = await Outside.start();
  ({ jira, serviceNow } = outside);
  service = await startTestApp(outside.env);
  await service.app.listen(0, '127.0.0.1');
  url = await service.app.getUrl();
  send = sendTo(url);
}, 60_000);
afterAll(async () => {
  await service.close();
  await outside.stop();
});

async function connected(target: Target, over: object = {}): Promise<{ id: string; secret: string }> {
  const { id, inboundSecret } = await connect(ana, target, { ...outside.settings[target], ...over });
  return { id, secret: inboundSecret };
}

beforeEach(async () => {
  await outside.reset();
  ana = service.person();
  const made = await Promise.all(targets.map(async (target) => [target, await connected(target)] as const));
  connections = Object.fromEntries(made) as typeof connections;
  const address = (target: Target) => `${url}${pathOf(target, connections[target].id)}`;
  await jira.webhook(address('JIRA'), connections.JIRA.secret);
  await serviceNow.webhook(address('SERVICENOW'), connections.SERVICENOW.secret);
});

const read = async ({ id }: Json): Promise<Json> => (await ana.get(`/v1/exceptions/${id}`)).body;
const messages = async (query = ''): Promise<Json[]> =>
  (await ana.get(`/v1/inbound-messages?sort_order=asc&${query}`)).body.items;
const outcomes = async (query = ''): Promise<string[]> =>
  (await messages(query)).map(({ outcome }: Json) => outcome);
const history = async ({ id }: Json): Promise<string[]> =>
  (await ana.get(`/v1/exceptions/${id}/history`)).body.items.map(({ type }: Json) => type);

/** An exception with its ticket over there. */
async function dispatched(target: Target): Promise<{ exception: Json; key: string }> {
  const exception = await ana.raise();
  const answer = await ana.post(`/v1/exceptions/${exception.id}/dispatch`, { targetSystem: target });
  if (answer.status !== 200) throw new Error(answer.text);
  return { exception, key: answer.body.externalReference };
}

/** An issue as Jira shows it. */
async function jiraIssue(key: string): Promise<unknown> {
  const { email, apiToken } = fakeJiraSettings(jira);
  const authorization = `Basic ${Buffer.from(`${email}:${apiToken}`).toString('base64')}`;
  return (await fetch(`${jira.url}/rest/api/3/issue/${key}`, { headers: { authorization } })).json();
}

const markOf = async ({ id }: Json): Promise<string> =>
  `redress-${(await ana.get(`/v1/exceptions/${id}/dispatches`)).body.items[0].id}`;

const systems = {
  JIRA: { fake: () => jira, begun: 'In Progress', done: 'Done', open: 'To Do' },
  SERVICENOW: { fake: () => serviceNow, begun: 'In Progress', done: 'Resolved', open: 'New' },
} as const;

describe.each(['JIRA', 'SERVICENOW'] as const)('what %s tells', (target) => {
  const { fake, begun, done, open } = systems[target];
  const move = async (key: string, status: string, assignee?: string): Promise<string> => {
    const sent = await fake().transition({ key, status, ...(assignee !== undefined && { assignee }) });
    expect(sent.status).toBe(200);
    return (await outcomes()).at(-1)!;
  };

  it('resolves the exception whose ticket is done', async () => {
    const { exception, key } = await dispatched(target);
    expect(await move(key, done)).toBe('applied');
    const resolved = await read(exception);
    expect(resolved).toMatchObject({
      status: 'RESOLVED',
      resolvedBy: `external:${target}`,
      externalIssueId: key,
    });
    expect(resolved).not.toHaveProperty('resolutionType');
    expect((await ana.get(`/v1/exceptions/${exception.id}/adjustments`)).body.items).toEqual([]);
    expect(await history(exception)).toEqual([
      ...['exception.raised', 'exception.dispatched', 'dispatch.confirmed', 'exception.confirmed'],
    ]);
  });

  it('assigns it to the person who took it up, and only then', async () => {
    const { exception, key } = await dispatched(target);
    expect(await move(key, begun)).toBe('recorded');
    expect((await read(exception)).status).toBe('PENDING_RESOLUTION');
    expect(await move(key, begun, 'Mia Krystof')).toBe('applied');
    expect(await read(exception)).toMatchObject({ status: 'ASSIGNED', assignedTo: 'Mia Krystof' });
    expect(await move(key, begun, 'Mia Krystof')).toBe('recorded');
    expect(await move(key, open)).toBe('recorded');
    expect((await read(exception)).status).toBe('ASSIGNED');
    expect(await move(key, done)).toBe('applied');
    expect((await read(exception)).status).toBe('RESOLVED');
  });

  it('never reopens it, and shows the attempt', async () => {
    const { exception, key } = await dispatched(target);
    await move(key, done);
    const before = await read(exception);
    expect(await move(key, done)).toBe('recorded');
    expect(await move(key, open)).toBe('refused');
    expect(await read(exception)).toEqual(before);
    const [shown] = await messages(`exception_id=${exception.id}&outcome=refused`);
    expect(shown).toMatchObject({ target, externalReference: key, exceptionId: exception.id });
    expect(shown.reason).toContain('stays so');
    expect(shown).not.toHaveProperty('body');
    const whole = (await ana.get(`/v1/inbound-messages/${shown.id}`)).body;
    expect(whole).toEqual({ ...shown, body: expect.stringContaining(key) });
  });

  it('is understood before the name of the ticket is stored here', async () => {
    const exception = await ana.raise();
    await fake().faults({ lostAnswer: 1, only: 'writes' });
    await ana.post(`/v1/exceptions/${exception.id}/dispatch`, { targetSystem: target });
    const [ticket] = await fake().tickets();
    expect(await read(exception)).not.toHaveProperty('externalIssueId');
    expect(await move(ticket!.key, done)).toBe('applied');
    expect(await read(exception)).toMatchObject({ status: 'RESOLVED', externalIssueId: ticket!.key });
  });

  it('is of no use to another tenant', async () => {
    const { exception, key } = await dispatched(target);
    const eve = service.person();
    const hers = await connect(eve, target, outside.settings[target]);
    await fake().webhook(`${url}${pathOf(target, hers.id)}`, hers.inboundSecret);
    expect((await fake().transition({ key, status: done })).status).toBe(200);
    expect((await read(exception)).status).toBe('PENDING_RESOLUTION');
    expect(await outcomes()).toEqual([]);
    const theirs = (await eve.get('/v1/inbound-messages')).body.items;
    expect(theirs).toMatchObject([{ outcome: 'no_such_exception' }]);
    expect((await ana.get(`/v1/inbound-messages/${theirs[0].id}`)).status).toBe(404);
  });

  it('is believed for a day with the secret before, and not without one', async () => {
    const { exception, key } = await dispatched(target);
    const before = connections[target].secret;
    const { secret } = await connected(target, { rotateInboundSecret: true });
    expect(await move(key, begun, 'Mia Krystof')).toBe('applied');
    await fake().webhook(`${url}${pathOf(target, connections[target].id)}`, secret);
    expect(await move(key, begun, 'Bo')).toBe('applied');
    expect((await read(exception)).assignedTo).toBe('Bo');
    await connected(target, { rotateInboundSecret: true });
    await fake().webhook(`${url}${pathOf(target, connections[target].id)}`, before);
    expect((await fake().transition({ key, status: done })).status).toBe(401);
    await fake().webhook(`${url}${pathOf(target, connections[target].id)}`);
    expect((await fake().transition({ key, status: done })).status).toBe(401);
    expect((await read(exception)).status).toBe('ASSIGNED');
  });
});

describe('a ticket of ServiceNow that is cancelled', () => {
  it('gives the exception back', async () => {
    const { exception, key } = await dispatched('SERVICENOW');
    expect((await serviceNow.transition({ key, status: 'Canceled' })).status).toBe(200);
    expect((await read(exception)).status).toBe('OPEN');
    expect(await outcomes()).toEqual(['applied']);
  });
});

describe('a customer’s own system, which signs with the reference library', () => {
  const post = (data: object, over: object = {}, id: string = `msg_${randomUUID()}`): Promise<Answer> => {
    const { id: connection, secret } = connections.WEBHOOK;
    const at = new Date();
    const event = { type: 'exception.callback', timestamp: at.toISOString(), data, ...over };
    const body = JSON.stringify(event);
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    };
    return send({ path: pathOf('WEBHOOK', connection), headers, body });
  };

  it('resolves what it was handed, by the reference it gave', async () => {
    const { exception, key } = await dispatched('WEBHOOK');
    const answer = await post({
      externalIssueId: key,
      status: 'RESOLVED',
      resolutionNotes: 'Fee refunded\nby the bank',
    });
    expect([answer.status, answer.body]).toEqual([200, { status: 'applied' }]);
    expect(await read(exception)).toMatchObject({
      status: 'RESOLVED',
      resolutionNotes: 'Fee refunded\nby the bank',
    });
  });

  it('may name the exception, or what was handed over', async () => {
    for (const name of ['exceptionId', 'dispatchId'] as const) {
      const { exception } = await dispatched('WEBHOOK');
      const [dispatch] = (await ana.get(`/v1/exceptions/${exception.id}/dispatches`)).body.items;
      const ids = { exceptionId: exception.id, dispatchId: dispatch.id };
      const dueAt = '2030-01-01T00:00:00.000Z';
      const taken = await post({ [name]: ids[name], status: 'ASSIGNED', assignee: 'Bo', dueAt });
      expect(taken.body).toEqual({ status: 'applied' });
      expect(await read(exception)).toMatchObject({ status: 'ASSIGNED', assignedTo: 'Bo', dueAt });
      expect((await post({ [name]: ids[name], status: 'RESOLVED' })).body).toEqual({ status: 'applied' });
    }
  });

  it('gives it back', async () => {
    const { exception } = await dispatched('WEBHOOK');
    await post({ exceptionId: exception.id, status: 'OPEN', resolutionNotes: 'Not ours' });
    expect((await read(exception)).status).toBe('OPEN');
  });

  it('may send again what it sent, and have one effect', async () => {
    const { exception } = await dispatched('WEBHOOK');
    const data = { exceptionId: exception.id, status: 'ASSIGNED', assignee: 'Bo' };
    const when = { timestamp: new Date().toISOString() };
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(data, when, 'msg_1')));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const said = answers.map(({ body }) => body.status).sort();
    expect(said).toEqual(['applied', ...Array<string>(9).fill('duplicate')]);
    await ana.post(`/v1/exceptions/${exception.id}/assign`, { assignee: 'Ana' });
    expect((await post(data, when, 'msg_1')).body).toEqual({ status: 'duplicate' });
    expect((await read(exception)).assignedTo).toBe('Ana');
    expect(await outcomes()).toEqual(['applied']);
  });
});

describe('messages at the same time', () => {
  it('about one ticket leave it as the latest of them says', async () => {
    for (let round = 0; round < 5; round++) {
      const { exception, key } = await dispatched('JIRA');
      const { id, secret } = connections.JIRA;
      const names = Array.from({ length: 8 }, (_, i) => `person ${i}`);
      const start = Date.now() - 10_000;
      const answers = await Promise.all(
        names.map((assignee, i) => {
          const tale = {
            reference: key,
            stage: 'taken_up',
            at: new Date(start + i * 1000),
            assignee,
          } as const;
          const body = JSON.stringify(jiraEvent(tale));
          return send({ path: pathOf('JIRA', id), headers: headersOf('JIRA', secret, body), body });
        }),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
      expect((await read(exception)).assignedTo).toBe(names.at(-1));
      const all = await outcomes(`exception_id=${exception.id}`);
      expect(all.filter((outcome) => outcome !== 'applied' && outcome !== 'stale')).toEqual([]);
      expect(all).toHaveLength(8);
    }
    const owner = ownerOf(service.database.url);
    expect(await historyFlaws(owner)).toEqual([]);
    await owner.end();
  });
});

describe('an issue of Jira that is moved to another project', () => {
  const resolvedThere = async (over: object = {}) => {
    const { exception, key } = await dispatched('JIRA');
    await jira.transition({ key, project: 'FIN' });
    const moved = await jira.tickets();
    const { key: newKey } = moved.find(({ key: one }) => one.startsWith('FIN-'))!;
    const dispatch = (await ana.get(`/v1/exceptions/${exception.id}/dispatches`)).body.items[0];
    await jira.transition({ key: newKey, status: 'Done', ...over });
    return { exception, key, newKey, dispatch };
  };

  it('is followed: the exception is resolved, under its new key', async () => {
    const { exception, key, newKey, dispatch } = await resolvedThere();
    expect(dispatch).toMatchObject({
      externalReference: newKey,
      externalUrl: expect.stringMatching(new RegExp(`/browse/${newKey}$`)),
    });
    expect(await outcomes()).toEqual(['recorded', 'applied']);
    expect(await read(exception)).toMatchObject({ status: 'RESOLVED', externalIssueId: newKey });
    expect(await history(exception)).toEqual(
      expect.arrayContaining(['dispatch.confirmed', 'dispatch.moved', 'exception.confirmed']),
    );
    expect(newKey).not.toBe(key);
  });

  it('is followed when only the last message arrives, and not back by an older one', async () => {
    const { exception, key } = await dispatched('JIRA');
    const { id, secret } = connections.JIRA;
    const tell = async (event: object): Promise<string> => {
      const body = JSON.stringify(event);
      const delivery = { path: pathOf('JIRA', id), headers: headersOf('JIRA', secret, body), body };
      return (await send(delivery)).body.status;
    };
    const at = (s: number) => new Date(Date.now() - 60_000 + s * 1000);
    const { id: issueId } = (await jiraIssue(key)) as { id: string };
    const event = (reference: string, s: number, assignee: string) => {
      const made = jiraEvent({ reference, stage: 'taken_up', at: at(s), assignee }) as Json;
      return { ...made, issue: { ...made['issue'], id: issueId } };
    };
    const references = async () => {
      const [dispatch] = (await ana.get(`/v1/exceptions/${exception.id}/dispatches`)).body.items;
      return dispatch.externalReference;
    };
    expect(await tell(event('FIN-77', 5, 'Mia'))).toBe('applied');
    expect(await references()).toBe('FIN-77');
    expect(await tell(event(key, 4, 'Bo'))).toBe('stale');
    expect([await references(), (await read(exception)).assignedTo]).toEqual(['FIN-77', 'Mia']);
    // Another issue with the label is a copy all the same.
    const copy = jiraEvent(
      { reference: 'OPS-99', stage: 'done', at: at(6) },
      { labels: [await markOf(exception)] },
    );
    expect(await tell(copy)).toBe('refused');
  });

  it.each([
    ['Duplicate', {}, 'OPEN'],
    ['Fixed', {}, 'RESOLVED'],
    ['Duplicate', { returns: ['Fixed'] }, 'RESOLVED'],
    ['Fixed', { returns: ['fixed'] }, 'OPEN'],
  ])('or is done as %s, with %j, leaves the exception %s', async (resolution, over, status) => {
    connections = {
      ...connections,
      JIRA: { ...(await connected('JIRA', over)), secret: connections.JIRA.secret },
    };
    const { exception } = await resolvedThere({ resolution });
    expect((await read(exception)).status).toBe(status);
  });
});

describe('a message that is too large', () => {
  it('is told so in a sentence of its own', async () => {
    const { id, secret } = connections.JIRA;
    const body = JSON.stringify({ webhookEvent: 'x'.repeat(1_100_000) });
    const answer = await send({ path: pathOf('JIRA', id), headers: headersOf('JIRA', secret, body), body });
    expect([answer.status, answer.body.title]).toEqual([413, 'payload_too_large']);
    expect(answer.body.message).toMatch(/^The message is larger .*BODY_LIMIT_BYTES/);
    expect(answer.body.message).not.toContain('import');
  });
});

describe('the messages', () => {
  it('can be filtered and walked', async () => {
    const { exception, key } = await dispatched('JIRA');
    const { id, secret } = connections.JIRA;
    const tell = (event: object) => {
      const body = JSON.stringify(event);
      return send({ path: pathOf('JIRA', id), headers: headersOf('JIRA', secret, body), body });
    };
    const at = (s: number) => new Date(Date.now() - 60_000 + s * 1000);
    const odd = { status: { name: 'Parked', statusCategory: { key: 'parked' } } };
    await tell(jiraEvent({ reference: key, stage: 'not_begun', at: at(1) }));
    await tell(jiraEvent({ reference: key, stage: 'taken_up', at: at(2) }, odd));
    await tell(jiraEvent({ reference: 'OPS-999', stage: 'done', at: at(3) }));
    const body = JSON.stringify(serviceNowEvent({ reference: 'INC0000001', stage: 'done' }));
    const { id: other, secret: theirs } = connections.SERVICENOW;
    await send({
      path: pathOf('SERVICENOW', other),
      headers: headersOf('SERVICENOW', theirs, body),
      body,
    });

    expect(await outcomes()).toEqual([
      ...['recorded', 'unknown_status', 'no_such_exception', 'no_such_exception'],
    ]);
    expect(await outcomes('outcome=unknown_status,refused')).toEqual(['unknown_status']);
    expect(await outcomes('target=SERVICENOW')).toEqual(['no_such_exception']);
    expect(await outcomes(`exception_id=${exception.id}`)).toEqual(['recorded', 'unknown_status']);
    expect(await outcomes('external_reference=OPS-999')).toEqual(['no_such_exception']);
    expect(await outcomes('date_to=2020-01-01')).toEqual([]);
    const [unknown] = await messages('outcome=unknown_status');
    expect(unknown.reason).toContain('Parked');
    const walked: string[] = [];
    let query = 'limit=1';
    for (;;) {
      const page = (await ana.get(`/v1/inbound-messages?${query}`)).body;
      walked.push(...page.items.map(({ outcome }: Json) => outcome));
      if (!page.nextCursor) break;
      query = `limit=1&cursor=${page.nextCursor}`;
    }
    expect(walked).toEqual(['no_such_exception', 'no_such_exception', 'unknown_status', 'recorded']);
  });
});
