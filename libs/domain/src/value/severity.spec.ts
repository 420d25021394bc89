import { money } from './money';
import {
  defaultDueHours,
  defaultSeverityRules,
  dueAt,
  isHigher,
  severities,
  severityOf,
  type SeverityRule,
} from './severity';
import { plusHours } from './timestamp';

const now = '2025-01-15T10:30:00.000Z';

const of = (lexeme: string, currency: string) => {
  const result = money(lexeme, currency);
  return result.ok ? result.value : undefined;
};
const hoursAgo = (hours: number) => plusHours(now, -hours);
const oneMillisecond = 1 / 3_600_000;

describe('severities', () => {
  it('go from the lowest to the highest', () => {
    expect(severities).toEqual(['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']);
  });

  it('compare by their place in the list', () => {
    const higher = severities.flatMap((a) =>
      severities.filter((b) => isHigher(a, b)).map((b) => `${a} > ${b}`),
    );
    expect(higher).toEqual([
      'MEDIUM > LOW',
      'HIGH > LOW',
      'HIGH > MEDIUM',
      'CRITICAL > LOW',
      'CRITICAL > MEDIUM',
      'CRITICAL > HIGH',
    ]);
  });
});

describe('judging the severity', () => {
  it.each([
    ['100000', 'CRITICAL'],
    ['99999.99', 'HIGH'],
    ['10000', 'HIGH'],
    ['9999.99', 'MEDIUM'],
    ['1000', 'MEDIUM'],
    ['999.99', 'LOW'],
    ['0', 'LOW'],
    ['-100000', 'CRITICAL'],
    ['-99999.99', 'HIGH'],
    ['99999999999999999999.99', 'CRITICAL'],
  ])('makes %s euros %s', (lexeme, severity) => {
    expect(severityOf({ amount: of(lexeme, 'EUR'), now })).toBe(severity);
  });

  it('counts major units whatever the currency', () => {
    expect(severityOf({ amount: of('100000', 'JPY'), now })).toBe('CRITICAL');
    expect(severityOf({ amount: of('99999.999', 'BHD'), now })).toBe('HIGH');
    expect(severityOf({ amount: of('999.9999', 'CLF'), now })).toBe('LOW');
  });

  it.each([
    [120, 'CRITICAL'],
    [120 - oneMillisecond, 'HIGH'],
    [72, 'HIGH'],
    [72 - oneMillisecond, 'MEDIUM'],
    [24, 'MEDIUM'],
    [24 - oneMillisecond, 'LOW'],
    [0, 'LOW'],
    [-500, 'LOW'],
  ])('makes an age of %d hours %s', (hours, severity) => {
    expect(severityOf({ occurredAt: hoursAgo(hours), now })).toBe(severity);
  });

  it('lets the worse of amount and age decide', () => {
    expect(severityOf({ amount: of('1', 'EUR'), occurredAt: hoursAgo(120), now })).toBe('CRITICAL');
    expect(severityOf({ amount: of('100000', 'EUR'), occurredAt: hoursAgo(1), now })).toBe('CRITICAL');
    expect(severityOf({ amount: of('1000', 'EUR'), occurredAt: hoursAgo(72), now })).toBe('HIGH');
  });

  it('is LOW when nothing is known', () => {
    expect(severityOf({ now })).toBe('LOW');
  });

  it('follows other rules when given them, the first that applies', () => {
    const rules: SeverityRule[] = [
      { severity: 'MEDIUM', amountFrom: 5, ageHoursFrom: 1 },
      { severity: 'CRITICAL', amountFrom: 6, ageHoursFrom: 2 },
    ];
    expect(severityOf({ amount: of('7', 'EUR'), now }, rules)).toBe('MEDIUM');
    expect(severityOf({ amount: of('4', 'EUR'), now }, rules)).toBe('LOW');
    expect(severityOf({ amount: of('1000000', 'EUR'), now }, [])).toBe('LOW');
  });

  it('lists its rules from the highest down, so that the first is the worst', () => {
    expect(defaultSeverityRules.map((rule) => rule.severity)).toEqual(['CRITICAL', 'HIGH', 'MEDIUM']);
  });
});

describe('the due date', () => {
  it.each([
    ['CRITICAL', '2025-01-16T10:30:00.000Z'],
    ['HIGH', '2025-01-18T10:30:00.000Z'],
    ['MEDIUM', '2025-01-20T10:30:00.000Z'],
    ['LOW', '2025-01-22T10:30:00.000Z'],
  ] as const)('of what is %s is %s', (severity, due) => {
    expect(dueAt(severity, now)).toBe(due);
  });

  it('follows another table when given one', () => {
    expect(dueAt('HIGH', now, { ...defaultDueHours, HIGH: 1.5 })).toBe('2025-01-15T12:00:00.000Z');
  });
});
