import type { ExceptionFacts } from '../exception/exception.facts';
import { decide } from '../exception/exception';
import { noFacts } from '../exception/exception.facts';
import { defaultPolicy } from '../exception/policy';
import { aContext, anException, sampleCommands } from '../testing';
import { accepted, verdict } from '../testing/outcomes';
import { unfitAdjustment } from './adjustment-check';

const brl = (amount: string) => ({ amount, currency: 'BRL' });
const check = { mode: 'refuse', maxPercent: 100 } as const;

describe('an adjustment', () => {
  it.each([
    [brl('686.00'), '686.00', 'BRL', true],
    [brl('686.00'), '0.01', 'BRL', true],
    [brl('686.00'), '686.01', 'BRL', false],
    [brl('-686.00'), '686.00', 'BRL', true],
    [brl('-686.00'), '686.01', 'BRL', false],
    [brl('686.00'), '999999999.00', 'USD', false],
    [brl('686.00'), '0.01', 'USD', false],
    [brl('99999999999999999999.99'), '99999999999999999999.99', 'BRL', true],
    [brl('99999999999999999999.98'), '99999999999999999999.99', 'BRL', false],
    [{ amount: '12', currency: 'JPY' }, '13', 'JPY', false],
    [{ amount: '0.001', currency: 'BHD' }, '0.002', 'BHD', false],
    // An amount of zero says nothing about how much, only in which currency.
    [brl('0.00'), '5.00', 'BRL', true],
    [brl('0.00'), '5.00', 'USD', false],
    [undefined, '999999999.00', 'USD', true],
  ])('for an exception of %j may be %s %s: %s', (amount, given, currency, fits) => {
    const refusal = unfitAdjustment(amount ? { amount } : {}, { amount: given, currency }, check);
    expect(refusal?.code).toBe(fits ? undefined : 'adjustment_does_not_fit');
  });

  it.each([
    [100, '200.00', true],
    [100, '200.01', false],
    [150, '300.00', true],
    [150, '300.01', false],
    [1, '2.00', true],
    [1, '2.01', false],
  ])('may be %d %% of the exception: %s BRL: %s', (maxPercent, amount, fits) => {
    const refusal = unfitAdjustment({ amount: brl('200.00') }, brl(amount), { ...check, maxPercent });
    expect(refusal === undefined).toBe(fits);
  });

  it.each([
    ['both sides', [{ field: 'Amount', expected: '5000.00', actual: '686.00' }], '5000.00'],
    ['one side', [{ field: ' amount ', actual: '-5000' }], '5000.00'],
    ['text that is no amount', [{ field: 'amount', expected: '5.000,00' }], '686.00'],
    ['another field', [{ field: 'reference', expected: '5000.00' }], '686.00'],
  ])('may be as large as %s of a difference says', (_what, differences, most) => {
    const exception = { amount: brl('686.00'), differences };
    expect(unfitAdjustment(exception, brl(most), check)).toBeUndefined();
    const more = `${BigInt(most.replace('.00', '')) + 1n}.00`;
    expect(unfitAdjustment(exception, brl(more), check)).toEqual({
      code: 'adjustment_does_not_fit',
      ...brl(more),
      ...{ exceptionAmount: most, exceptionCurrency: 'BRL', maxPercent: 100 },
    });
  });
});

describe('the policy about it', () => {
  const exception = anException({ amount: brl('100.00') });
  const { adjust_entry: adjust } = sampleCommands.exception;
  const given = (
    mode: 'refuse' | 'warn' | 'off',
    amount: string,
    command = adjust,
    facts: ExceptionFacts = noFacts,
  ) => {
    const policy = { ...defaultPolicy, adjustmentCheck: { mode, maxPercent: 100 } };
    return decide(exception, { ...command, amount }, aContext(), facts, policy);
  };

  it('warns by default', () => {
    const adjusted = accepted(decide(exception, { ...adjust, amount: '100.01' }, aContext()));
    expect(adjusted.warnings).toMatchObject([{ code: 'adjustment_does_not_fit' }]);
  });

  it('may refuse, also what is only proposed', () => {
    const approvalPolicy = { version: 1, rules: [{ command: 'adjust_entry', approvers: 1 }] } as const;
    for (const facts of [noFacts, { ...noFacts, approvalPolicy }, { ...noFacts, ledger: true as const }])
      expect(verdict(given('refuse', '100.01', adjust, facts))).toBe('adjustment_does_not_fit');
    expect(verdict(given('refuse', '100.00'))).toBe('ok');
  });

  it('may warn instead, or not compare', () => {
    expect(accepted(given('warn', '100.01'))).toMatchObject({
      state: { status: 'RESOLVED' },
      warnings: [{ code: 'adjustment_does_not_fit', exceptionAmount: '100.00' }],
    });
    expect(accepted(given('warn', '100.00'))).not.toHaveProperty('warnings');
    expect(accepted(given('off', '100.01'))).not.toHaveProperty('warnings');
  });
});
