import { randomUUID } from 'node:crypto';
import {
  fakeJiraSettings,
  fakeServiceNowSettings,
  startFakeJira,
  startFakeServiceNow,
  type FakeSystem,
} from '../../../test/support/fake-systems';
import {
  aMessage,
  answered,
  correlationId,
  inTime,
  scripted,
  wayToThisMachine,
} from '../../../test/support/tickets';
import type { EgressAnswer } from './egress/egress';
import { JiraConnector } from './jira/jira.connector';
import type { JiraSettings } from './jira/settings';
import { ServiceNowConnector } from './servicenow/servicenow.connector';
import type { ServiceNowSettings } from './servicenow/settings';

/* Sites decide which fields a ticket has, and what an account sees. */

let jira: FakeSystem;
let serviceNow: FakeSystem;
const way = wayToThisMachine();
const inJira = (over: Partial<JiraSettings> = {}) =>
  new JiraConnector({ ...fakeJiraSettings(jira), ...over }, way);
const inServiceNow = (over: Partial<ServiceNowSettings> = {}) =>
  new ServiceNowConnector({ ...fakeServiceNowSettings(serviceNow), ...over }, way);

beforeAll(async () => {
  [jira, serviceNow] = await Promise.all([startFakeJira(), startFakeServiceNow()]);
});
beforeEach(() => Promise.all([jira.reset(), serviceNow.reset()]));
afterAll(() => Promise.all([jira.stop(), serviceNow.stop()]));

const writesTo = async (fake: FakeSystem) =>
  (await fake.requests()).filter(({ method, url }) => method === 'POST' && !url.includes('search')).length;
const onlyIn = async (fake: FakeSystem) => {
  const tickets = await fake.tickets();
  expect(tickets).toHaveLength(1);
  return tickets[0]!;
};

describe('a Jira whose create screen', () => {
  it.each([
    [['priority']],
    [['duedate', 'priority']],
    [['labels']],
    [['labels', 'priority', 'duedate', 'components', 'description']],
  ])('lacks %j gets the rest, and the issue is found all the same', async (lacking) => {
    await jira.faults({ lacking });
    const id = randomUUID();
    const queues = { cards: { component: 'Cards' } };
    const sent = await inJira({ queues }).createTicket(id, aMessage({ queue: 'cards' }), inTime());
    expect(sent).toMatchObject({ outcome: 'created', reference: 'OPS-1' });
    const said = 'problem' in sent ? sent.problem : '';
    expect(said).toMatch(/^Jira did not take .*: left out\.$/);
    for (const name of lacking) expect(said).toContain(name);
    const { fields } = await onlyIn(jira);
    expect(Object.keys(fields).filter((name) => lacking.includes(name))).toEqual([]);
    expect(fields['summary']).toBe('Amount mismatch detected: 1500.50 BRL');
    expect(await inJira().findTicket(id, inTime())).toMatchObject({
      outcome: 'found',
      tickets: [{ reference: 'OPS-1', id: '10001' }],
    });
    expect(await writesTo(jira)).toBe(2);
  });

  it('lacks what omit leaves out gets it at once', async () => {
    await jira.faults({ lacking: ['priority', 'duedate'] });
    const connector = inJira({ omit: ['priority', 'duedate'] });
    const sent = await connector.createTicket(randomUUID(), aMessage(), inTime());
    expect(sent).not.toHaveProperty('problem');
    expect(await writesTo(jira)).toBe(1);
  });

  it('does not know a priority gets the issue without one', async () => {
    const connector = inJira({ priorities: { HIGH: 'Urgent' } });
    const sent = await connector.createTicket(randomUUID(), aMessage(), inTime());
    expect(sent).toMatchObject({ outcome: 'created', problem: 'Jira did not take priority: left out.' });
  });

  it('demands a field is told what to set, and takes the issue once it is set', async () => {
    await jira.faults({ demanding: ['customfield_10010'], lacking: ['priority'] });
    const refused = await inJira().createTicket(randomUUID(), aMessage(), inTime());
    expect(refused).toMatchObject({
      outcome: 'refused',
      problem: expect.stringMatching(
        /^Jira answered 400: .*customfield_10010.* Set customfield_10010 in fields of the connection\.$/,
      ),
    });
    expect(await jira.tickets()).toEqual([]);
    const fields = { customfield_10010: { value: 'Finance' }, labels: ['finance'] };
    const id = randomUUID();
    const sent = await inJira({ fields }).createTicket(id, aMessage(), inTime());
    expect(sent).toMatchObject({ outcome: 'created' });
    expect((await onlyIn(jira)).fields).toMatchObject({
      customfield_10010: { value: 'Finance' },
      labels: [`redress-${id}`, 'finance'],
    });
  });

  it('refuses what the administrator of the connection set refuses the issue', async () => {
    const connector = inJira({ fields: { priority: { name: 'Urgent' } } });
    expect(await connector.createTicket(randomUUID(), aMessage(), inTime())).toMatchObject({
      outcome: 'refused',
    });
    expect(await writesTo(jira)).toBe(1);
  });

  it('names the same field again and again is not asked for ever', async () => {
    const { outbound, sent } = scripted(answered(400, { errors: { priority: 'No.' } }));
    const connector = new JiraConnector(fakeJiraSettings(jira), outbound);
    expect((await connector.createTicket('x', aMessage(), inTime())).outcome).toBe('refused');
    expect(sent).toHaveLength(2);
  });

  it('refuses fields, and then loses the answer, leaves it open', async () => {
    const { outbound } = scripted(answered(400, { errors: { priority: 'No.' } }), {
      kind: 'lost',
      problem: 'No answer came.',
    });
    const connector = new JiraConnector(fakeJiraSettings(jira), outbound);
    expect((await connector.createTicket('x', aMessage(), inTime())).outcome).toBe('unknown');
  });
});

describe('a look-up that finds nothing in Jira', () => {
  const none = () => inJira().findTicket(randomUUID(), inTime());

  it('is conclusive where the search shows what the account created', async () => {
    expect(await none()).toEqual({ outcome: 'none', conclusive: true });
  });

  it.each([{ newAccount: true }, { createOnly: true }])('is not with %j', async (faults) => {
    await jira.faults(faults);
    expect(await none()).toEqual({
      outcome: 'none',
      problem: 'The search shows nothing that this account created in OPS, so it cannot tell.',
    });
  });

  it('is about the project that the queue leads to', async () => {
    const connector = inJira({ queues: { finance: { project: 'ELSEWHERE' } } });
    const message = aMessage({ queue: 'finance' });
    expect(await connector.findTicket(randomUUID(), inTime(), message)).not.toHaveProperty('conclusive');
  });

  it('is not where the search refuses to list what the account created', async () => {
    const issues = answered(200, { issues: [], isLast: true });
    const refusal = answered(400, { errorMessages: ["Field 'creator' does not exist."] });
    const { outbound } = scripted(issues, refusal);
    expect(await new JiraConnector(fakeJiraSettings(jira), outbound).findTicket('x', inTime())).toEqual({
      outcome: 'none',
      problem: "Jira answered 400: Field 'creator' does not exist.",
    });
  });

  it('is not where there is too much to look through, and ends', async () => {
    const issue = (n: number) => ({
      key: `OPS-${n}`,
      id: `${n}`,
      fields: { created: '2030-01-01T00:00:00.000Z' },
    });
    const page = answered(200, { issues: [issue(1)], nextPageToken: 'more' });
    const { outbound, sent } = scripted(answered(200, { issues: [], isLast: true }), page);
    const connector = new JiraConnector(fakeJiraSettings(jira), outbound);
    expect(await connector.findTicket(correlationId(1), inTime())).not.toHaveProperty('conclusive');
    expect(sent.length).toBeLessThan(30);
  });

  it('reads back to the time of the dispatch, and no further', async () => {
    const old = { key: 'OPS-1', id: '1', fields: { created: '2025-01-01T00:00:00.000Z' } };
    const page = answered(200, { issues: [old], nextPageToken: 'more' });
    const { outbound, sent } = scripted(answered(200, { issues: [], isLast: true }), page);
    const connector = new JiraConnector(fakeJiraSettings(jira), outbound);
    expect(await connector.findTicket(correlationId(1), inTime())).toEqual({
      outcome: 'none',
      conclusive: true,
    });
    expect(sent).toHaveLength(2);
  });
});

describe('the test of a connection to Jira', () => {
  it.each<[object, Partial<JiraSettings>, boolean, RegExp]>([
    [{}, {}, true, /^Signed in as Redress; may see OPS\.$/],
    [
      { newAccount: true },
      {},
      true,
      /Not proven: that the account sees what it creates; .* in OPS, so it cannot tell\.$/,
    ],
    [
      { createOnly: true },
      {},
      true,
      /In OPS the account lacks BROWSE_PROJECTS\. Not proven: that the account sees/,
    ],
    [
      { lacking: ['priority', 'labels'] },
      {},
      true,
      /OPS does not take labels, priority: left out of its issues\.$/,
    ],
    [
      { lacking: ['priority', 'labels'] },
      { omit: ['priority', 'labels'] },
      true,
      /^Signed in as Redress; may see OPS\.$/,
    ],
    [
      { demanding: ['customfield_10010'] },
      {},
      false,
      /demands fields that are not sent: customfield_10010 \(Field 10010\)/,
    ],
    [{ demanding: ['customfield_10010'] }, { fields: { customfield_10010: 1 } }, true, /may see OPS\.$/],
    [{}, { fields: { customfield_10010: 1 } }, false, /does not take customfield_10010, which fields sets/],
    [{}, { priorities: { CRITICAL: 'Blocker' } }, true, /OPS has no priority Blocker: set priorities\.$/],
    [{ pageSize: 2 }, {}, true, /^Signed in as Redress; may see OPS\.$/],
  ])('at a site with %j and the settings %j', async (faults, over, ok, detail) => {
    await jira.faults(faults);
    const tested = await inJira(over).test(inTime());
    expect(tested).toEqual({ ok, detail: expect.stringMatching(detail) });
    expect(await jira.tickets()).toEqual([]);
  });

  it('says what it could not read, and that an account may not create', async () => {
    const project = answered(200, { displayName: 'Bot', issueTypes: [{ name: 'Task' }] });
    const way = (...more: EgressAnswer[]) =>
      new JiraConnector(fakeJiraSettings(jira), scripted(project, project, ...more).outbound).test(inTime());
    const none = answered(404, '');
    expect(await way(none)).toEqual({
      ok: true,
      detail: expect.stringMatching(
        /Not proven: what the account may do in OPS\..*Not proven: which fields an issue/,
      ),
    });
    const barred = { permissions: { CREATE_ISSUES: { havePermission: false } } };
    expect(await way(answered(200, barred))).toEqual({
      ok: false,
      detail: 'The account may not create issues in OPS.',
    });
  });
});

describe('a ServiceNow whose data policy', () => {
  it.each([[['due_date']], [['due_date', 'urgency', 'correlation_display']]])(
    'makes %j read-only gets the rest',
    async (lacking) => {
      await serviceNow.faults({ lacking });
      const id = randomUUID();
      const sent = await inServiceNow().createTicket(id, aMessage(), inTime());
      expect(sent).toMatchObject({ outcome: 'created', problem: expect.stringContaining(lacking[0]!) });
      expect((await onlyIn(serviceNow)).correlationId).toBe(id);
      expect(await writesTo(serviceNow)).toBe(2);
    },
  );

  it('makes the mark read-only refuses the incident, which could not be found again', async () => {
    await serviceNow.faults({ lacking: ['correlation_id'] });
    const sent = await inServiceNow().createTicket(randomUUID(), aMessage(), inTime());
    expect(sent.outcome).toBe('refused');
    expect(await writesTo(serviceNow)).toBe(1);
  });

  it('demands a field is told what to set, and takes the incident once it is set', async () => {
    await serviceNow.faults({ demanding: ['u_cost_center'] });
    expect(await inServiceNow().createTicket(randomUUID(), aMessage(), inTime())).toEqual({
      outcome: 'refused',
      problem:
        'ServiceNow answered 403: Data Policy Exception: The following fields are mandatory: Cost center. Set them in fields of the connection.',
    });
    const connector = inServiceNow({ fields: { u_cost_center: '4711' } });
    expect((await connector.createTicket(randomUUID(), aMessage(), inTime())).outcome).toBe('created');
    expect((await onlyIn(serviceNow)).fields['u_cost_center']).toBe('4711');
  });

  it('concerns what omit leaves out does not matter', async () => {
    await serviceNow.faults({ lacking: ['due_date'] });
    const sent = await inServiceNow({ omit: ['due_date'] }).createTicket(randomUUID(), aMessage(), inTime());
    expect(sent).not.toHaveProperty('problem');
  });
});

describe('an incident that is created without a word', () => {
  const sysId = '0123456789abcdef0123456789abcdef';
  const created = (location: string) => answered(201, { result: {} }, { location });
  const through = (...answers: EgressAnswer[]) => {
    const { outbound, sent } = scripted(...answers);
    const connector = new ServiceNowConnector(
      { instance: 'https://acme.example', token: 'canary' },
      outbound,
    );
    return { connector, sent };
  };

  it('is read at its address, where the account may read it', async () => {
    const row = answered(200, { result: { number: 'INC1', sys_id: sysId } });
    const { connector, sent } = through(created(`https://acme.example/api/now/table/incident/${sysId}`), row);
    expect(await connector.createTicket('x', aMessage(), inTime())).toMatchObject({
      ...{ outcome: 'created', reference: 'INC1', id: sysId },
    });
    expect(sent[1]).toMatchObject({ method: 'GET', url: expect.stringContaining(`/incident/${sysId}?`) });
  });

  it.each([
    [answered(404, { error: { message: 'No Record found' } })],
    [answered(200, { result: {} })],
    [answered(200, { result: { number: 'INC2', sys_id: 'f'.repeat(32) } })],
    [answered(503)],
    [{ kind: 'lost', problem: 'No answer came.' } as const],
  ])('is received, where that brings nothing: %j', async (answer) => {
    const { connector } = through(created(`https://elsewhere.example/x/${sysId}`), answer);
    expect((await connector.createTicket('x', aMessage(), inTime())).outcome).toBe('received');
  });

  it('is not looked for at an address that is none', async () => {
    const { connector, sent } = through(created('https://acme.example/incident/..'));
    expect((await connector.createTicket('x', aMessage(), inTime())).outcome).toBe('received');
    expect(sent).toHaveLength(1);
  });
});

describe('a look-up that finds nothing in ServiceNow', () => {
  it('is conclusive where the instance counts rows before it hides any', async () => {
    const answer = await inServiceNow().findTicket(randomUUID(), inTime());
    expect(answer).toEqual({ outcome: 'none', conclusive: true });
  });

  it('is not where rows are hidden, or not counted', async () => {
    const id = randomUUID();
    await inServiceNow().createTicket(id, aMessage(), inTime());
    await serviceNow.faults({ createOnly: true });
    expect(await inServiceNow().findTicket(id, inTime())).toEqual({
      outcome: 'none',
      problem:
        'ServiceNow has 1 rows with this correlation_id, which the account may not read: give it that right.',
    });
    await serviceNow.faults({ uncounted: true });
    expect(await inServiceNow().findTicket(randomUUID(), inTime())).toEqual({
      outcome: 'none',
      problem: 'ServiceNow does not count the rows it hides, so it cannot tell.',
    });
  });

  it('among the work notes is conclusive only where some are shown', async () => {
    await inServiceNow().createTicket(randomUUID(), aMessage(), inTime());
    const find = () => inServiceNow().findNote('INC0010003', randomUUID(), inTime());
    expect(await find()).not.toHaveProperty('conclusive');
    await inServiceNow().addNote('INC0010003', randomUUID(), 'Asked the bank.', inTime());
    expect(await find()).toEqual({ outcome: 'none', conclusive: true });
  });
});

describe('the test of a connection to ServiceNow', () => {
  it.each<[object, Partial<ServiceNowSettings>, boolean, RegExp]>([
    [{}, {}, true, /^Signed in; may read the table incident\.$/],
    [
      { createOnly: true },
      {},
      true,
      /Not proven: that the account sees what it creates; .* nothing yet\. Not proven: which fields/,
    ],
    [
      { uncounted: true },
      {},
      true,
      /Not proven: that the account sees .* does not count the rows it hides\.$/,
    ],
    [
      { demanding: ['u_cost_center'] },
      {},
      false,
      /demands fields that are not sent: u_cost_center\. Set them in fields/,
    ],
    [
      { demanding: ['u_cost_center'] },
      { fields: { u_cost_center: '1' } },
      true,
      /may read the table incident\.$/,
    ],
  ])('at an instance with %j and the settings %j', async (faults, over, ok, detail) => {
    await serviceNow.faults(faults);
    expect(await inServiceNow(over).test(inTime())).toEqual({ ok, detail: expect.stringMatching(detail) });
    expect(await serviceNow.tickets()).toEqual([]);
  });

  it('says how many rows of ours the account may not read', async () => {
    await inServiceNow().createTicket(randomUUID(), aMessage(), inTime());
    await serviceNow.faults({ createOnly: true });
    expect((await inServiceNow().test(inTime())).detail).toContain(
      '1 rows were created from here, and the account may not read them.',
    );
  });
});
