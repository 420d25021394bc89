import { InMemoryInbound, InMemoryUnitOfWork } from '../in-memory';
import { defaultPolicy } from '../exception/policy';
import type { ParsedMessage } from '../inbound/message';
import type { InboundConnector, InboundDelivery } from '../ports/connectors';
import { aReport, fixedClock, sequentialIds } from '../testing';
import { accepted } from '../testing/outcomes';
import { DispatchDesk } from './dispatch-desk';
import { ExceptionDesk } from './exception-desk';
import { InboundDesk } from './inbound-desk';

/** A delivery whose bytes are character codes, and whose digest is its body. */
const delivery = (message: ParsedMessage, secret = 'secret'): InboundDelivery => {
  const text = JSON.stringify(message);
  return {
    headers: { signature: secret },
    body: Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
    digest: () => text,
    text: (maxBytes) => text.slice(0, maxBytes),
  };
};
const connector: InboundConnector = {
  verifySignature: (secrets, { headers }) =>
    secrets.includes(String(headers['signature'])) ? {} : undefined,
  parse: (body) => JSON.parse(String.fromCharCode(...body)) as ParsedMessage,
};

async function aDesk() {
  const uow = new InMemoryUnitOfWork();
  const ports = { uow, clock: fixedClock, newId: sequentialIds() };
  const policy = { ...defaultPolicy, connectors: ['JIRA'] as const };
  const exceptions = new ExceptionDesk(ports, policy);
  const dispatches = new DispatchDesk(ports);
  const meta = { tenant: 'acme', actor: 'ana' };
  const { state } = accepted(await exceptions.raise(aReport(), meta));
  const ordered = await exceptions.handle(state.id, { type: 'dispatch', target: 'JIRA' }, meta);
  const { id } = accepted(ordered).dispatch!;
  const work = await dispatches.claim('acme', id, { early: true });
  if (work === undefined || work === 'later') throw new Error('nothing to do');
  await dispatches.report('acme', work, { kind: 'send', answer: { outcome: 'created', reference: 'OPS-1' } });
  const inbound = new InMemoryInbound(uow);
  const connections = {
    byId: async (connectionId: string) =>
      connectionId === 'jira'
        ? {
            tenant: 'acme',
            connection: { target: 'JIRA', settings: {}, inboundSecrets: ['secret'] } as const,
          }
        : undefined,
  };
  const desk = new InboundDesk(
    { ...ports, uow: inbound },
    connections,
    { inboundOf: () => connector },
    policy,
  );
  return {
    exceptionId: state.id,
    receive: (message: ParsedMessage, secret?: string) =>
      desk.receive('JIRA', 'jira', delivery(message, secret)),
    elsewhere: (message: ParsedMessage) => [
      desk.receive('SERVICENOW', 'jira', delivery(message)),
      desk.receive('JIRA', 'other', delivery(message)),
    ],
    later: (connectionId: string, read: () => Promise<ReturnType<typeof delivery>>) =>
      desk.receive('JIRA', connectionId, read),
    messages: () => inbound.messages('acme'),
    history: () => uow.history('acme', state.id).map(({ type, actor }) => `${type} by ${actor}`),
  };
}

const done: ParsedMessage = { kind: 'updated', reference: 'OPS-1', marks: [], update: { type: 'done' } };

describe('the inbound desk', () => {
  it('applies a message, and stores it with what it did', async () => {
    const { receive, messages, history, exceptionId } = await aDesk();
    expect(await receive(done)).toBe('applied');
    expect(history().at(-1)).toBe('exception.confirmed by external:JIRA');
    const body = JSON.stringify(done);
    expect(messages()).toEqual([
      expect.objectContaining({
        outcome: 'applied',
        exceptionId,
        messageId: `sha256:${body}`,
        digest: body,
        body,
      }),
    ]);
  });

  it('takes a message once, by its body or by its id', async () => {
    const { receive, messages, history } = await aDesk();
    await receive({ ...done, id: 'one' });
    const before = history();
    expect(await receive({ ...done, id: 'one' })).toBe('duplicate');
    expect(await receive({ ...done, id: 'one', kind: 'changed' })).toBe('duplicate');
    expect(await receive({ ...done, id: 'two' })).toBe('recorded');
    expect([messages().length, history()]).toEqual([2, before]);
  });

  it('stores nothing that is not authentic, or is for no such connection', async () => {
    const { receive, elsewhere, messages } = await aDesk();
    expect(await receive(done, 'guess')).toBeUndefined();
    expect(await Promise.all(elsewhere(done))).toEqual([undefined, undefined]);
    expect(messages()).toEqual([]);
  });

  it('reads a delivery once its connection is found', async () => {
    const { later } = await aDesk();
    const read = jest.fn(() => Promise.resolve(delivery(done)));
    expect(await later('other', read)).toBeUndefined();
    expect(read).not.toHaveBeenCalled();
    expect(await later('jira', read)).toBe('applied');
  });

  it.each<[ParsedMessage['update'], string]>([
    [{ type: 'unreadable', problem: 'It is no JSON.' }, 'refused'],
    [{ type: 'echo' }, 'echo'],
    [{ type: 'nothing' }, 'recorded'],
    [{ type: 'not_begun' }, 'recorded'],
    [{ type: 'taken_up' }, 'recorded'],
    [{ type: 'taken_up', assignee: 'bo' }, 'applied'],
    [{ type: 'returned' }, 'applied'],
    [{ type: 'deleted' }, 'refused'],
    [{ type: 'unknown_status', problem: 'What?' }, 'unknown_status'],
  ])('stores whatever it can do about %j: %s', async (update, outcome) => {
    const { receive, messages } = await aDesk();
    expect(await receive({ ...done, update })).toBe(outcome);
    expect(messages().map((message) => message.outcome)).toEqual([outcome]);
  });

  it('does nothing about a ticket it does not know, or one that is older than what is known', async () => {
    const { receive } = await aDesk();
    expect(await receive({ ...done, reference: 'OPS-9' })).toBe('no_such_exception');
    const at = (minutes: number) => new Date(fixedClock().getTime() + minutes * 60_000).toISOString();
    const assigned = (minutes: number): ParsedMessage => ({
      ...{ ...done, at: at(minutes) },
      update: { type: 'taken_up', assignee: `bo ${minutes}` },
    });
    expect([await receive(assigned(2)), await receive(assigned(1))]).toEqual(['applied', 'stale']);
    expect(await receive(assigned(24 * 60 + 1))).toBe('refused');
  });
});
