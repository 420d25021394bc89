import fc from 'fast-check';
import type { ForceMatch } from './commands';
import { severities, type Severity } from '../value/severity';
import { approvableCommands, needsApproval, type ApprovalRule } from './approval-policy';
import type { Approvable, Judged } from './stake';

const eur10k: ApprovalRule = {
  command: 'adjust_entry',
  currency: 'EUR',
  minimumAmount: '10000',
  approvers: 2,
};
const adjust = (amount: string, currency = 'EUR'): Approvable => ({ type: 'adjust_entry', amount, currency });
const resolve: Approvable = { type: 'resolve', resolution: 'Found.' };
const match = (...amounts: readonly (readonly [amount: string, currency: string])[]): ForceMatch => ({
  type: 'force_match',
  overrideReason: 'R',
  notes: 'N',
  ...(amounts.length && {
    counterparts: amounts.map(([amount, currency], i) => ({
      source: 'bank',
      transactionId: `019b7c00-0000-7000-8000-00000000000${i}`,
      amount,
      currency,
    })),
  }),
});
const about = (amount?: string, currency = 'EUR', severity: Severity = 'LOW'): Judged => ({
  severity,
  ...(amount !== undefined && { amount: { amount, currency } }),
});
const rule = (command: ApprovalRule['command'], over: Partial<ApprovalRule> = {}): ApprovalRule => ({
  command,
  approvers: 1,
  ...over,
});

/** How many have to approve it. */
const approvers = (
  exception: ReturnType<typeof about>,
  command: Approvable,
  rules: readonly ApprovalRule[],
) => needsApproval(exception, command, { version: 1, rules })?.approvers ?? 0;

describe('what is at stake', () => {
  it.each<[string, ReturnType<typeof about>, Approvable, ApprovalRule, number]>([
    ['a posting as large as the rule', about('1.00'), adjust('10000'), eur10k, 2],
    ['one that is smaller by a cent', about('1.00'), adjust('9999.99'), eur10k, 0],
    ['a cent, of a break as large as the rule', about('10000.00'), adjust('0.01'), eur10k, 2],
    ['a cent, of a break the other way round', about('-1000000.00'), adjust('0.01'), eur10k, 2],
    ['a posting alone, of a break without an amount', about(), adjust('9999.99'), eur10k, 0],
    [
      'a later report of more',
      { ...about('1.00'), otherAmounts: [{ amount: '10000', currency: 'EUR' }] },
      adjust('1'),
      eur10k,
      2,
    ],
    [
      'a later report of less',
      { ...about('1.00'), otherAmounts: [{ amount: '-9999', currency: 'EUR' }] },
      adjust('1'),
      eur10k,
      0,
    ],
    [
      'a later report in foreign money',
      { ...about('1.00'), otherAmounts: [{ amount: '1', currency: 'USD' }] },
      adjust('1'),
      eur10k,
      2,
    ],
    [
      'a later report, of a match',
      { ...about('1.00'), otherAmounts: [{ amount: '10000', currency: 'EUR' }] },
      match(),
      { ...eur10k, command: 'force_match' },
      2,
    ],
    [
      'a later report, of a resolution',
      { ...about('1.00'), otherAmounts: [{ amount: '10000', currency: 'EUR' }] },
      resolve,
      { ...eur10k, command: 'resolve' },
      2,
    ],
    ['foreign money, of a small break', about('1.00'), adjust('5', 'USD'), eur10k, 2],
    ['a small posting, of a break in foreign money', about('5.00', 'USD'), adjust('1'), eur10k, 2],
    ['a counterpart', about('5.00'), match(['10000', 'EUR']), { ...eur10k, command: 'force_match' }, 2],
    ['a foreign counterpart', about('5.00'), match(['5', 'USD']), { ...eur10k, command: 'force_match' }, 2],
    [
      'what many counterparts leave together',
      about('0.00'),
      match(['6000', 'EUR'], ['6000', 'EUR']),
      { ...eur10k, command: 'force_match' },
      2,
    ],
    [
      'counterparts of a break without an amount',
      about(),
      match(['1', 'EUR']),
      { ...eur10k, command: 'force_match' },
      2,
    ],
    ['a small match', about('5.00'), match(['5', 'EUR']), { ...eur10k, command: 'force_match' }, 0],
    ['a plain resolution of a large break', about('10000.00'), resolve, { ...eur10k, command: 'resolve' }, 2],
    ['a plain resolution of a small one', about('9999.99'), resolve, { ...eur10k, command: 'resolve' }, 0],
  ])('counts %s', (_what, exception, command, only, expected) => {
    expect(approvers(exception, command, [only])).toBe(expected);
  });

  it('is judged amount by amount by the first rule that fits, and then by the strictest', () => {
    const rules = [
      rule('adjust_entry', { currency: 'EUR', minimumAmount: '100', approvers: 1 }),
      rule('adjust_entry', { currency: 'GBP', minimumAmount: '100', approvers: 3 }),
      rule('adjust_entry', { currency: 'EUR', approvers: 2 }),
    ];
    expect(approvers(about('500.00'), adjust('500'), rules)).toBe(1);
    expect(approvers(about('5.00'), adjust('500'), rules)).toBe(2);
    expect(approvers(about('500.00', 'GBP'), adjust('500'), rules)).toBe(3);
    expect(approvers(about('5.00', 'GBP'), adjust('500'), rules)).toBe(1);
    expect(approvers(about('500.00'), adjust('500', 'USD'), rules)).toBe(3);
  });

  it('keeps the first of equally strict rules, and bars whom any of those that decide bars', () => {
    const first = rule('adjust_entry', { currency: 'EUR', approvers: 2 });
    const second = rule('adjust_entry', { currency: 'GBP', approvers: 2, mayNotApprove: ['assigner'] });
    const policy = { version: 1, rules: [first, second] };
    expect(needsApproval(about('1.00'), adjust('1'), policy)).toBe(first);
    expect(needsApproval(about('1.00', 'GBP'), adjust('1'), policy)).toEqual({
      ...first,
      mayNotApprove: ['assigner'],
    });
  });

  it('knows as foreign only what no rule of this command and severity names', () => {
    const rules = [
      rule('adjust_entry', { currency: 'EUR', minimumAmount: '100', severity: 'HIGH' }),
      rule('adjust_entry', { currency: 'USD', minimumAmount: '100', severity: 'LOW' }),
      rule('resolve', { currency: 'GBP' }),
    ];
    expect(approvers(about('1.00', 'USD', 'HIGH'), adjust('1', 'USD'), rules)).toBe(1);
    expect(approvers(about('1.00', 'USD', 'LOW'), adjust('1', 'USD'), rules)).toBe(0);
    expect(approvers(about('1.00', 'GBP', 'LOW'), adjust('1', 'GBP'), rules)).toBe(1);
    const high = [rule('adjust_entry', { currency: 'EUR', severity: 'HIGH' })];
    expect(approvers(about('1.00', 'GBP', 'MEDIUM'), adjust('1', 'GBP'), high)).toBe(0);
  });

  it('cannot be taken out of a rule by a graver severity, and meets the rules of that as well', () => {
    const high = rule('force_match', { severity: 'HIGH', approvers: 2 });
    expect(approvers(about('5.00', 'EUR', 'MEDIUM'), match(), [high])).toBe(0);
    expect(approvers(about('5.00', 'EUR', 'HIGH'), match(), [high])).toBe(2);
    expect(approvers(about('5.00', 'EUR', 'CRITICAL'), match(), [high])).toBe(2);
    const critical = rule('force_match', { severity: 'CRITICAL', approvers: 3 });
    expect(approvers(about('5.00', 'EUR', 'CRITICAL'), match(), [high, critical])).toBe(3);
    expect(approvers(about('5.00', 'EUR', 'HIGH'), match(), [high, critical])).toBe(2);
  });

  it('is compared as a plain number where no rule names a currency', () => {
    const rules = [rule('adjust_entry', { minimumAmount: '100' })];
    expect(approvers(about('1.00', 'USD'), adjust('99.99', 'BRL'), rules)).toBe(0);
    expect(approvers(about('1.00', 'USD'), adjust('100', 'JPY'), rules)).toBe(1);
  });
});

describe('for whatever policy and amounts, as many have to approve or more', () => {
  const units = fc
    .integer({ min: 0, max: 2000 })
    .map((n) => `${Math.floor(n / 100)}.${String(n % 100).padStart(2, '0')}`);
  const currency = fc.constantFrom('EUR', 'USD', 'GBP');
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const rules = fc.array(
    fc
      .record({
        command: fc.constantFrom(...approvableCommands),
        currency: optional(currency),
        minimumAmount: optional(units),
        severity: optional(fc.constantFrom('LOW' as const, 'HIGH' as const)),
        approvers: fc.integer({ min: 1, max: 3 }),
      })
      .map(
        (made) =>
          Object.fromEntries(
            Object.entries(made).filter(([, v]) => v !== undefined),
          ) as unknown as ApprovalRule,
      ),
    { maxLength: 6 },
  );
  const severity = fc.constantFrom('LOW' as const, 'HIGH' as const);
  const holds = (
    check: (
      rules: readonly ApprovalRule[],
      [amount, its, posted, its2]: readonly [string, string, string, string],
      severity: Severity,
    ) => void,
  ) =>
    fc.assert(fc.property(rules, fc.tuple(units, currency, units, currency), severity, check), {
      numRuns: 2000,
    });

  it('when the exception has an amount of its own beside what is posted', () => {
    holds((policy, [amount, its, posted, its2], grave) => {
      const alone = approvers(about(undefined, 'EUR', grave), adjust(posted, its2), policy);
      expect(approvers(about(amount, its, grave), adjust(posted, its2), policy)).toBeGreaterThanOrEqual(
        alone,
      );
    });
  });

  it('when something is posted beside the amount of the exception', () => {
    holds((policy, [amount, its, posted, its2], grave) => {
      const alone = approvers(about(amount, its, grave), adjust(amount, its), policy);
      expect(approvers(about(amount, its, grave), adjust(posted, its2), policy)).toBeGreaterThanOrEqual(
        alone,
      );
    });
  });

  it('when the same is graver', () => {
    holds((policy, [amount, its, posted, its2]) => {
      const [low, medium, high, critical] = severities.map((grave) =>
        approvers(about(amount, its, grave), adjust(posted, its2), policy),
      );
      expect(medium).toBeGreaterThanOrEqual(low!);
      expect(high).toBeGreaterThanOrEqual(medium!);
      expect(critical).toBeGreaterThanOrEqual(high!);
    });
  });

  it('when a counterpart is named', () => {
    holds((policy, [amount, its, posted, its2], grave) => {
      const alone = approvers(about(amount, its, grave), match(), policy);
      expect(approvers(about(amount, its, grave), match([posted, its2]), policy)).toBeGreaterThanOrEqual(
        alone,
      );
    });
  });

  it('when the same is done in a currency that no rule names', () => {
    holds((policy, [amount, its, posted, its2], grave) => {
      const known = approvers(about(amount, its, grave), adjust(posted, its2), policy);
      expect(approvers(about(amount, its, grave), adjust(posted, 'CHF'), policy)).toBeGreaterThanOrEqual(
        known,
      );
      expect(approvers(about(amount, 'CHF', grave), adjust(posted, its2), policy)).toBeGreaterThanOrEqual(
        known,
      );
    });
  });
});
