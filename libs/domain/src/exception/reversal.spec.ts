import type { Adjustment } from '../resolution/adjustment';
import { aContext, anException, now, sequentialIds } from '../testing';
import { reverse, type Reversible } from './reversal';

const exception = anException({
  status: 'RESOLVED',
  version: 4,
  severity: 'HIGH',
  amount: { amount: '150.50', currency: 'BRL' },
  resolutionType: 'ADJUST_ENTRY',
  assignedTo: 'bo',
});
const adjustment: Adjustment = {
  id: 'a1',
  exceptionId: exception.id,
  amount: { amount: '0.001', currency: 'BHD' },
  direction: 'DEBIT',
  effectiveAt: '2025-01-01T00:00:00.000Z',
  reasonCode: 'FEE',
  notes: 'A fee.',
  createdBy: 'bo',
  createdAt: '2025-01-02T00:00:00.000Z',
};
const ctx = () => aContext({ actor: 'ana', newId: sequentialIds() });

const reversed = (over: Partial<Reversible> = {}, command = {}) =>
  reverse({ adjustment, exception, ...over }, { reason: 'Wrong account.', ...command }, ctx());

function accepted(over: Partial<Reversible> = {}, command = {}) {
  const outcome = reversed(over, command);
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  if ('proposed' in outcome.value) throw new Error('It was only proposed.');
  return outcome.value;
}

describe('reversing an adjustment', () => {
  it.each([
    ['DEBIT', 'CREDIT'],
    ['CREDIT', 'DEBIT'],
  ] as const)('posts the opposite of a %s, to the digit', (direction, opposite) => {
    const { adjustment: posted } = accepted({ adjustment: { ...adjustment, direction } });
    expect(posted).toEqual({
      id: expect.any(String),
      exceptionId: exception.id,
      amount: { amount: '0.001', currency: 'BHD' },
      direction: opposite,
      effectiveAt: now,
      reasonCode: 'FEE',
      notes: 'Wrong account.',
      createdBy: 'ana',
      createdAt: now,
      reverses: 'a1',
    });
  });

  it('takes effect when it is told to', () => {
    const effectiveAt = '2026-02-01T00:00:00.000Z';
    expect(accepted({}, { effectiveAt }).adjustment.effectiveAt).toBe(effectiveAt);
  });

  it('leaves the exception resolved, and says in its history what became of that', () => {
    const { reversed: change, adjustment: posted, reopened } = accepted();
    expect(change).toMatchObject({ basedOn: 4, adjustment: posted });
    expect(change.state).toEqual({ ...exception, version: 5, updatedAt: now });
    expect(change.events).toMatchObject([
      {
        type: 'exception.adjustment_reversed',
        exceptionId: exception.id,
        version: 5,
        changes: {},
        data: { adjustment: posted, reopenedAs: reopened.state.id },
      },
    ]);
  });

  it('raises the transaction again, as if untouched', () => {
    const { state, basedOn, events } = accepted().reopened;
    const { transactionId, reason, severity, amount } = exception;
    expect(basedOn).toBe(0);
    expect(state).toMatchObject({ transactionId, reason, severity, amount, status: 'OPEN', version: 1 });
    expect(state).toMatchObject({ reversalOf: exception.id, createdAt: now, seenCount: 1 });
    expect(Object.keys(state)).not.toEqual(expect.arrayContaining(['assignedTo']));
    expect(Object.keys(state).filter((field) => field.startsWith('resol'))).toEqual([]);
    expect(state.dueAt > now).toBe(true);
    expect(events).toMatchObject([{ type: 'exception.raised', exceptionId: state.id, version: 1 }]);
  });

  it('stands for an unresolved one of the same transaction and reason, where there is one', () => {
    const unresolved = anException({ id: 'other', status: 'ASSIGNED', version: 7, assignedTo: 'cy' });
    const { reopened } = accepted({ unresolved });
    expect(reopened.basedOn).toBe(7);
    expect(reopened.state).toEqual({ ...unresolved, version: 8, updatedAt: now, reversalOf: exception.id });
    expect(reopened.events).toMatchObject([
      { type: 'exception.reversal_linked', changes: { reversalOf: { to: exception.id } } },
    ]);
  });

  it('happens once', () => {
    expect(reversed({ reversedBy: 'a2' })).toEqual({
      ok: false,
      refusal: { code: 'already_reversed', adjustmentId: 'a1', reversedBy: 'a2' },
    });
  });

  it('is not itself reversed', () => {
    expect(reversed({ adjustment: { ...adjustment, id: 'a2', reverses: 'a1' } })).toEqual({
      ok: false,
      refusal: { code: 'not_reversible', adjustmentId: 'a2', reverses: 'a1' },
    });
  });

  it.each([
    ['reason', { reason: ' ' }],
    ['reason', { reason: 'x'.repeat(1001) }],
    ['effectiveAt', { effectiveAt: '2026-02-01' }],
  ])('says what is wrong with its %s', (field, command) => {
    expect(reversed({}, command)).toMatchObject({ refusal: { code: 'invalid_value', field } });
  });
});
