import { decide } from '../exception/exception';
import type { ExceptionChange } from '../exception/exception.change';
import type { ExceptionCommand } from '../exception/exception.lifecycle';
import type { ForceMatch } from './commands';
import { noFacts } from '../exception/exception.facts';
import type { ReconException } from '../exception/recon-exception';
import { defaultPolicy, type Policy } from '../exception/policy';
import type { Refusal } from '../refusal';
import { aContext, anException, now } from '../testing';
import type { Counterpart } from './counterpart';

const uuid = (n: number): string => `019b7c00-0000-7000-8000-${String(n).padStart(12, '0')}`;
const counterpart = (over: Partial<Counterpart> = {}): Counterpart => ({
  source: 'ledger',
  transactionId: uuid(1),
  amount: '100',
  currency: 'EUR',
  ...over,
});
const exception = anException({ amount: { amount: '100.00', currency: 'EUR' }, source: 'bank' });
const bare: ForceMatch = { type: 'force_match', overrideReason: 'BUSINESS_DECISION', notes: 'One for two.' };
const match = (counterparts: readonly Counterpart[], acceptResidual?: boolean): ForceMatch => ({
  ...bare,
  counterparts,
  ...(acceptResidual !== undefined && { acceptResidual }),
});
const tolerating = (residualTolerance: Policy['residualTolerance']): Policy => ({
  ...defaultPolicy,
  residualTolerance,
});

type Given = { of?: ReconException; policy?: Policy; actor?: string };

function accepted(
  command: ExceptionCommand,
  { of = exception, policy = defaultPolicy, actor = 'ana' }: Given = {},
): ExceptionChange {
  const outcome = decide(of, command, aContext({ actor }), noFacts, policy);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal));
  return outcome.value;
}

function refused(command: ExceptionCommand, { of = exception, policy = defaultPolicy }: Given = {}): Refusal {
  const outcome = decide(of, command, aContext(), noFacts, policy);
  if (outcome.ok) throw new Error('accepted');
  return outcome.refusal;
}

describe('a force match', () => {
  it('leaves no row where it names nothing', () => {
    const change = accepted(bare);
    expect(change).not.toHaveProperty('match');
    expect(change.events[0]).not.toHaveProperty('data');
  });

  it('records what it names, to the digit, and what that leaves', () => {
    const named = [
      counterpart({ transactionId: uuid(1), amount: '1e2' }),
      counterpart({ source: 'cards', transactionId: '019B7C00-0000-7000-8000-00000000ABCD', amount: '-0.5' }),
    ];
    const { match: row, events } = accepted(match(named, true));
    expect(row).toEqual({
      id: expect.any(String),
      exceptionId: exception.id,
      overrideReason: bare.overrideReason,
      notes: bare.notes,
      counterparts: [
        { ...named[0], amount: '100.00' },
        { ...named[1], transactionId: '019b7c00-0000-7000-8000-00000000abcd', amount: '-0.50' },
      ],
      residuals: [{ amount: '0.50', currency: 'EUR', tolerance: '0.00' }],
      residualAccepted: true,
      createdBy: 'ana',
      createdAt: now,
    });
    expect(events[0]?.data).toEqual({ match: row });
  });

  it('leaves what floats could not', () => {
    const of = anException({ amount: { amount: '0.30', currency: 'EUR' } });
    const named = [counterpart({ amount: '0.1' }), counterpart({ amount: '0.2', transactionId: uuid(2) })];
    expect(accepted(match(named), { of }).match?.residuals).toEqual([
      { amount: '0.00', currency: 'EUR', tolerance: '0.00' },
    ]);
  });

  it('may leave as much as is tolerated, and more where that is accepted', () => {
    const policy = tolerating({ EUR: '0.05' });
    const within = match([counterpart({ amount: '99.95' })]);
    expect(accepted(within, { policy }).match).toMatchObject({
      residuals: [{ amount: '0.05', tolerance: '0.05' }],
      residualAccepted: false,
    });
    const beyond = [counterpart({ amount: '100.06' })];
    const residuals = [{ amount: '-0.06', currency: 'EUR', tolerance: '0.05' }];
    for (const said of [undefined, false])
      expect(refused(match(beyond, said), { policy })).toEqual({ code: 'residual_not_accepted', residuals });
    expect(accepted(match(beyond, true), { policy }).match).toMatchObject({
      residuals,
      residualAccepted: true,
    });
  });

  it('nets nothing across currencies: each has its own residual', () => {
    const named = [counterpart({ amount: '110', currency: 'USD' })];
    const residuals = [
      { amount: '100.00', currency: 'EUR', tolerance: '0.00' },
      { amount: '-110.00', currency: 'USD', tolerance: '0.00' },
    ];
    expect(refused(match(named))).toEqual({ code: 'residual_not_accepted', residuals });
    expect(refused(match(named), { policy: tolerating({ EUR: '100' }) })).toMatchObject({
      residuals: [{ currency: 'USD' }],
    });
    expect(accepted(match(named, true)).match).toMatchObject({ residuals, residualAccepted: true });
  });

  it('leaves nothing that could be compared where the exception has no amount', () => {
    const { match: row } = accepted(match([counterpart()]), { of: anException() });
    expect(row).toMatchObject({ residuals: [], residualAccepted: false });
  });

  it('has accepted nothing where there was nothing to accept', () => {
    expect(accepted(match([counterpart()], true)).match?.residualAccepted).toBe(false);
  });

  it.each<[string, readonly Counterpart[], string]>([
    ['none at all', [], 'counterparts'],
    [
      '51',
      Array.from({ length: 51 }, (_, i) => counterpart({ transactionId: uuid(i), amount: '0' })),
      'counterparts',
    ],
    ['a blank source', [counterpart({ source: ' ' })], 'counterparts[0].source'],
    ['a source too long', [counterpart({ source: 'x'.repeat(256) })], 'counterparts[0].source'],
    ['no UUID', [counterpart({ transactionId: 'T-1' })], 'counterparts[0].transactionId'],
    ['no amount', [counterpart({ amount: '1,5' })], 'counterparts[0].amount'],
    ['no currency', [counterpart({ currency: 'eur' })], 'counterparts[0].currency'],
    [
      'one twice, in another letter case',
      [
        counterpart({ transactionId: '019b7c00-0000-7000-8000-00000000abcd' }),
        counterpart(),
        counterpart({ transactionId: '019B7C00-0000-7000-8000-00000000ABCD' }),
      ],
      'counterparts[2].transactionId',
    ],
    [
      'the transaction itself',
      [counterpart(), counterpart({ source: 'bank', transactionId: exception.transactionId.toUpperCase() })],
      'counterparts[1].transactionId',
    ],
  ])('cannot name %s', (_what, counterparts, field) => {
    expect(refused(match(counterparts, true))).toMatchObject({ code: 'invalid_value', field });
    const resolution = match(counterparts, true);
    expect(refused({ type: 'propose', resolution, waitsFor: 'approval' })).toMatchObject({ field });
  });

  it('may name the same payment in another system, unless the source of this transaction is unknown', () => {
    const { transactionId, source: _source, ...rest } = exception;
    const same = match([counterpart({ transactionId })]);
    expect(accepted(same).match?.residualAccepted).toBe(false);
    expect(refused(same, { of: { ...rest, transactionId } })).toMatchObject({ code: 'invalid_value' });
  });

  it.each<[Partial<Counterpart>, object]>([
    [{ currency: 'XAU' }, { code: 'unknown_currency', field: 'counterparts[1].currency', currency: 'XAU' }],
    [
      { amount: '0.5', currency: 'JPY' },
      { code: 'amount_precision', field: 'counterparts[1].amount', currency: 'JPY', allowed: 0 },
    ],
    [
      { amount: '1e400' },
      { code: 'amount_out_of_range', field: 'counterparts[1].amount', integerDigits: 20 },
    ],
  ])('says of which counterpart %j is wrong', (over, refusal) => {
    const counterparts = [counterpart(), counterpart({ transactionId: uuid(2), ...over })];
    expect(refused(match(counterparts, true))).toEqual(refusal);
  });

  it('cannot accept what is left by nothing', () => {
    const field = 'acceptResidual';
    expect(refused({ ...bare, acceptResidual: true })).toMatchObject({ code: 'invalid_value', field });
    expect(accepted({ ...bare, acceptResidual: false })).not.toHaveProperty('match');
  });
});

describe('a proposed force match', () => {
  const propose = (resolution: ForceMatch): ExceptionCommand => ({
    type: 'propose',
    resolution,
    waitsFor: 'approval',
  });

  it('is weighed when it is proposed, and shows what it would leave', () => {
    const command = match([counterpart({ amount: '99.95' })]);
    expect(refused(propose(command))).toMatchObject({ code: 'residual_not_accepted' });
    const { state, match: row, events } = accepted(propose(command), { policy: tolerating({ '*': '0.05' }) });
    expect(row).toBeUndefined();
    expect(state.proposal).toMatchObject({
      resolution: command,
      residuals: [{ amount: '0.05', currency: 'EUR', tolerance: '0.05' }],
    });
    expect(events[0]).not.toHaveProperty('data');
  });

  it.each([
    ['less', tolerating({}), '0.05', false],
    ['more', tolerating({ '*': '9' }), '0.06', true],
  ])('holds to its end, although %s is tolerated by then', (_what, later, left, residualAccepted) => {
    const amount = left === '0.05' ? '99.95' : '99.94';
    const command = match([counterpart({ amount })], true);
    const { state } = accepted(propose(command), { policy: tolerating({ EUR: '0.05' }) });
    const { match: row } = accepted({ type: 'confirm' }, { of: state, policy: later, actor: 'bo' });
    expect(row).toMatchObject({
      residuals: [{ amount: left, currency: 'EUR', tolerance: '0.05' }],
      residualAccepted,
      createdBy: 'bo',
      approval: { proposedBy: 'ana', approvals: [{ by: 'bo', at: now }] },
    });
  });

  it('that accepts nothing is confirmed as well when less is tolerated by then', () => {
    const command = match([counterpart({ amount: '99.95' })]);
    const { state } = accepted(propose(command), { policy: tolerating({ EUR: '0.05' }) });
    const { match: row, state: after } = accepted({ type: 'confirm' }, { of: state, actor: 'bo' });
    expect(after.status).toBe('RESOLVED');
    expect(row?.residualAccepted).toBe(false);
  });

  it('that names nothing has nothing to show', () => {
    const { proposal } = accepted(propose(bare)).state;
    expect(proposal).not.toHaveProperty('residuals');
  });
});

describe('where the books are kept elsewhere', () => {
  const facts = { ...noFacts, ledger: true } as const;
  const spare = counterpart({ amount: '-0.5', source: 'cards' });

  it('the ledger is told what is matched, to the digit, and what that leaves', () => {
    const command = match(
      [counterpart({ amount: '1e2', transactionId: uuid(255).toUpperCase() }), spare],
      true,
    );
    const outcome = decide(exception, command, aContext(), facts);
    if (!outcome.ok) throw new Error(outcome.refusal.code);
    const { dispatch, state, match: row } = outcome.value;
    const residuals = [{ amount: '0.50', currency: 'EUR', tolerance: '0.00' }];
    expect(row).toBeUndefined();
    expect(state.proposal).toMatchObject({ residuals });
    expect(dispatch?.posting).toMatchObject({
      type: 'forced_match',
      counterparts: [{ amount: '100.00', transactionId: uuid(255) }, { amount: '-0.50' }],
      residuals,
    });
    expect(dispatch?.posting).not.toHaveProperty('acceptResidual');
    const { match: kept } = accepted({ type: 'confirm' }, { of: state, actor: 'redress' });
    expect(kept).toMatchObject({ id: dispatch?.id, residuals, residualAccepted: true, createdBy: 'ana' });
  });
});
