import { isDeepStrictEqual } from 'node:util';
import { commands, commandsFrom, nextStatuses } from '../lifecycle';
import { defaultPolicy, type Policy } from './policy';
import type { Refusal } from '../refusal';
import { aContext, anException, inEveryStatus, now, sampleCommands } from '../testing';
import { accepted } from '../testing/outcomes';
import { decide } from './exception';
import type { ExceptionChange } from './exception.change';
import type { ReconException } from './recon-exception';
import {
  exceptionEvents,
  exceptionLifecycle,
  type ExceptionCommand,
  type ExceptionCommandType,
} from './exception.lifecycle';
import { dispatchTargets } from '../value/dispatch-target';
import { noFacts, type ExceptionFacts } from './exception.facts';

const { exception: sample } = sampleCommands;
const types = commands(exceptionLifecycle);

const assigned = anException({ status: 'ASSIGNED', assignedTo: 'bo' });
const outside = anException({
  status: 'PENDING_RESOLUTION',
  pending: 'external',
  externalSystem: 'JIRA',
  externalIssueId: 'OPS-1',
});
const proposed = (
  waitsFor: 'approval' | 'ledger',
  resolution: typeof sample.propose.resolution,
): ReconException =>
  accepted(decide(anException(), { type: 'propose', resolution, waitsFor }, aContext({ actor: 'ana' })))
    .state;

const change = (
  exception: ReconException,
  command: ExceptionCommand,
  { actor = 'ana', facts = noFacts, policy = defaultPolicy } = {},
): ExceptionChange => accepted(decide(exception, command, aContext({ actor }), facts, policy));

const refusal = (
  exception: ReconException,
  command: ExceptionCommand,
  { actor = 'ana', facts = noFacts, policy = defaultPolicy } = {},
): Refusal | undefined => {
  const outcome = decide(exception, command, aContext({ actor }), facts, policy);
  return outcome.ok ? undefined : outcome.refusal;
};

/** What a history has to tell of the way from one state to another. */
function differences(before: ReconException, after: ReconException): object {
  const fields = Object.keys({ ...before, ...after }) as (keyof ReconException)[];
  const changed = fields.filter(
    (field) => !['version', 'updatedAt'].includes(field) && !isDeepStrictEqual(before[field], after[field]),
  );
  return Object.fromEntries(
    changed.map((field) => [
      field,
      { ...(field in before && { from: before[field] }), ...(field in after && { to: after[field] }) },
    ]),
  );
}

/** Changing it throws. */
const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
};

describe.each(Object.entries(inEveryStatus))('an exception that is %s', (_name, exception) => {
  const waitsForSomebodyHere = exception.pending === 'approval' || exception.pending === 'ledger';
  const onlyWhileOutside: readonly string[] = [
    ...['force_match', 'adjust_entry', 'resolve', 'propose', 'dispatch'],
    // The ledger may have it already.
    ...(exception.pending === 'ledger' ? ['recall'] : []),
  ];

  // A reversal that was proposed is decided on, and the exception stays as the table says.
  const decisions =
    exception.status === 'RESOLVED' && exception.pending ? ['confirm', 'return', 'recall'] : [];

  it.each(types)('answers to %s as the table and the rules say', (type) => {
    const next = decisions.includes(type)
      ? [exception.status]
      : nextStatuses(exceptionLifecycle, exception.status, type);
    const outcome = decide(frozen(exception), frozen(sample[type]), aContext());
    if (next.length === 0) {
      const allowed = commandsFrom(exceptionLifecycle, exception.status);
      const { status } = exception;
      expect(outcome).toEqual({
        ok: false,
        refusal: { code: 'not_allowed', command: type, status, allowed },
      });
    } else if (waitsForSomebodyHere && onlyWhileOutside.includes(type)) {
      expect(outcome).toEqual({ ok: false, refusal: { code: 'still_pending', waitsFor: exception.pending } });
    } else {
      expect(next).toContain(accepted(outcome).state.status);
    }
  });

  it('tells what a command changed, all of it and nothing else, in one event', () => {
    for (const type of commandsFrom(exceptionLifecycle, exception.status)) {
      const outcome = decide(exception, sample[type], aContext({ actor: 'zoe' }));
      if (!outcome.ok) continue;
      const { basedOn, state, events } = outcome.value;
      expect(basedOn).toBe(exception.version);
      expect(state).toMatchObject({ id: exception.id, version: basedOn + 1, updatedAt: now });
      expect(events).toEqual([
        expect.objectContaining({
          id: expect.any(String),
          type: exceptionEvents[type],
          exceptionId: exception.id,
          version: state.version,
          actor: 'zoe',
          at: now,
          changes: differences(exception, state),
        }),
      ]);
    }
  });

  it('answers the same question the same way', () => {
    for (const type of types) {
      expect(decide(exception, sample[type], aContext())).toEqual(
        decide(exception, sample[type], aContext()),
      );
    }
  });
});

describe('leaving PENDING_RESOLUTION', () => {
  const pending = Object.entries(inEveryStatus).filter(([, { status }]) => status === 'PENDING_RESOLUTION');

  it.each(pending)('ends the wait of one that is %s', (_name, exception) => {
    const { pending } = exception;
    for (const type of ['confirm', 'return', ...(pending === 'ledger' ? [] : ['recall' as const])] as const) {
      const { state } = change(exception, sample[type]);
      expect(state).not.toHaveProperty('pending');
      expect(state).not.toHaveProperty('proposal');
    }
  });

  it.each(['return', 'recall'] as const)(
    'by %s leads back to the assignee, or to OPEN when there is none',
    (type) => {
      expect(change(outside, sample[type]).state.status).toBe('OPEN');
      expect(change({ ...outside, assignedTo: 'bo' }, sample[type]).state).toMatchObject({
        status: 'ASSIGNED',
        assignedTo: 'bo',
      });
    },
  );

  it.each(['return', 'recall'] as const)('by %s ends what is out there, and keeps the reason', (type) => {
    const { state, events, endsDispatches } = change(outside, sample[type]);
    expect(endsDispatches).toBe(true);
    expect(state).not.toHaveProperty('externalSystem');
    expect(state).not.toHaveProperty('externalIssueId');
    expect(events[0]?.data).toEqual({ reason: sample[type].reason });
  });

  it('by recall needs no reason', () => {
    expect(change(outside, { type: 'recall' }).events[0]).not.toHaveProperty('data');
  });
});

describe('assigning', () => {
  it('sets the assignee and the due date', () => {
    const { state, events } = change(anException(), sample.assign);
    expect(state).toMatchObject({ status: 'ASSIGNED', assignedTo: 'bo', dueAt: sample.assign.dueAt });
    expect(events[0]?.changes).toEqual({
      status: { from: 'OPEN', to: 'ASSIGNED' },
      assignedBy: { to: 'ana' },
      assignedTo: { to: 'bo' },
      dueAt: { from: anException().dueAt, to: sample.assign.dueAt },
    });
  });

  it('never wipes a due date it was not given', () => {
    expect(change(anException(), { type: 'assign', assignee: 'bo' }).state.dueAt).toBe(anException().dueAt);
  });

  it('has to name another assignee or a new due date', () => {
    const same = { type: 'assign', assignee: 'bo' } as const;
    const { dueAt } = assigned;
    expect(refusal(assigned, same)).toEqual({ code: 'already_assigned', assignee: 'bo' });
    expect(refusal(assigned, { ...same, dueAt })).toEqual({ code: 'already_assigned', assignee: 'bo' });
    expect(change(assigned, { ...same, dueAt: now }).state.dueAt).toBe(now);
    expect(change(assigned, { ...same, assignee: 'cy' }).state.assignedTo).toBe('cy');
  });

  it('is undone by unassigning', () => {
    const { state, events } = change(assigned, sample.unassign);
    expect(state.status).toBe('OPEN');
    expect(state).not.toHaveProperty('assignedTo');
    expect(events[0]?.changes['assignedTo']).toEqual({ from: 'bo' });
  });
});

describe('resolving', () => {
  const at = { resolvedBy: 'ana', resolvedAt: now };

  it('by force says why', () => {
    const { overrideReason, notes } = sample.force_match;
    expect(change(assigned, sample.force_match).state).toEqual({
      ...assigned,
      ...at,
      version: 2,
      status: 'RESOLVED',
      resolutionType: 'FORCE_MATCH',
      resolutionReason: overrideReason,
      resolutionNotes: notes,
    });
  });

  it('by an adjustment posts it', () => {
    const { state, adjustment, events } = change(assigned, sample.adjust_entry);
    expect(state).toMatchObject({
      ...at,
      resolutionType: 'ADJUST_ENTRY',
      resolutionReason: 'FEE_ADJUSTMENT',
      resolutionNotes: sample.adjust_entry.notes,
    });
    expect(adjustment).toEqual({
      id: expect.any(String),
      exceptionId: assigned.id,
      amount: { amount: '150.50', currency: 'BRL' },
      direction: 'CREDIT',
      effectiveAt: sample.adjust_entry.effectiveAt,
      reasonCode: 'FEE_ADJUSTMENT',
      notes: sample.adjust_entry.notes,
      createdBy: 'ana',
      createdAt: now,
    });
    expect(events[0]?.data).toEqual({ adjustment });
  });

  it('plainly has no resolution type', () => {
    const { state } = change(assigned, sample.resolve);
    expect(state).toMatchObject({
      ...at,
      resolutionNotes: 'Found in the next statement.',
      resolutionReason: 'TIMING',
    });
    expect(state).not.toHaveProperty('resolutionType');
    const bare = change(assigned, { type: 'resolve', resolution: 'Found.' }).state;
    expect(bare).not.toHaveProperty('resolutionReason');
  });

  it('is possible while it waits for an external system', () => {
    for (const type of ['force_match', 'adjust_entry', 'resolve'] as const) {
      const { state } = change(outside, sample[type]);
      expect(state).toMatchObject({ status: 'RESOLVED', externalSystem: 'JIRA', externalIssueId: 'OPS-1' });
      expect(state).not.toHaveProperty('pending');
    }
  });
});

describe('an adjustment', () => {
  const adjust = (over: Partial<typeof sample.adjust_entry>): ExceptionCommand => ({
    ...sample.adjust_entry,
    ...over,
  });

  it.each([
    ['0.001', 'BHD', '0.001'],
    ['12', 'JPY', '12'],
    ['1.5', 'BRL', '1.50'],
    ['1.500', 'BRL', '1.50'],
    ['1e3', 'JPY', '1000'],
    ['99999999999999999999.99', 'EUR', '99999999999999999999.99'],
    ['9007199254740993', 'EUR', '9007199254740993.00'],
  ])('of %s %s is exactly that', (lexeme, currency, amount) => {
    expect(change(assigned, adjust({ amount: lexeme, currency })).adjustment?.amount).toEqual({
      amount,
      currency,
    });
  });

  it.each([
    ['0', 'EUR', { code: 'amount_not_positive', field: 'amount' }],
    ['0.00', 'EUR', { code: 'amount_not_positive', field: 'amount' }],
    ['-1', 'EUR', { code: 'amount_not_positive', field: 'amount' }],
    ['1.5', 'JPY', { code: 'amount_precision', field: 'amount', currency: 'JPY', allowed: 0 }],
    ['1.005', 'BRL', { code: 'amount_precision', field: 'amount', currency: 'BRL', allowed: 2 }],
    ['0.0001', 'BHD', { code: 'amount_precision', field: 'amount', currency: 'BHD', allowed: 3 }],
    ['1.00005', 'CLF', { code: 'amount_precision', field: 'amount', currency: 'CLF', allowed: 4 }],
    ['1', 'XXX', { code: 'unknown_currency', field: 'currency', currency: 'XXX' }],
    ['100000000000000000000', 'EUR', { code: 'amount_out_of_range', field: 'amount', integerDigits: 20 }],
  ])('of %s %s is refused', (amount, currency, expected) => {
    expect(refusal(assigned, adjust({ amount, currency }))).toEqual(expected);
    const resolution = { ...sample.adjust_entry, amount, currency };
    expect(refusal(assigned, { type: 'propose', resolution, waitsFor: 'ledger' })).toEqual(expected);
  });

  it('is a debit unless it says otherwise', () => {
    const { direction: _credit, ...debit } = sample.adjust_entry;
    expect(change(assigned, debit).adjustment?.direction).toBe('DEBIT');
  });
});

describe('an active dispute', () => {
  const facts: ExceptionFacts = {
    ...noFacts,
    activeDisputes: [
      { id: 'd1', category: 'OTHER' },
      { id: 'd2', category: 'BANK_FEE_ERROR' },
    ],
  };
  const strict: Policy = { ...defaultPolicy, disputeBlocksResolving: true };
  const resolving = [sample.force_match, sample.adjust_entry, sample.resolve];

  it('is marked in the history when its exception is resolved all the same', () => {
    for (const command of resolving) {
      expect(change(assigned, command, { facts }).events[0]?.data).toMatchObject({
        activeDisputes: ['d1', 'd2'],
      });
    }
    expect(change(outside, sample.confirm, { facts }).events[0]?.data).toEqual({
      activeDisputes: ['d1', 'd2'],
      notes: 'Closed over there.',
    });
  });

  it('is not worth a mark when its exception is not resolved', () => {
    for (const command of [sample.assign, sample.propose]) {
      expect(change(anException(), command, { facts }).events[0]).not.toHaveProperty('data');
    }
  });

  it('stands in the way of every resolution where the policy says so', () => {
    const expected = { code: 'dispute_active', disputeId: 'd1', category: 'OTHER' };
    for (const command of [...resolving, sample.propose]) {
      expect(refusal(assigned, command, { facts, policy: strict })).toEqual(expected);
      expect(refusal(assigned, command, { policy: strict })).toBeUndefined();
    }
    // What has happened elsewhere cannot be refused here.
    expect(refusal(outside, sample.confirm, { facts, policy: strict })).toBeUndefined();
  });

  it('stands in the way of nothing else', () => {
    expect(refusal(anException(), sample.assign, { facts, policy: strict })).toBeUndefined();
    expect(refusal(anException(), sample.dispatch, { facts, policy: strict })).toBeUndefined();
    expect(refusal(outside, sample.return, { facts, policy: strict })).toBeUndefined();
    expect(refusal(outside, sample.recall, { facts, policy: strict })).toBeUndefined();
  });
});

describe('a proposal', () => {
  it('waits, and changes nothing else', () => {
    const { state, adjustment } = change(assigned, sample.propose);
    const { resolution } = sample.propose;
    expect(adjustment).toBeUndefined();
    expect(state).toEqual({
      ...assigned,
      version: 2,
      status: 'PENDING_RESOLUTION',
      pending: 'approval',
      pendingSince: now,
      proposal: {
        resolution,
        proposedBy: 'ana',
        proposedAt: now,
        approvalsNeeded: 1,
        expiresAt: '2026-01-05T03:04:05.678Z',
      },
    });
  });

  it('takes effect when a second person confirms it', () => {
    for (const resolution of [sample.force_match, sample.adjust_entry, sample.resolve]) {
      const directly = change(anException({ version: 2 }), resolution, { actor: 'bo' });
      const confirmed = change(proposed('approval', resolution), sample.confirm, { actor: 'bo' });
      expect(confirmed.state).toEqual(directly.state);
      const approval = { proposedBy: 'ana', proposedAt: now, approvals: [{ by: 'bo', at: now }] };
      const adjustment = directly.adjustment && { ...directly.adjustment, approval };
      const match = directly.match && { ...directly.match, approval };
      expect([confirmed.adjustment, confirmed.match]).toEqual([adjustment, match]);
      expect(confirmed.events[0]?.data).toEqual({
        ...(adjustment && { adjustment }),
        ...(match && { match }),
        notes: 'Closed over there.',
      });
    }
  });

  it('cannot be confirmed by the person who made it', () => {
    const own = { code: 'own_proposal', proposedBy: 'ana' };
    expect(refusal(proposed('approval', sample.resolve), sample.confirm)).toEqual(own);
  });

  it('can be taken back by the person who made it', () => {
    expect(change(proposed('approval', sample.resolve), sample.recall).state.status).toBe('OPEN');
  });

  it('needs no second person when it waits for the ledger', () => {
    expect(change(proposed('ledger', sample.resolve), sample.confirm).state.status).toBe('RESOLVED');
  });

  it('is forgotten when it is returned', () => {
    const before = proposed('approval', sample.adjust_entry);
    const { state, adjustment } = change(before, sample.return, { actor: 'bo' });
    expect(state).toEqual({ ...anException(), version: 3 });
    expect(adjustment).toBeUndefined();
  });
});

describe('handing over', () => {
  const connected: Policy = { ...defaultPolicy, connectors: dispatchTargets };

  it('to a person is confirmed at once', () => {
    const { state, dispatch, events } = change(assigned, sample.dispatch);
    expect(state).toMatchObject({
      status: 'PENDING_RESOLUTION',
      pending: 'external',
      externalSystem: 'MANUAL',
    });
    const order = {
      id: expect.any(String),
      exceptionId: assigned.id,
      target: 'MANUAL',
      queue: 'back office',
      state: 'CONFIRMED',
      requestedBy: 'ana',
      requestedAt: now,
    };
    expect(dispatch).toMatchObject({ ...order, kind: 'ticket', live: true });
    expect(dispatch).not.toHaveProperty('message');
    expect(events[0]?.data).toEqual({ dispatch: order });
  });

  it.each(['JIRA', 'SERVICENOW', 'WEBHOOK'] as const)('to %s is reserved first', (target) => {
    const { state, dispatch } = change(assigned, { type: 'dispatch', target }, { policy: connected });
    expect(state.externalSystem).toBe(target);
    expect(dispatch).toMatchObject({ target, state: 'RESERVED' });
    expect(dispatch).not.toHaveProperty('queue');
  });

  it('needs a connection, except to a person', () => {
    const policy = { ...defaultPolicy, connectors: [] };
    const expected = { code: 'connector_not_configured', target: 'JIRA' };
    expect(refusal(assigned, { type: 'dispatch', target: 'JIRA' }, { policy })).toEqual(expected);
    expect(refusal(assigned, { type: 'dispatch', target: 'MANUAL' }, { policy })).toBeUndefined();
  });

  it('is refused while it is out there already, naming its reference once there is one', () => {
    const facts = (externalReference?: string): ExceptionFacts => ({
      ...noFacts,
      liveDispatches: [
        { id: 'out', target: 'JIRA', ...(externalReference !== undefined && { externalReference }) },
      ],
    });
    const dispatch = { type: 'dispatch', target: 'JIRA' } as const;
    const expected = { code: 'already_dispatched', target: 'JIRA' };
    expect(refusal(outside, dispatch, { facts: facts(), policy: connected })).toEqual(expected);
    expect(refusal(outside, dispatch, { facts: facts('OPS-1'), policy: connected })).toEqual({
      ...expected,
      reference: 'OPS-1',
    });
  });

  it('to another target replaces what the exception refers to', () => {
    const facts: ExceptionFacts = {
      ...noFacts,
      liveDispatches: [{ id: 'out', target: 'JIRA', externalReference: 'OPS-1' }],
    };
    const { state } = change(outside, { type: 'dispatch', target: 'WEBHOOK' }, { facts, policy: connected });
    expect(state.externalSystem).toBe('WEBHOOK');
    expect(state).not.toHaveProperty('externalIssueId');
  });

  it('is answered by confirming, with what was noted over there', () => {
    const { state } = change(outside, sample.confirm);
    expect(state).toMatchObject({
      status: 'RESOLVED',
      resolvedBy: 'ana',
      resolvedAt: now,
      resolutionNotes: 'Closed over there.',
      externalIssueId: 'OPS-1',
    });
    expect(change(outside, { type: 'confirm' }).state).not.toHaveProperty('resolutionNotes');
  });
});

describe('a malformed command', () => {
  const long = (length: number): string => 'x'.repeat(length + 1);
  const malformed: readonly (readonly [field: string, command: ExceptionCommand])[] = [
    ['assignee', { type: 'assign', assignee: ' ' }],
    ['assignee', { type: 'assign', assignee: long(255) }],
    ['dueAt', { type: 'assign', assignee: 'bo', dueAt: '2026-01-02' }],
    ['dueAt', { type: 'assign', assignee: 'bo', dueAt: '2026-01-02T00:00:00+01:00' }],
    ['overrideReason', { ...sample.force_match, overrideReason: '' }],
    ['overrideReason', { ...sample.force_match, overrideReason: long(255) }],
    ['notes', { ...sample.force_match, notes: '\t' }],
    ['notes', { ...sample.force_match, notes: long(1000) }],
    ['reasonCode', { ...sample.adjust_entry, reasonCode: '' }],
    ['reasonCode', { ...sample.adjust_entry, reasonCode: long(255) }],
    ['notes', { ...sample.adjust_entry, notes: long(1000) }],
    ['effectiveAt', { ...sample.adjust_entry, effectiveAt: '2026-02-30T00:00:00.000Z' }],
    ['direction', { ...sample.adjust_entry, direction: 'debit' as 'DEBIT' }],
    ['resolution', { type: 'resolve', resolution: '' }],
    ['resolution', { type: 'resolve', resolution: long(255) }],
    ['reason', { type: 'resolve', resolution: 'Found.', reason: long(1000) }],
    ['targetSystem', { type: 'dispatch', target: 'EMAIL' as 'JIRA' }],
    ['queue', { type: 'dispatch', target: 'MANUAL', queue: long(255) }],
    ['notes', { type: 'confirm', notes: long(1000) }],
    ['reason', { type: 'return', reason: '' }],
    ['reason', { type: 'recall', reason: long(1000) }],
    ['resolution', { type: 'propose', resolution: { type: 'resolve', resolution: '' }, waitsFor: 'ledger' }],
  ];

  it.each(malformed)('is refused because of its %s, whatever the status (case %#)', (field, command) => {
    for (const exception of Object.values(inEveryStatus)) {
      expect(refusal(exception, command)).toMatchObject({ code: 'invalid_value', field });
    }
  });

  it('is what every sample command is not', () => {
    const perType = Object.entries(sample) as [ExceptionCommandType, ExceptionCommand][];
    expect(perType.map(([type]) => type).sort()).toEqual([...types].sort());
    for (const [type, command] of perType) expect(command.type).toBe(type);
  });
});
