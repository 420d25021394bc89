import fc from 'fast-check';
import { anException } from '../testing/builders';
import { limits } from '../value/text';
import { messageFor, messageLimits } from './ticket-text';

const total = (paragraphs: readonly string[]): number => paragraphs.join('').length;

describe('the message about an exception', () => {
  it('says all there is to know', () => {
    const exception = anException({
      amount: { amount: '-1500.50', currency: 'BRL' },
      source: 'ledger-feed',
      occurredAt: '2025-12-31T23:59:59.999Z',
      differences: [
        { field: 'amount', expected: '1500.50', actual: '1500.05' },
        { field: 'value date', expected: '2025-12-31' },
        { field: 'bank reference', actual: 'NTRF//77' },
      ],
    });
    const link = 'https://desk.example.com/exceptions/1';
    expect(messageFor(exception, { queue: 'payments', link })).toEqual({
      exceptionId: exception.id,
      transactionId: exception.transactionId,
      severity: 'MEDIUM',
      dueAt: exception.dueAt,
      queue: 'payments',
      summary: 'AMOUNT_MISMATCH: -1500.50 BRL, ledger-feed',
      paragraphs: [
        'Reason: AMOUNT_MISMATCH',
        'Amount: -1500.50 BRL',
        'Severity: MEDIUM',
        'Occurred: 2025-12-31 23:59 UTC',
        'Reported: 2026-01-02 03:04 UTC',
        'Due: 2026-01-07 03:04 UTC',
        'Source: ledger-feed',
        `Transaction: ${exception.transactionId}`,
        `Exception: ${exception.id}`,
        'Queue: payments',
        'amount: expected “1500.50”, found “1500.05”',
        'value date: expected “2025-12-31”, found nothing',
        'bank reference: expected nothing, found “NTRF//77”',
      ],
      link,
    });
  });

  it('leaves out what is not known', () => {
    const message = messageFor(anException());
    expect(Object.keys(message)).not.toEqual(expect.arrayContaining(['queue']));
    expect(message).not.toHaveProperty('link');
    expect(message.summary).toBe('AMOUNT_MISMATCH');
    expect(message.paragraphs.map((line) => line.split(':')[0])).toEqual([
      ...['Reason', 'Severity', 'Reported', 'Due', 'Transaction', 'Exception'],
    ]);
  });

  it('shortens the reason in its summary, never the amount', () => {
    const amount = { amount: '-12345678901234567890.1234', currency: 'CLF' };
    const { summary } = messageFor(anException({ reason: 'x'.repeat(255), source: 'y'.repeat(255), amount }));
    expect(summary).toHaveLength(messageLimits.summary);
    expect(summary).toContain('…: -12345678901234567890.1234 CLF, yyy');
  });

  it('is one line on top, whatever people wrote', () => {
    const reason = 'a\r\nb\u2028c\u0000d\u202ee __proto__ <script> 😀';
    expect(messageFor(anException({ reason })).summary).toBe('a b cde __proto__ <script> 😀');
  });

  it('tells each of fifty differences, however long', () => {
    const long = (name: string) => `${name}${'😀'.repeat(900)}`;
    const differences = Array.from({ length: limits.differences }, (_, i) => ({
      field: `field ${i} ${'n'.repeat(240)}`,
      expected: long(`E${i}`),
      actual: long(`A${i}`),
    }));
    const { paragraphs } = messageFor(anException({ reason: 'r'.repeat(255), differences }));
    for (const [i] of differences.entries())
      expect(paragraphs.filter((p) => p.includes(`“E${i}😀`) && p.includes(`“A${i}😀`))).toHaveLength(1);
    expect(total(paragraphs)).toBeLessThanOrEqual(messageLimits.paragraphs);
  });

  it('keeps one long difference whole', () => {
    const differences = [{ field: 'memo', expected: 'e'.repeat(1000), actual: 'a'.repeat(1000) }];
    expect(messageFor(anException({ differences })).paragraphs.at(-1)).toHaveLength(2027);
  });

  it('keeps to its limits for anything', () => {
    const text = fc.string({ unit: 'binary', maxLength: 1200 });
    const difference = fc.record(
      { field: text, expected: text, actual: text },
      { requiredKeys: ['field'], noNullPrototype: true },
    );
    const options = fc.record({ queue: text, differences: fc.array(difference, { maxLength: 60 }) });
    fc.assert(
      fc.property(options, text, ({ queue, differences }, reason) => {
        const { summary, paragraphs } = messageFor(anException({ reason, differences, source: reason }), {
          queue,
        });
        expect(summary.length).toBeLessThanOrEqual(messageLimits.summary);
        expect(`${summary}${paragraphs.join('')}`).not.toMatch(/[\p{Cc}\p{Surrogate}\u2028\u2029]/u);
        expect(total(paragraphs)).toBeLessThanOrEqual(messageLimits.paragraphs);
      }),
      { numRuns: 50 },
    );
  });
});
