import { randomUUID } from 'node:crypto';
import {
  fakeServiceNowSettings,
  startFakeServiceNow,
  type FakeSystem,
} from '../../../../test/support/fake-systems';
import { aMessage, answered, inTime, scripted, wayToThisMachine } from '../../../../test/support/tickets';
import type { EgressAnswer } from '../egress/egress';
import { ServiceNowConnector } from './servicenow.connector';
import type { ServiceNowSettings } from './settings';

let fake: FakeSystem;
const way = wayToThisMachine();
const connect = (over: Partial<Pick<ServiceNowSettings, 'table' | 'callerId' | 'assignmentGroups'>> = {}) =>
  new ServiceNowConnector({ ...fakeServiceNowSettings(fake), ...over }, way);
const withAnswers = (...answers: readonly EgressAnswer[]) => {
  const script = scripted(...answers);
  return { ...script, connector: new ServiceNowConnector(fakeServiceNowSettings(fake), script.outbound) };
};

beforeAll(async () => {
  fake = await startFakeServiceNow();
});
beforeEach(() => fake.reset());
afterAll(() => fake.stop());

const create = (id: string, message = aMessage()) => connect().createTicket(id, message, inTime());
const only = async () => {
  const tickets = await fake.tickets();
  expect(tickets).toHaveLength(1);
  return tickets[0]!;
};
const references = (answer: object) =>
  'tickets' in answer
    ? (answer.tickets as { reference: string }[]).map(({ reference }) => reference)
    : answer;

describe('a ticket in ServiceNow', () => {
  it('says what the message says', async () => {
    const id = randomUUID();
    const message = aMessage({ queue: 'payments' });
    const group = 'd625dccec0a8016700a222a0f7900d06';
    const callerId = '6816f79cc0a8016401c5a33be04be441';
    const connector = connect({ callerId, assignmentGroups: { payments: group } });
    const sent = await connector.createTicket(id, message, inTime());
    const ticket = await only();
    const page = encodeURIComponent(`incident.do?sys_id=${String(ticket.fields['sys_id'])}`);
    expect(sent).toEqual({
      outcome: 'created',
      reference: 'INC0010003',
      url: `${fake.url}/nav_to.do?uri=${page}`,
      id: ticket.fields['sys_id'],
    });
    expect(ticket).toMatchObject({
      key: 'INC0010003',
      correlationId: id,
      status: 'New',
      summary: 'Amount mismatch detected: 1500.50 BRL',
      description: `${message.paragraphs.join('\n')}\n\n${message.link}`,
      fields: {
        correlation_display: 'Redress',
        due_date: '2026-01-07 03:04:05',
        assignment_group: group,
        caller_id: callerId,
      },
    });
  });

  it.each([
    ['CRITICAL', '1', '1', '1'],
    ['HIGH', '1', '2', '2'],
    ['MEDIUM', '2', '2', '3'],
    ['LOW', '3', '3', '5'],
  ] as const)(
    'of severity %s gets its priority from how urgent and how grave it is',
    async (severity, ...ratings) => {
      await create(randomUUID(), aMessage({ severity }));
      const [urgency, impact, priority] = ratings;
      expect((await only()).fields).toMatchObject({ urgency, impact, priority });
    },
  );

  it.each(['__proto__', 'constructor', 'toString', 'unheard-of'])(
    'of the queue %s has no group',
    async (queue) => {
      const connector = connect({ assignmentGroups: { payments: 'x' } });
      expect(await connector.createTicket(randomUUID(), aMessage({ queue }), inTime())).toMatchObject({
        outcome: 'created',
      });
      expect((await only()).fields['assignment_group']).toBe('');
    },
  );

  it.each<[what: string, text: string]>([
    ['control characters', 'a\u0000b\u0007c\u001b[31m\td'],
    ['line breaks', 'one\r\ntwo\u2028three\n\n\n\nfour'],
    ['emoji', '😀'.repeat(300)],
    ['halves of characters', '\ud83d and \ude00'],
    ['text from right to left', 'مبلغ غير متطابق \u202e005\u202c'],
    ['names of a prototype', '__proto__ toString constructor'],
    ['what looks like a query', '^ORDERBYnumber^state=1^NQ javascript:gs.getUserID()'],
    ['40,000 characters', 'x'.repeat(40_000)],
    ['20,000 lines', 'x\n'.repeat(20_000)],
  ])('takes %s, and keeps its link and its mark', async (_what, text) => {
    const id = randomUUID();
    const message = aMessage({ summary: text, paragraphs: [text, '', text], queue: text });
    expect((await create(id, message)).outcome).toBe('created');
    expect(references(await connect().findTicket(id, inTime()))).toEqual(['INC0010003']);
    expect((await only()).description.split('\n').at(-1)).toBe(message.link);
    expect((await connect().addNote('INC0010003', id, text, inTime())).outcome).toBe('created');
    expect(references(await connect().findNote('INC0010003', id, inTime()))).toEqual(['INC0010003']);
  });

  it.each([
    ['a bearer token', { token: 'fake-servicenow-token' }],
    ['an API key', { apiKey: 'fake-servicenow-key' }],
  ])('is taken with %s', async (_what, credentials) => {
    const connector = new ServiceNowConnector({ instance: fake.url, ...credentials }, way);
    expect((await connector.createTicket(randomUUID(), aMessage(), inTime())).outcome).toBe('created');
  });

  it.each([
    [{ username: 'redress', password: 'wrong-password' }, 401, 'User Not Authenticated'],
    [{ token: 'wrong-token' }, 401, 'User Not Authenticated'],
    [{ apiKey: 'wrong-key' }, 401, 'User Not Authenticated'],
    [{ username: 'outsider', password: 'outside' }, 403, 'Operation Failed'],
  ])('is refused to %j', async (credentials, status, message) => {
    const connector = new ServiceNowConnector({ instance: fake.url, ...credentials }, way);
    const sent = await connector.createTicket(randomUUID(), aMessage(), inTime());
    expect(sent).toEqual({
      outcome: 'refused',
      problem: expect.stringContaining(`ServiceNow answered ${status}: ${message}`),
    });
    expect(JSON.stringify(sent)).not.toMatch(/wrong-|outside/);
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
    await fake.faults(faults);
    const id = randomUUID();
    expect(await create(id)).toMatchObject({ outcome });
    expect(await connect().findTicket(id, inTime())).toMatchObject({ outcome: 'unavailable' });
    await fake.faults();
    expect(await fake.tickets()).toHaveLength(there);
    expect(await connect().findTicket(id, inTime())).toMatchObject({ outcome: there ? 'found' : 'none' });
  });
});

describe('looking for a ticket in ServiceNow', () => {
  const row = (number: string, over: object = {}) => ({
    number,
    sys_id: '0123456789abcdef0123456789abcdef',
    correlation_id: 'x',
    sys_created_on: '2026-01-02 03:04:05',
    ...over,
  });

  it('finds all, oldest first, and none of others', async () => {
    const id = randomUUID();
    for (const each of [id, randomUUID(), id]) await create(each);
    expect(references(await connect().findTicket(id, inTime()))).toEqual(['INC0010003', 'INC0010005']);
    expect(await connect().findTicket(randomUUID(), inTime())).toEqual({ outcome: 'none', conclusive: true });
  });

  it('does not take the rows of a query that was passed over for an answer', async () => {
    // The fake does what an instance does: without the field in the query it answers with every row.
    const answer = await fetch(`${fake.url}/api/now/table/incident?sysparm_query=no_such_field=x`, {
      headers: { 'x-sn-apikey': 'fake-servicenow-key' },
    });
    const all: unknown = await answer.json();
    expect(all).toMatchObject({ result: [{ number: 'INC0010001' }, { number: 'INC0010002' }] });
    const { connector } = withAnswers(answered(200, all));
    expect(await connector.findTicket('x', inTime())).toEqual({
      outcome: 'unavailable',
      problem: 'ServiceNow answered 200, but with rows nobody asked for',
    });
  });

  it('finds its own among rows that it did not ask for', async () => {
    const others = [row('INC1', { correlation_id: 'xy' }), row('INC2', { correlation_id: '' }), null];
    const { connector } = withAnswers(
      answered(200, {
        result: [
          ...others,
          row('INC4', { sys_created_on: '2026-01-02 03:04:06' }),
          row('INC3', { correlation_id: { value: 'x', display_value: 'X' } }),
        ],
      }),
    );
    expect(references(await connector.findTicket('x', inTime()))).toEqual(['INC3', 'INC4']);
  });

  it('knows both ways of saying that there is none, and no third', async () => {
    const none = answered(404, { error: { message: 'No Record found' }, status: 'failure' });
    expect(await withAnswers(none).connector.findTicket('x', inTime())).toMatchObject({ outcome: 'none' });
    const elsewhere = answered(404, '<html>No Record found</html>');
    expect(await withAnswers(elsewhere).connector.findTicket('x', inTime())).toMatchObject({
      outcome: 'unavailable',
    });
  });
});

describe('a note in ServiceNow', () => {
  it('is a work note, found by its mark as often as it is there', async () => {
    const [ticket, first, second] = [randomUUID(), randomUUID(), randomUUID()];
    await create(ticket);
    const sent = await connect().addNote('INC0010003', first, 'Assigned to ben by ana.', inTime());
    expect(sent).toMatchObject({ outcome: 'created', reference: 'INC0010003' });
    expect((await only()).notes).toEqual([`Assigned to ben by ana.\n\nredress-${first}`]);
    const text = `It says redress-${second} only within a line.`;
    await connect().addNote('INC0010003', first, text, inTime());
    const find = (id: string) => connect().findNote('INC0010003', id, inTime());
    expect(references(await find(first))).toEqual(['INC0010003', 'INC0010003']);
    expect(await find(second)).toEqual({ outcome: 'none', conclusive: true });
  });

  it('is refused where there is no incident', async () => {
    expect(await connect().addNote('INC0019999', 'x', 'text', inTime())).toEqual({
      outcome: 'refused',
      problem: 'ServiceNow has no INC0019999',
    });
    expect(await connect().findNote('INC0019999', 'x', inTime())).toMatchObject({ outcome: 'none' });
  });

  it('is not sent while its incident cannot be found', async () => {
    await create(randomUUID());
    await fake.faults({ lostAnswer: 1, only: 'reads' });
    expect(await connect().addNote('INC0010003', 'x', 'text', inTime())).toMatchObject({
      outcome: 'not_sent',
    });
    await fake.faults({ rateLimit: { every: 1, retryAfter: 4 }, only: 'reads' });
    expect(await connect().addNote('INC0010003', 'x', 'text', inTime())).toMatchObject({
      outcome: 'not_sent',
      retryAfterMs: 4000,
    });
    expect((await only()).notes).toEqual([]);
  });

  it('may be there when its answer is lost', async () => {
    await create(randomUUID());
    await fake.faults({ errorAfterEffect: 1, only: 'writes' });
    expect(await connect().addNote('INC0010003', 'x', 'text', inTime())).toMatchObject({
      outcome: 'unknown',
    });
    expect(await connect().findNote('INC0010003', 'x', inTime())).toMatchObject({ outcome: 'found' });
  });

  it('is not known to be missing where work notes may not be read', async () => {
    const result = [{ number: 'INC1', sys_id: '0123456789abcdef0123456789abcdef' }];
    const { connector } = withAnswers(answered(200, { result }));
    expect(await connector.findNote('INC1', 'x', inTime())).toEqual({
      outcome: 'unavailable',
      problem: 'ServiceNow answered 200, but without its work notes',
    });
  });

  it.each(['..', 'INC1^state=1', 'INC1/../x', '', ' ', 'INC1?x'])(
    'goes nowhere with %j for an incident',
    async (no) => {
      const { connector, sent } = withAnswers(answered(200));
      expect((await connector.addNote(no, 'x', 'text', inTime())).outcome).toBe('refused');
      expect((await connector.findNote(no, 'x', inTime())).outcome).toBe('unavailable');
      expect((await connector.status(no, inTime())).outcome).toBe('none');
      expect(sent).toEqual([]);
    },
  );
});

describe('the status of a ticket in ServiceNow', () => {
  it.each([
    ['New', 'new'],
    ['In Progress', 'indeterminate'],
    ['On Hold', 'indeterminate'],
    ['Resolved', 'done'],
    ['Closed', 'done'],
    ['Canceled', 'cancelled'],
  ])('%s is %s', async (name, category) => {
    await create(randomUUID());
    await fake.transition({ key: 'INC0010003', status: name, assignee: 'Beth Anglin' });
    expect(await connect().status('INC0010003', inTime())).toEqual({
      outcome: 'read',
      status: {
        name,
        category,
        assignee: 'Beth Anglin',
        updatedAt: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
      },
    });
  });

  it('of a state of their own is left open', async () => {
    const state = { value: '19', display_value: 'Awaiting bank' };
    const { connector } = withAnswers(answered(200, { result: [{ number: 'INC1', state }] }));
    expect(await connector.status('INC1', inTime())).toEqual({
      outcome: 'read',
      status: { name: 'Awaiting bank', category: 'undefined' },
    });
  });

  it('is none of what is not there', async () => {
    expect(await connect().status('INC0019999', inTime())).toMatchObject({ outcome: 'none' });
  });
});

describe('a connection to ServiceNow', () => {
  it('works with what the fake says of itself', async () => {
    expect(await connect().test(inTime())).toEqual({
      ok: true,
      detail: 'Signed in; may read the table incident.',
    });
  });

  it('does not with another table', async () => {
    expect(await connect({ table: 'cases' }).test(inTime())).toEqual({
      ok: false,
      detail: 'ServiceNow answered 400: Invalid table cases.',
    });
  });

  it('does not where queries by correlation id are passed over', async () => {
    const { connector } = withAnswers(answered(200, { result: [{ number: 'INC1' }] }));
    expect(await connector.test(inTime())).toEqual({
      ok: false,
      detail: 'ServiceNow answered 200, but with rows nobody asked for.',
    });
  });
});
