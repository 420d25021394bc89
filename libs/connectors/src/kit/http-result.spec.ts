import { aMessage, answered, inTime, scripted } from '../../../../test/support/tickets';
import type { EgressAnswer } from '../egress/egress';
import { JiraConnector } from '../jira/jira.connector';
import { ServiceNowConnector } from '../servicenow/servicenow.connector';

const id = '019b7c00-0000-7000-8000-000000000001';
const apiToken = 'ATATT-canary-1';
const password = 'canary-password-2';
const sysId = '0123456789abcdef0123456789abcdef';
const basic = (user: string, secret: string) => Buffer.from(`${user}:${secret}`).toString('base64');

const systems = {
  Jira: {
    connector: (way: ReturnType<typeof scripted>) =>
      new JiraConnector(
        { site: 'https://acme.atlassian.net/', email: 'bot@acme.com', apiToken, project: 'OPS' },
        way.outbound,
      ),
    created: { id: '10001', key: 'OPS-7', self: '' },
    ticket: { reference: 'OPS-7', url: 'https://acme.atlassian.net/browse/OPS-7', id: '10001' },
    complaint: { errorMessages: ['No.'], errors: { summary: 'Too dull.' } },
    complained: 'No. summary: Too dull.',
    unusable: [{ id: '10001' }, { key: 7 }, { key: '../../admin' }, { key: '' }, ['key'], 'OPS-7', null],
    none: answered(200, { issues: [], isLast: true }),
  },
  ServiceNow: {
    connector: (way: ReturnType<typeof scripted>) =>
      new ServiceNowConnector(
        { instance: 'https://acme.service-now.com/', username: 'bot', password },
        way.outbound,
      ),
    created: { result: { sys_id: sysId, number: 'INC0010002' } },
    ticket: {
      reference: 'INC0010002',
      url: `https://acme.service-now.com/nav_to.do?uri=incident.do%3Fsys_id%3D${sysId}`,
      id: sysId,
    },
    complaint: { error: { message: 'No.', detail: 'summary: Too dull.' }, status: 'failure' },
    complained: 'No. summary: Too dull.',
    unusable: [
      {},
      { result: {} },
      { result: { sys_id: sysId } },
      { result: { number: 'INC0010002' } },
      { result: { number: 'INC0010002', sys_id: '../x' } },
      { result: [] },
      null,
    ],
    none: answered(200, { result: [] }),
  },
};

describe.each(Object.entries(systems))('what an answer of %s means', (name, system) => {
  const create = (answer: EgressAnswer) =>
    system.connector(scripted(answer)).createTicket(id, aMessage(), inTime());
  const find = (answer: EgressAnswer) => system.connector(scripted(answer)).findTicket(id, inTime());

  it('a ticket was made', async () => {
    expect(await create(answered(201, system.created))).toEqual({ outcome: 'created', ...system.ticket });
  });

  it.each(system.unusable.map((body) => [body]))('it was received, where it says %j', async (body) => {
    expect(await create(answered(201, body))).toEqual({
      outcome: 'received',
      problem: `${name} answered 201, but not with what it created`,
    });
  });

  it.each(
    [200, 201, 202, 204, 226, 303].flatMap((status) =>
      ['', '{}', '{"key":', '<html>Log in</html>', '"OPS-7"', '[[[['].map((body) => [status, body] as const),
    ),
  )('it was received, after %i with %j', async (status, body) => {
    expect(await create(answered(status, body))).toEqual({
      outcome: 'received',
      problem: `${name} answered ${status}, but not with what it created`,
    });
  });

  it('it was received, with a reference that is too long to be one', async () => {
    const absurd = JSON.stringify(system.created).replace(/OPS-7|INC0010002/, (is) =>
      is.padEnd(100_000, '7'),
    );
    expect(await create(answered(201, absurd))).toMatchObject({ outcome: 'received' });
  });

  it.each([
    ['received', 200],
    ['received', 201],
    ['received', 204],
    ['received', 303],
    ['refused', 400],
    ['refused', 302],
    ['not_sent', 429],
    ['unknown', 408],
    ['unknown', 502],
    ['unknown', undefined],
  ] as const)('it is %s when the answer broke off after the status %s', async (outcome, status) => {
    const problem = 'It broke off.';
    const broken = { kind: 'lost', problem, ...(status !== undefined && { status }) } as const;
    expect(await create(broken)).toEqual({ outcome, problem });
  });

  it.each([400, 401, 403, 404, 405, 406, 410, 413, 414, 415, 422])(
    '%i refuses, and says why',
    async (status) => {
      expect(await create(answered(status, system.complaint, { 'retry-after': '5' }))).toEqual({
        outcome: 'refused',
        problem: `${name} answered ${status}: ${system.complained}`,
      });
    },
  );

  it.each([301, 302, 307, 308])('%i says that the address is wrong', async (status) => {
    expect((await create(answered(status, '', { location: 'https://evil.example' }))).outcome).toBe(
      'refused',
    );
  });

  it.each([304, 408, 409, 425, 500, 502, 503, 504, 599])('%i leaves it open', async (status) => {
    expect(await create(answered(status, '<html>Oops</html>'))).toEqual({
      outcome: 'unknown',
      problem: `${name} answered ${status}`,
    });
    expect(await create(answered(status, '', { 'retry-after': '7' }))).toMatchObject({ retryAfterMs: 7000 });
  });

  it('429 means later', async () => {
    expect(await create(answered(429, system.complaint, { 'retry-after': '30' }))).toEqual({
      outcome: 'not_sent',
      problem: `${name} answered 429: ${system.complained}`,
      retryAfterMs: 30_000,
    });
    expect(await create(answered(429))).toEqual({ outcome: 'not_sent', problem: `${name} answered 429` });
  });

  it('what has not left was not sent, and what got lost is open', async () => {
    const problem = 'Nothing was sent to acme: it refused the connection.';
    expect(await create({ kind: 'not_sent', problem })).toEqual({ outcome: 'not_sent', problem });
    expect(await create({ kind: 'lost', problem })).toEqual({ outcome: 'unknown', problem });
  });

  it('there is none, and no proof that the account would see it', async () => {
    expect(await find(system.none)).toEqual({
      outcome: 'none',
      problem: expect.stringMatching(/^(Jira|ServiceNow|The search) .* so it cannot tell\.$/),
    });
  });

  it.each([
    ...[301, 303, 400, 401, 403, 404, 408, 410, 429, 500, 503].map((status) => answered(status, '{}')),
    ...['', '<html>Your instance is asleep</html>', '[]', '{}', '{"issues":{},"result":{}}', 'null'].map(
      (body) => answered(200, body),
    ),
    { kind: 'lost' as const, problem: 'lost' },
    { kind: 'not_sent' as const, problem: 'not sent' },
  ])('nobody knows whether there is any (case %#)', async (answer) => {
    expect(await find(answer)).toMatchObject({ outcome: 'unavailable', problem: expect.any(String) });
  });

  it('a look-up is told when to come again', async () => {
    const later = answered(429, system.complaint, { 'retry-after': '2' });
    expect(await find(later)).toEqual({
      outcome: 'unavailable',
      problem: `${name} answered 429: ${system.complained}`,
      retryAfterMs: 2000,
    });
  });

  it('no problem holds a secret, not even where the other side repeats it, or has an end', async () => {
    const secrets = [apiToken, password, basic('bot@acme.com', apiToken), basic('bot', password)];
    const echo = `Got ${secrets.join(' and ')} ${'\u0000\u202e\n'.repeat(9)}${'x'.repeat(10_000)}`;
    const body = { errorMessages: [echo], error: { message: echo } };
    for (const status of [400, 429, 500]) {
      const sent = await create(answered(status, body));
      const found = await find(answered(status, body));
      for (const { problem } of [sent, found] as { problem: string }[]) {
        expect(problem).toHaveLength(500);
        expect(problem).not.toMatch(/[\p{Cc}\u202e]/u);
        const [token, word, ...encoded] = secrets;
        const known = name === 'Jira' ? [token, encoded[0]] : [word, encoded[1]];
        for (const secret of known) expect(problem).not.toContain(secret);
      }
    }
  });

  it.each([
    { errorMessages: {}, errors: [], error: 'no' },
    { errorMessages: [{}], errors: { toString: 7, __proto__: { x: 'y' } }, error: { message: {} } },
    { errors: 'text', error: [] },
    ['toString'],
    'a text',
    7,
  ])('takes any complaint as it comes: %j', async (body) => {
    expect((await create(answered(400, JSON.stringify(body)))).outcome).toBe('refused');
  });
});
