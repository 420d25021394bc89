import fc from 'fast-check';
import type { Change } from './change';
import { decideDispute, openDispute, type Dispute } from './dispute/dispute';
import { disputeEvents, disputeLifecycle, type DisputeCommand } from './dispute/dispute.lifecycle';
import { callbackStatuses, type Callback } from './exception/callback';
import { receive } from './exception/receive';
import { decide } from './exception/exception';
import { exceptionEvents, exceptionLifecycle, type ExceptionCommand } from './exception/exception.lifecycle';
import { dispatchTargets } from './value/dispatch-target';
import type { ExceptionFacts } from './exception/exception.facts';
import { raise } from './exception/raise';
import type { ReconException } from './exception/recon-exception';
import { isTerminal, nextStatuses, toMermaid, type Lifecycle } from './lifecycle';
import { defaultPolicy } from './exception/policy';
import type { Result } from './result';
import { aContext, anException, aReport, sampleCommands, sequentialIds } from './testing';

const people = fc.constantFrom('ana', 'bo', 'cy');
/** Now and then blank, which makes a command malformed. */
const sentence = fc.string({ minLength: 1, maxLength: 10, unit: 'grapheme' });
const time = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
/** Like `fc.record`, with the prototype that records in a program have. */
const record = <T extends object>(fields: { [F in keyof T]: fc.Arbitrary<T[F]> }, ...optional: (keyof T)[]) =>
  fc.record(fields, {
    requiredKeys: (Object.keys(fields) as (keyof T)[]).filter((field) => !optional.includes(field)),
    noNullPrototype: true,
  });

const resolving = fc.oneof(
  record({
    type: fc.constant('force_match' as const),
    overrideReason: sentence,
    notes: sentence,
  }),
  record(
    {
      type: fc.constant('adjust_entry' as const),
      amount: fc.constantFrom('0.01', '1.50', '1.5', '0', '-1', '1e2', '12345678901234567890'),
      currency: fc.constantFrom('EUR', 'JPY', 'BHD', 'XXX'),
      direction: fc.constantFrom('DEBIT' as const, 'CREDIT' as const),
      effectiveAt: time,
      reasonCode: sentence,
      notes: sentence,
    },
    'direction',
  ),
  record({ type: fc.constant('resolve' as const), resolution: sentence, reason: sentence }, 'reason'),
);

const exceptionCommand = fc.oneof(
  record({ type: fc.constant('assign' as const), assignee: people, dueAt: time }, 'dueAt'),
  // Those without fields.
  fc.constantFrom(
    ...Object.values(sampleCommands.exception).filter((command) => Object.keys(command).length === 1),
  ),
  resolving,
  record({
    type: fc.constant('propose' as const),
    resolution: resolving,
    waitsFor: fc.constantFrom('approval' as const, 'ledger' as const),
  }),
  record(
    { type: fc.constant('dispatch' as const), target: fc.constantFrom(...dispatchTargets), queue: sentence },
    'queue',
  ),
  record({ type: fc.constant('confirm' as const), notes: sentence }, 'notes'),
  record(
    { type: fc.constant('return' as const), reason: sentence, assignee: people, dueAt: time },
    'assignee',
    'dueAt',
  ),
  record({ type: fc.constant('recall' as const), reason: sentence }, 'reason'),
) as fc.Arbitrary<ExceptionCommand>;

const callback = record(
  {
    externalSystem: fc.constantFrom(...dispatchTargets),
    externalIssueId: fc.constantFrom('OPS-1', 'OPS-2'),
    status: fc.constantFrom(...callbackStatuses),
    resolutionNotes: sentence,
    assignee: people,
    dueAt: time,
    updatedAt: time,
  },
  'resolutionNotes',
  'assignee',
  'dueAt',
  'updatedAt',
) as fc.Arbitrary<Callback>;

const disputeCommand = fc.oneof(
  fc.constant({ type: 'open' } as const),
  record({ type: fc.constant('request_evidence' as const), note: sentence }),
  record(
    {
      type: fc.constant('submit_evidence' as const),
      comment: sentence,
      fileUrl: fc.constantFrom('https://example.com/a', 'http://example.com/a'),
    },
    'fileUrl',
  ),
  record({ type: fc.constantFrom('win' as const, 'lose' as const), resolution: sentence }),
  record({ type: fc.constant('reopen' as const), reason: sentence }),
) as fc.Arbitrary<DisputeCommand>;

const facts: fc.Arbitrary<ExceptionFacts> = record({
  activeDisputes: fc.subarray([
    { id: 'd1', category: 'OTHER' },
    { id: 'd2', category: 'BANK_FEE_ERROR' },
  ]),
  liveDispatches: fc.subarray([
    { id: 't1', target: 'JIRA', externalReference: 'OPS-1' },
    { id: 't2', target: 'MANUAL' },
  ] as const),
});

type Aggregate = ReconException | Dispute;
type Life = readonly Change<Aggregate>[];

/**
 * Every change of one aggregate that is given commands one after another; what is refused leaves it as it was, and so
 * does a callback that comes too late.
 */
function lifeOf<State extends Aggregate, Step>(
  born: Result<Change<State>>,
  steps: readonly Step[],
  decideOn: (state: State, step: Step, now: string) => Result<Change<State>>,
): Life {
  if (!born.ok) throw new Error('It was never born.');
  const changes = [born.value];
  let { state } = born.value;
  for (const [index, step] of steps.entries()) {
    const outcome = decideOn(state, step, new Date(Date.UTC(2026, 0, 3, 0, 0, index)).toISOString());
    if (!outcome.ok || outcome.value.state === state) continue;
    changes.push(outcome.value);
    state = outcome.value.state;
  }
  return changes;
}

const exceptionLives = fc
  .array(
    record({ command: fc.oneof(exceptionCommand, callback), actor: people, facts, strict: fc.boolean() }),
    { maxLength: 60 },
  )
  .map((steps) => {
    const newId = sequentialIds();
    const born = raise(aReport({ amount: '-5', currency: 'EUR', metadata: { a: 'b' } }), aContext({ newId }));
    return lifeOf(born, steps, (state, { command, actor, facts: known, strict }, now) => {
      const policy = {
        ...{ ...defaultPolicy, connectors: dispatchTargets, disputeBlocksResolving: strict },
        adjustmentCheck: { mode: strict ? 'refuse' : 'warn', maxPercent: 100 },
      } as const;
      const ctx = { actor, now, newId };
      return 'type' in command
        ? decide(state, command, ctx, known, policy)
        : receive(state, command, ctx, known, policy);
    });
  });

const disputeLives = fc
  .tuple(fc.boolean(), fc.array(record({ command: disputeCommand, actor: people, facts }), { maxLength: 40 }))
  .map(([draft, steps]) => {
    const newId = sequentialIds();
    const opening = { category: 'OTHER', description: 'Wrong.', draft } as const;
    const born = openDispute(anException().id, opening, aContext({ newId }), { activeDisputes: [] });
    return lifeOf(born, steps, (state, { command, actor, facts: known }, now) =>
      decideDispute(state, command, { actor, now, newId }, known),
    );
  });

/** What a reader makes of the history alone. */
function retold(life: Life): object {
  let state: Record<string, unknown> = {};
  const evidence: unknown[] = [];
  for (const { version, at, changes, data, disputeId } of life.flatMap(({ events }) => events)) {
    for (const [field, { from, to }] of Object.entries(changes)) {
      expect(state[field]).toEqual(from);
      state = { ...state, [field]: to };
    }
    if (data?.['evidence']) evidence.push(data['evidence']);
    state = { ...state, version, updatedAt: at, ...(disputeId !== undefined && { evidence }) };
  }
  return JSON.parse(JSON.stringify(state)) as object;
}

const statusOf = (aggregate: Aggregate): string =>
  'status' in aggregate ? aggregate.status : aggregate.state;

const kinds: readonly (readonly [
  string,
  fc.Arbitrary<Life>,
  Lifecycle<string, string>,
  Record<string, string>,
])[] = [
  ['an exception', exceptionLives, exceptionLifecycle, exceptionEvents],
  ['a dispute', disputeLives, disputeLifecycle, disputeEvents],
];

describe.each(kinds)('the life of %s, whatever it is told', (_name, lives, lifecycle, events) => {
  const always = (holds: (life: Life) => void) => fc.assert(fc.property(lives, holds), { numRuns: 500 });
  const commandOf = ({ events: [event] }: Change<Aggregate>): string =>
    Object.keys(events).find((command) => events[command] === event?.type) ?? '';

  it('starts as the table says, and never leaves it', () => {
    always(([born, ...changes]) => {
      let status = statusOf(born!.state);
      expect(lifecycle.initial).toContain(status);
      for (const change of changes) {
        expect(nextStatuses(lifecycle, status, commandOf(change))).toContain(statusOf(change.state));
        status = statusOf(change.state);
      }
    });
  });

  it('counts its versions without a gap, each told in one event', () => {
    always((life) => {
      for (const [basedOn, change] of life.entries()) {
        expect(change.basedOn).toBe(basedOn);
        expect(change.state.version).toBe(basedOn + 1);
        expect(change.events.map(({ version }) => version)).toEqual([basedOn + 1]);
      }
    });
  });

  it('ends where the table ends', () => {
    always((life) => {
      const before = life.slice(0, -1).map(({ state }) => statusOf(state));
      expect(before.filter((status) => isTerminal(lifecycle, status))).toEqual([]);
    });
  });

  it('can be retold from its history', () => {
    always((life) => expect(retold(life)).toStrictEqual(life.at(-1)?.state));
  });

  it('is plain JSON all along', () => {
    always((life) => expect(JSON.parse(JSON.stringify(life))).toStrictEqual(life));
  });

  it('gives every event an id of its own', () => {
    always((life) => {
      const ids = life.flatMap((change) => change.events.map(({ id }) => id));
      expect(new Set(ids).size).toBe(ids.length);
    });
  });

  it('has, in a thousand of them, every command taking it everywhere it can lead', () => {
    const lived = new Set<string>();
    for (const life of fc.sample(lives, { numRuns: 1000, seed: 1 })) {
      life.slice(1).forEach((change, before) => {
        lived.add(`${statusOf(life[before]!.state)} --> ${statusOf(change.state)}: ${commandOf(change)}`);
      });
    }
    const drawn = toMermaid(lifecycle)
      .split('\n')
      .filter((line) => line.includes(': '));
    expect([...lived].sort()).toEqual(drawn.map((line) => line.trim()).sort());
  });
});

describe('a pending exception, whatever it is told', () => {
  it('says what it waits for, and nothing else does', () => {
    fc.assert(
      fc.property(exceptionLives, (life) => {
        for (const state of life.map((change) => change.state as ReconException)) {
          expect(state.pending !== undefined).toBe(state.status === 'PENDING_RESOLUTION');
          expect(state.proposal !== undefined).toBe(
            state.pending === 'approval' || state.pending === 'ledger',
          );
          expect(state.resolvedBy !== undefined).toBe(state.status === 'RESOLVED');
          expect(state.resolvedAt !== undefined).toBe(state.status === 'RESOLVED');
          if (state.externalSystem === undefined) {
            expect(state).not.toHaveProperty('externalIssueId');
            expect(state).not.toHaveProperty('externalUpdatedAt');
          }
          if (state.status === 'ASSIGNED') expect(state.assignedTo).toBeDefined();
          if (state.status === 'OPEN') expect(state.assignedTo).toBeUndefined();
        }
      }),
      { numRuns: 500 },
    );
  });
});
