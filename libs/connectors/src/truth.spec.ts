import {
  fakeJiraSettings,
  fakeServiceNowSettings,
  startFakeJira,
  startFakeServiceNow,
  type FakeSystem,
} from '../../../test/support/fake-systems';
import { aMessage, correlationId, wayToThisMachine } from '../../../test/support/tickets';
import type { Connector, SendResult } from './kit/connector';
import { JiraConnector } from './jira/jira.connector';
import { ServiceNowConnector } from './servicenow/servicenow.connector';

const systems: readonly (readonly [
  name: string,
  start: () => Promise<FakeSystem>,
  connect: (fake: FakeSystem) => Connector,
])[] = [
  ['Jira', startFakeJira, (fake) => new JiraConnector(fakeJiraSettings(fake), wayToThisMachine())],
  [
    'ServiceNow',
    startFakeServiceNow,
    (fake) => new ServiceNowConnector(fakeServiceNowSettings(fake), wayToThisMachine()),
  ],
];

describe.each(systems)('what is told of tickets in %s', (_name, start, connect) => {
  const seed = 20_260_102;
  const count = 100;
  const timeoutMs = 200;
  let fake: FakeSystem;
  beforeAll(async () => {
    fake = await start();
  });
  afterAll(() => fake.stop());

  /** The ids of tickets that are not there as they were said to be. */
  const lies = async (reported: (sent: SendResult) => SendResult['outcome']): Promise<readonly string[]> => {
    await fake.reset();
    const faults = { lostOnTheWayIn: 0.1, errorBeforeEffect: 0.1, errorAfterEffect: 0.1, lostAnswer: 0.1 };
    await fake.faults({ seed, ...faults, lateMs: 200, delayMs: 200, rateLimit: { every: 9, retryAfter: 1 } });
    const connector = connect(fake);
    const outcomes = new Map<string, SendResult>();
    await inTurns(count, 10, async (n) => {
      const signal = AbortSignal.timeout(timeoutMs);
      outcomes.set(correlationId(n), await connector.createTicket(correlationId(n), aMessage(), signal));
    });
    await fake.faults();
    const there = await fake.tickets();
    expect(new Set([...outcomes.values()].map(({ outcome }) => outcome))).toEqual(
      new Set(['created', 'not_sent', 'unknown']),
    );
    return [...outcomes].flatMap(([id, sent]) => {
      const keys = there.filter((ticket) => ticket.correlationId === id).map(({ key }) => key);
      const outcome = reported(sent);
      if (outcome === 'unknown') return [];
      const said = outcome === 'created' && 'reference' in sent ? [sent.reference] : [];
      return keys.join() === said.join() ? [] : [id];
    });
  };

  it(`is true, whatever goes wrong (seed ${seed})`, async () => {
    expect(await lies(({ outcome }) => outcome)).toEqual([]);
  }, 30_000);

  it('would not be, if what is unknown were taken for not sent', async () => {
    expect(await lies(({ outcome }) => (outcome === 'unknown' ? 'not_sent' : outcome))).not.toEqual([]);
  }, 30_000);
});

async function inTurns(count: number, atOnce: number, task: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
