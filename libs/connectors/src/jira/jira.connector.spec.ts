import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fakeJiraSettings, startFakeJira, type FakeSystem } from '../../../../test/support/fake-systems';
import { aMessage, answered, inTime, scripted, wayToThisMachine } from '../../../../test/support/tickets';
import { JiraConnector } from './jira.connector';
import type { JiraSecrets, JiraSettings } from './settings';

let fake: FakeSystem;
const way = wayToThisMachine();
const connect = (over: Partial<JiraSettings & JiraSecrets> = {}) =>
  new JiraConnector({ ...fakeJiraSettings(fake), ...over }, way);

beforeAll(async () => {
  fake = await startFakeJira();
});
beforeEach(() => fake.reset());
afterAll(() => fake.stop());

const create = (id: string, message = aMessage()) => connect().createTicket(id, message, inTime());
const found = (...keys: string[]) => ({
  outcome: 'found',
  tickets: keys.map((reference) => ({
    reference,
    url: `${fake.url}/browse/${reference}`,
    id: expect.stringMatching(/^\d+$/),
  })),
});
const only = async () => {
  const tickets = await fake.tickets();
  expect(tickets).toHaveLength(1);
  return tickets[0]!;
};

/** What a person does over there. */
async function there(method: string, path: string, body?: unknown): Promise<{ key: string }> {
  const { email, apiToken } = fakeJiraSettings(fake);
  const answer = await fetch(`${fake.url}/rest/api/3${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${email}:${apiToken}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as { key: string };
}

describe('a ticket in Jira', () => {
  it('says what the message says', async () => {
    const id = randomUUID();
    const message = aMessage({ queue: 'cards' });
    const queues = { cards: { component: 'Cards' } };
    const sent = await connect({ queues }).createTicket(id, message, inTime());
    expect(sent).toEqual({ outcome: 'created', ...found('OPS-1').tickets[0] });
    const ticket = await only();
    expect(ticket).toMatchObject({
      key: 'OPS-1',
      correlationId: id,
      summary: 'Amount mismatch detected: 1500.50 BRL',
      description: [...message.paragraphs, message.link].join('\n'),
      fields: {
        project: { key: 'OPS' },
        issuetype: { name: 'Task' },
        labels: [`redress-${id}`],
        priority: { name: 'High' },
        duedate: '2026-01-07',
        components: [{ name: 'Cards' }],
      },
    });
    expect(JSON.stringify(ticket.fields['description'])).toContain(
      `"marks":[{"type":"link","attrs":{"href":"${message.link}"}}]`,
    );
  });

  it.each([
    ['CRITICAL', 'Highest'],
    ['HIGH', 'High'],
    ['MEDIUM', 'Medium'],
    ['LOW', 'Low'],
  ] as const)('of severity %s has the priority %s', async (severity, name) => {
    await create(randomUUID(), aMessage({ severity }));
    expect((await only()).fields['priority']).toEqual({ name });
  });

  it('has the type and the priority that the settings name', async () => {
    const connector = connect({ issueType: 'Bug', priorities: { HIGH: 'Lowest' } });
    await connector.createTicket(randomUUID(), aMessage(), inTime());
    expect((await only()).fields).toMatchObject({ issuetype: { name: 'Bug' }, priority: { name: 'Lowest' } });
  });

  it.each([
    ['finance', 'FIN-1'],
    ['unheard-of', 'OPS-1'],
    ['__proto__', 'OPS-1'],
    ['constructor', 'OPS-1'],
    ['toString', 'OPS-1'],
    [undefined, 'OPS-1'],
  ])('of the queue %s is %s', async (queue, key) => {
    const connector = connect({ queues: { finance: { project: 'FIN' } } });
    const message = queue === undefined ? aMessage() : aMessage({ queue });
    expect(await connector.createTicket(randomUUID(), message, inTime())).toMatchObject({ reference: key });
  });

  it.each<[what: string, text: string]>([
    ['control characters', 'a\u0000b\u0007c\u001b[31m\td'],
    ['line breaks', 'one\r\ntwo\u2028three\n\n\n\nfour'],
    ['emoji', '😀'.repeat(300)],
    ['halves of characters', '\ud83d and \ude00'],
    ['text from right to left', 'مبلغ غير متطابق \u202e005\u202c'],
    ['names of a prototype', '__proto__ toString constructor'],
    ['markup', '{"type":"doc"} <script> h1. [~admin] {code} *b*'],
    ['quotes', `"\\" ORDER BY created DESC`],
    ['40,000 characters', 'x'.repeat(40_000)],
    ['40,000 characters that JSON writes as two', '"'.repeat(40_000)],
    ['20,000 lines', 'x\n'.repeat(20_000)],
  ])('takes %s', async (_what, text) => {
    const id = randomUUID();
    const message = aMessage({ summary: text, paragraphs: [text, '', ' ', text], queue: text });
    expect((await create(id, message)).outcome).toBe('created');
    expect(await connect().findTicket(id, inTime())).toEqual(found('OPS-1'));
    const { description } = await only();
    expect(description.split('\n').at(-1)).toBe(message.link);
    expect((await connect().addNote('OPS-1', id, text, inTime())).outcome).toBe('created');
    expect((await connect().findNote('OPS-1', id, inTime())).outcome).toBe('found');
  });

  it('is refused in the words of Jira', async () => {
    const connector = connect({ issueType: 'Epic', priorities: { HIGH: 'Urgent' } });
    expect(await connector.createTicket(randomUUID(), aMessage(), inTime())).toEqual({
      outcome: 'refused',
      problem:
        'Jira answered 400: issuetype: Specify a valid issue type priority: Specify a valid value for priority',
    });
    expect(await fake.tickets()).toEqual([]);
  });

  it('is refused without the right token, which no problem tells', async () => {
    const connector = connect({ apiToken: 'wrong-token-1' });
    expect(await connector.createTicket(randomUUID(), aMessage(), inTime())).toEqual({
      outcome: 'refused',
      problem: 'Jira answered 401',
    });
  });

  it('is not sent to where no server listens', async () => {
    const other = await startFakeJira();
    const connector = connect({ site: other.url });
    await other.stop();
    expect(await connector.createTicket(randomUUID(), aMessage(), inTime())).toMatchObject({
      outcome: 'not_sent',
    });
  });
});

describe('when things go wrong, a ticket', () => {
  it.each([
    ['lost on the way in', { lostOnTheWayIn: 1 }, 'unknown', 0],
    ['made, but the answer lost', { lostAnswer: 1 }, 'unknown', 1],
    ['made, but answered 502', { errorAfterEffect: 1 }, 'unknown', 1],
    ['answered 503', { errorBeforeEffect: 1 }, 'unknown', 0],
    ['told to come later', { rateLimit: { every: 1, retryAfter: 3 } }, 'not_sent', 0],
    ['sent to a dead one', { dead: true }, 'unknown', 0],
  ] as const)('%s is known for what it is', async (_what, faults, outcome, there) => {
    await fake.faults({ ...faults, ...('dead' in faults ? {} : { only: 'writes' as const }) });
    const sent = await create(randomUUID());
    expect(sent).toMatchObject({ outcome, ...(outcome === 'not_sent' && { retryAfterMs: 3000 }) });
    await fake.faults();
    expect(await fake.tickets()).toHaveLength(there);
  });

  it('that takes too long may be there', async () => {
    await fake.faults({ delayMs: 60_000, seed: 3 });
    const sent = await connect().createTicket('late', aMessage(), AbortSignal.timeout(300));
    expect(sent.outcome).toBe('unknown');
    expect(await fake.tickets()).toHaveLength(1);
  });

  it('meets the same fate in every run with one seed', async () => {
    const fates = async (seed: number) => {
      await fake.faults({ seed, lostAnswer: 0.3, errorAfterEffect: 0.3 });
      const outcomes = [];
      for (let i = 0; i < 12; i++) outcomes.push((await create(`seeded-${i}`)).outcome);
      return outcomes.join();
    };
    const first = await fates(7);
    expect(await fates(7)).toBe(first);
    expect(await fates(8)).not.toBe(first);
  });
});

describe('looking for a ticket in Jira', () => {
  it('finds none where there is none, and not that of another', async () => {
    await create(randomUUID());
    expect(await connect().findTicket(randomUUID(), inTime())).toEqual({ outcome: 'none', conclusive: true });
  });

  it('finds it once the index has caught up', async () => {
    await fake.faults({ indexLagMs: 400 });
    const id = randomUUID();
    await create(id);
    expect(await connect().findTicket(id, inTime())).toEqual({ outcome: 'none', conclusive: true });
    await pause(450);
    expect(await connect().findTicket(id, inTime())).toEqual(found('OPS-1'));
  });

  it('finds all, oldest first, over several pages', async () => {
    await fake.faults({ pageSize: 2 });
    const id = randomUUID();
    for (let i = 0; i < 5; i++) await create(id);
    expect(await connect().findTicket(id, inTime())).toEqual(
      found('OPS-1', 'OPS-2', 'OPS-3', 'OPS-4', 'OPS-5'),
    );
  });

  it('leaves out a copy, which has the label, but not the property', async () => {
    const id = randomUUID();
    const { fields } = (await create(id), await only());
    const { project, issuetype, summary, labels } = fields;
    const { key } = await there('POST', '/issue', { fields: { project, issuetype, summary, labels } });
    expect(key).toBe('OPS-2');
    expect(await connect().findTicket(id, inTime())).toEqual(found('OPS-1'));
  });

  const issue = (id: string, key: string, created: string, over: object) => ({
    id,
    key,
    fields: { created, labels: ['redress-x'] },
    ...over,
  });
  const mine = { properties: { redress: { correlationId: 'x' } } };

  it.each([
    ['the label alone', [issue('1', 'A-1', '', {})], ['A-1']],
    ['the property alone', [issue('1', 'A-1', '', { ...mine, fields: {} })], ['A-1']],
    ['neither', [issue('1', 'A-1', '', { fields: { labels: ['redress-xy'] } })], []],
    [
      'the label, but the property of another',
      [issue('1', 'A-1', '', { properties: { redress: { correlationId: 'y' } } })],
      [],
    ],
    [
      'an order of its own',
      [
        issue('12', 'A-3', '2026-01-02T03:04:05.678+0100', mine),
        issue('9', 'A-2', '2026-01-02T03:04:05.678+0100', mine),
        issue('10', 'A-1', '2026-01-02T03:04:05.677+0100', mine),
        issue('13', 'A-4', '2026-01-02T03:04:05.600+0000', mine),
      ],
      ['A-1', 'A-2', 'A-3', 'A-4'],
    ],
    [
      'what is no issue',
      [null, 7, 'A-1', {}, { ...mine, key: '..' }, { fields: { labels: 'redress-x' } }],
      [],
    ],
  ])('compares what comes back: with %s', async (_what, issues, keys) => {
    const { outbound } = scripted(answered(200, { issues, isLast: true }));
    const answer = await new JiraConnector(fakeJiraSettings(fake), outbound).findTicket('x', inTime());
    expect(answer).toMatchObject(keys.length ? found(...keys) : { outcome: 'none' });
  });

  it('ends, although the pages do not', async () => {
    const { outbound, sent } = scripted(answered(200, { issues: [], nextPageToken: 'again' }));
    const answer = await new JiraConnector(fakeJiraSettings(fake), outbound).findTicket('x', inTime());
    expect(answer.outcome).toBe('unavailable');
    expect(sent.length).toBeLessThanOrEqual(100);
  });
});

describe('a note in Jira', () => {
  it('is a comment, found by its mark', async () => {
    const [ticket, first, second] = [randomUUID(), randomUUID(), randomUUID()];
    await create(ticket);
    const sent = await connect().addNote('OPS-1', first, 'Assigned to ben by ana.\nToday.', inTime());
    expect(sent).toMatchObject({ outcome: 'created', reference: expect.stringMatching(/^\d+$/) });
    expect((await only()).notes).toEqual([`Assigned to ben by ana.\nToday.\nredress-${first}`]);
    expect(await connect().findNote('OPS-1', first, inTime())).toEqual({
      outcome: 'found',
      tickets: [{ reference: 'reference' in sent && sent.reference, url: 'url' in sent && sent.url }],
    });
    expect(await connect().findNote('OPS-1', second, inTime())).toEqual({
      outcome: 'none',
      conclusive: true,
    });
  });

  it('is found among others on later pages, every time it is there', async () => {
    const [ticket, id] = [randomUUID(), randomUUID()];
    await create(ticket);
    await fake.faults({ pageSize: 3 });
    for (let i = 0; i < 7; i++) await connect().addNote('OPS-1', randomUUID(), `note ${i}`, inTime());
    for (let i = 0; i < 2; i++) await connect().addNote('OPS-1', id, 'twice', inTime());
    const answer = await connect().findNote('OPS-1', id, inTime());
    expect('tickets' in answer && answer.tickets.map(({ reference }) => Number(reference))).toEqual([
      10_009, 10_010,
    ]);
  });

  it('is not what merely speaks of it', async () => {
    const id = randomUUID();
    await create(randomUUID());
    const text = `See redress-${id}.`;
    const content = [{ type: 'paragraph', content: [{ type: 'text', text }] }];
    await there('POST', '/issue/OPS-1/comment', { body: { type: 'doc', version: 1, content } });
    expect(await connect().findNote('OPS-1', id, inTime())).toMatchObject({ outcome: 'none' });
  });

  it('is found by its property after a user changed it', async () => {
    const comment = { id: '7', body: {}, properties: [{ key: 'redress', value: { correlationId: 'x' } }] };
    const { outbound } = scripted(answered(200, { total: 1, comments: [comment, null, 'redress-x'] }));
    const answer = await new JiraConnector(fakeJiraSettings(fake), outbound).findNote('A-1', 'x', inTime());
    expect(answer).toMatchObject({ outcome: 'found', tickets: [{ reference: '7' }] });
  });

  it('is refused where there is no issue, and leaves it open where it may have arrived', async () => {
    expect(await connect().addNote('OPS-9', 'x', 'text', inTime())).toMatchObject({ outcome: 'refused' });
    expect(await connect().findNote('OPS-9', 'x', inTime())).toMatchObject({ outcome: 'unavailable' });
    await create(randomUUID());
    await fake.faults({ lostAnswer: 1, only: 'writes' });
    expect(await connect().addNote('OPS-1', 'x', 'text', inTime())).toMatchObject({ outcome: 'unknown' });
    expect(await connect().findNote('OPS-1', 'x', inTime())).toMatchObject({ outcome: 'found' });
  });

  it.each(['..', '../myself', 'OPS-1/../../x', 'OPS-1?x=y', '', 'OPS', '__proto__'])(
    'goes nowhere with %j for an issue',
    async (reference) => {
      const { outbound, sent } = scripted(answered(200));
      const connector = new JiraConnector(fakeJiraSettings(fake), outbound);
      expect((await connector.addNote(reference, 'x', 'text', inTime())).outcome).toBe('refused');
      expect((await connector.findNote(reference, 'x', inTime())).outcome).toBe('unavailable');
      expect((await connector.status(reference, inTime())).outcome).toBe('none');
      expect(sent).toEqual([]);
    },
  );
});

describe('the status of a ticket in Jira', () => {
  it('is read by its category, whatever it is called', async () => {
    await create(randomUUID());
    expect(await connect().status('OPS-1', inTime())).toMatchObject({
      outcome: 'read',
      status: { name: 'To Do', category: 'new', updatedAt: expect.stringMatching(/Z$/) },
    });
    await fake.transition({ key: 'OPS-1', status: 'Done', assignee: 'Mia' });
    expect(await connect().status('OPS-1', inTime())).toMatchObject({
      status: { name: 'Done', category: 'done', assignee: 'Mia' },
    });
  });

  it('of an unknown category is left open', async () => {
    const status = { name: 'done', statusCategory: { key: 'Done' } };
    const { outbound } = scripted(answered(200, { fields: { status, updated: 'yesterday' } }));
    const connector = new JiraConnector(fakeJiraSettings(fake), outbound);
    expect(await connector.status('OPS-1', inTime())).toEqual({
      outcome: 'read',
      status: { name: 'done', category: 'undefined' },
    });
  });

  it('is none of what is not there, and unknown when Jira does not answer', async () => {
    expect(await connect().status('OPS-1', inTime())).toMatchObject({ outcome: 'none' });
    await fake.faults({ dead: true });
    expect(await connect().status('OPS-1', inTime())).toMatchObject({ outcome: 'unavailable' });
  });
});

describe('a connection to Jira', () => {
  it('works with what the fake says of itself', async () => {
    const queues = { finance: { project: 'FIN' }, cards: { component: 'Cards' } };
    expect(await connect({ queues }).test(inTime())).toEqual({
      ok: true,
      detail: 'Signed in as Redress; may see OPS, FIN.',
    });
  });

  it.each<[Partial<JiraSettings & JiraSecrets>, string]>([
    [{ apiToken: 'wrong-token' }, 'Jira answered 401.'],
    [
      { project: 'NOPE' },
      "For the project NOPE, Jira answered 404: No project could be found with key 'NOPE'.",
    ],
    [{ issueType: 'Epic' }, 'The project OPS has no issues of type Epic.'],
  ])('does not with %j', async (over, detail) => {
    expect(await connect(over).test(inTime())).toEqual({ ok: false, detail });
  });

  it('may lead over the gateway, where users cannot browse', async () => {
    const connector = connect({ site: `${fake.url}/ex/jira/0a1b/` });
    expect(await connector.createTicket(randomUUID(), aMessage(), inTime())).toEqual({
      outcome: 'created',
      reference: 'OPS-1',
      id: '10001',
    });
  });
});
