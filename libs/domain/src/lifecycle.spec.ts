import { disputeEvents, disputeLifecycle } from './dispute/dispute.lifecycle';
import { exceptionEvents, exceptionLifecycle } from './exception/exception.lifecycle';
import {
  commands,
  commandsFrom,
  isTerminal,
  move,
  nextStatuses,
  statuses,
  toMermaid,
  unreachable,
} from './lifecycle';
import type { Lifecycle } from './lifecycle';

type Light = 'OFF' | 'ON' | 'BROKEN' | 'SOLD';
type Act = 'press' | 'drop';

/** Small enough to be checked by eye. Nothing leads to SOLD. */
const lamp: Lifecycle<Light, Act> = {
  initial: ['OFF'],
  moves: {
    OFF: { press: 'ON', drop: ['OFF', 'BROKEN'] },
    ON: { press: 'OFF', drop: 'BROKEN' },
    BROKEN: {},
    SOLD: {},
  },
};

describe('a lifecycle', () => {
  it('lists its statuses and commands as its table does', () => {
    expect(statuses(lamp)).toEqual(['OFF', 'ON', 'BROKEN', 'SOLD']);
    expect(commands(lamp)).toEqual(['press', 'drop']);
    expect(commandsFrom(lamp, 'ON')).toEqual(['press', 'drop']);
    expect(commandsFrom(lamp, 'BROKEN')).toEqual([]);
  });

  it('says where a command may lead', () => {
    expect(nextStatuses(lamp, 'OFF', 'press')).toEqual(['ON']);
    expect(nextStatuses(lamp, 'OFF', 'drop')).toEqual(['OFF', 'BROKEN']);
    expect(nextStatuses(lamp, 'BROKEN', 'press')).toEqual([]);
  });

  it('refuses what its table does not have, and says what it has instead', () => {
    expect(move(lamp, 'ON', 'drop')).toEqual({ ok: true, value: ['BROKEN'] });
    expect(move(lamp, 'BROKEN', 'press')).toEqual({
      ok: false,
      refusal: { code: 'not_allowed', command: 'press', status: 'BROKEN', allowed: [] },
    });
  });

  it('ends where there is no command left', () => {
    expect(statuses(lamp).filter((status) => isTerminal(lamp, status))).toEqual(['BROKEN', 'SOLD']);
  });

  it('tells the statuses that nothing leads to', () => {
    expect(unreachable(lamp)).toEqual(['SOLD']);
  });

  it('can be drawn', () => {
    expect(toMermaid(lamp).split('\n')).toEqual([
      'stateDiagram-v2',
      '  [*] --> OFF',
      '  OFF --> ON: press',
      '  OFF --> OFF: drop',
      '  OFF --> BROKEN: drop',
      '  ON --> OFF: press',
      '  ON --> BROKEN: drop',
      '  BROKEN --> [*]',
      '  SOLD --> [*]',
    ]);
  });
});

describe.each([
  ['exceptions', exceptionLifecycle as Lifecycle<string, string>, exceptionEvents],
  ['disputes', disputeLifecycle as Lifecycle<string, string>, disputeEvents],
])('the lifecycle of %s', (_name, lifecycle, events) => {
  it('reaches every status', () => {
    expect(unreachable(lifecycle)).toEqual([]);
  });

  it('leads nowhere that is not in it', () => {
    const targets = statuses(lifecycle).flatMap((from) =>
      commandsFrom(lifecycle, from).flatMap((command) => nextStatuses(lifecycle, from, command)),
    );
    expect(statuses(lifecycle)).toEqual(expect.arrayContaining(targets));
  });

  it('has an event for every command, each with a name of its own', () => {
    expect(Object.keys(events)).toEqual(expect.arrayContaining(commands(lifecycle)));
    expect(new Set(Object.values(events)).size).toBe(Object.keys(events).length);
  });
});
