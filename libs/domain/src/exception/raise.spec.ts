import { defaultPolicy } from './policy';
import type { Refusal } from '../refusal';
import { aContext, anException, aReport, now } from '../testing';
import { accepted } from '../testing/outcomes';
import { severities } from '../value/severity';
import type { ReconException } from './recon-exception';
import { raise, recordSighting } from './raise';
import type { Raise } from './report';

const raised = (over: Partial<Raise> = {}): ReconException =>
  accepted(raise(aReport(over), aContext())).state;

const refusal = (over: Partial<Raise>): Refusal | undefined => {
  const outcome = raise(aReport(over), aContext());
  return outcome.ok ? undefined : outcome.refusal;
};

const everything = {
  severity: 'LOW',
  amount: '-1234.5',
  currency: 'EUR',
  occurredAt: '2026-01-01T00:00:00.000Z',
  source: 'bank feed',
  dueAt: '2026-02-01T00:00:00.000Z',
  differences: [{ field: 'amount', expected: '1', actual: '2' }],
  metadata: { 'a b': 'c' },
} as const;

describe('raising', () => {
  it('starts at version 1, OPEN, seen once', () => {
    const { basedOn, state, events } = accepted(raise(aReport(), aContext()));
    expect(basedOn).toBe(0);
    expect(state).toEqual({
      id: expect.any(String),
      version: 1,
      status: 'OPEN',
      transactionId: aReport().transactionId,
      reason: 'AMOUNT_MISMATCH',
      severity: 'LOW',
      dueAt: '2026-01-09T03:04:05.678Z',
      seenCount: 1,
      lastSeenAt: now,
      createdAt: now,
      updatedAt: now,
    });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'exception.raised',
      exceptionId: state.id,
      version: 1,
      actor: 'ana',
      at: now,
    });
  });

  it('keeps what the report says, with the amount exact', () => {
    const { amount: _lexeme, currency, ...kept } = everything;
    expect(raised(everything)).toMatchObject({ ...kept, amount: { amount: '-1234.50', currency } });
  });

  it('writes the transaction id in lower case', () => {
    const { transactionId } = aReport();
    expect(raised({ transactionId: transactionId.toUpperCase() }).transactionId).toBe(transactionId);
  });

  it('leaves out lists and records with nothing in them', () => {
    const state = raised({ differences: [], metadata: {} });
    expect(state).not.toHaveProperty('differences');
    expect(state).not.toHaveProperty('metadata');
  });

  it('tells every field in its first event', () => {
    const { state, events } = accepted(raise(aReport(everything), aContext()));
    const { version: _version, updatedAt: _updatedAt, ...fields } = state;
    const changes = Object.entries(events[0]?.changes ?? {});
    expect(Object.fromEntries(changes.map(([field, { to }]) => [field, to]))).toEqual(fields);
    expect(changes.filter(([, { from }]) => from !== undefined)).toEqual([]);
  });

  it.each([
    ['LOW', { amount: '999.99', currency: 'EUR' }, '2026-01-09T03:04:05.678Z'],
    ['MEDIUM', { amount: '-1000', currency: 'EUR' }, '2026-01-07T03:04:05.678Z'],
    ['HIGH', { amount: '10000', currency: 'JPY' }, '2026-01-05T03:04:05.678Z'],
    ['CRITICAL', { amount: '100000.00', currency: 'EUR' }, '2026-01-03T03:04:05.678Z'],
    ['LOW', { occurredAt: '2026-01-01T03:04:05.679Z' }, '2026-01-09T03:04:05.678Z'],
    ['MEDIUM', { occurredAt: '2026-01-01T03:04:05.678Z' }, '2026-01-07T03:04:05.678Z'],
    ['HIGH', { occurredAt: '2025-12-30T03:04:05.678Z' }, '2026-01-05T03:04:05.678Z'],
    ['CRITICAL', { occurredAt: '2025-12-28T03:04:05.678Z' }, '2026-01-03T03:04:05.678Z'],
    ['HIGH', { severity: 'HIGH', amount: '1', currency: 'EUR' }, '2026-01-05T03:04:05.678Z'],
  ] as const)('works out that it is %s for %j, and due by %s', (severity, over, dueAt) => {
    expect(raised(over)).toMatchObject({ severity, dueAt });
  });

  it('asks the policy for both', () => {
    const policy = {
      ...defaultPolicy,
      severityRules: [{ severity: 'CRITICAL', amountFrom: 5, ageHoursFrom: 1 }],
      dueHours: { ...defaultPolicy.dueHours, CRITICAL: 1 },
    } as const;
    const { state } = accepted(raise(aReport({ amount: '5', currency: 'EUR' }), aContext(), policy));
    expect(state).toMatchObject({ severity: 'CRITICAL', dueAt: '2026-01-02T04:04:05.678Z' });
  });

  it.each([
    ['transactionId', { transactionId: '4711' }],
    ['transactionId', { transactionId: '' }],
    ['reason', { reason: ' ' }],
    ['reason', { reason: 'x'.repeat(256) }],
    ['severity', { severity: 'high' as 'HIGH' }],
    ['currency', { amount: '1' }],
    ['amount', { currency: 'EUR' }],
    ['amount', { amount: '1,5', currency: 'EUR' }],
    ['currency', { amount: '1', currency: 'eur' }],
    ['occurredAt', { occurredAt: '2026-01-01' }],
    ['source', { source: '' }],
    ['dueAt', { dueAt: 'tomorrow' }],
    ['differences', { differences: Array<{ field: string }>(51).fill({ field: 'amount' }) }],
    ['differences[1].field', { differences: [{ field: 'amount' }, { field: ' ' }] }],
    ['differences[0].field', { differences: [{ field: 'x'.repeat(256) }] }],
    ['differences[0].expected', { differences: [{ field: 'amount', expected: 'x'.repeat(1001) }] }],
    ['differences[0].actual', { differences: [{ field: 'amount', actual: 'a\u0000b' }] }],
    ['metadata', { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`key ${i}`, 'x'])) }],
    ['metadata key', { metadata: { '': 'x' } }],
    ['metadata key', { metadata: { ['x'.repeat(65)]: 'x' } }],
    ['metadata key', { metadata: { 'a\u0000b': 'x' } }],
    ['metadata.a', { metadata: { a: 'x'.repeat(1001) } }],
    ['metadata.a', { metadata: { a: ' '.repeat(1001) } }],
    ['metadata.a', { metadata: { a: '\ud83d' } }],
  ])('refuses a malformed %s (case %#)', (field, over) => {
    expect(refusal(over)).toMatchObject({ code: 'invalid_value', field });
  });

  it.each([
    ['amount_precision', { amount: '1.5', currency: 'JPY' }],
    ['unknown_currency', { amount: '1', currency: 'XXX' }],
    ['amount_out_of_range', { amount: '1e20', currency: 'EUR' }],
  ])('refuses an amount for %s', (code, over) => {
    expect(refusal(over)?.code).toBe(code);
  });

  it('takes as many differences and keys as there may be, and values that say nothing', () => {
    const differences = Array.from({ length: 50 }, (_, i) => ({ field: `${i}`, expected: '', actual: ' ' }));
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key ${i}`, '']));
    expect(raised({ differences, metadata })).toMatchObject({ differences, metadata });
  });

  it('takes a reason of 255 characters, each of them two units long', () => {
    const reason = '😀'.repeat(255);
    expect(raised({ reason }).reason).toBe(reason);
  });
});

describe('seeing again', () => {
  const later = '2026-01-03T00:00:00.000Z';
  const known = anException({ severity: 'MEDIUM', assignedTo: 'bo', status: 'ASSIGNED', version: 4 });
  const seen = (over: Partial<Raise>) =>
    accepted(recordSighting(known, aReport(over), aContext({ now: later })));

  it.each(severities)(
    'raises MEDIUM when it is fields %s and that is higher, and never lowers it',
    (severity) => {
      const { basedOn, state, events } = seen({ severity });
      const counted = { ...known, seenCount: 2, lastSeenAt: later };
      expect(basedOn).toBe(4);
      if (severity === 'LOW' || severity === 'MEDIUM') {
        expect(state).toEqual(counted);
        expect(events).toEqual([]);
      } else {
        expect(state).toEqual({ ...counted, severity, version: 5, updatedAt: later });
        expect(events).toHaveLength(1);
        expect(events[0]).toMatchObject({
          type: 'exception.escalated',
          version: 5,
          changes: {
            severity: { from: 'MEDIUM', to: severity },
            seenCount: { from: 1, to: 2 },
            lastSeenAt: { from: now, to: later },
          },
        });
      }
    },
  );

  it('works the severity out as raising does', () => {
    expect(seen({ amount: '10000', currency: 'EUR' }).state.severity).toBe('HIGH');
    expect(seen({ occurredAt: '2025-12-01T00:00:00.000Z' }).state.severity).toBe('CRITICAL');
  });

  it.each([
    ['its own time', { occurredAt: '2025-12-29T00:00:00.000Z' }, {}, 'CRITICAL'],
    ['when it was raised', { createdAt: '2025-12-31T00:00:00.000Z' }, {}, 'HIGH'],
    ['its own time, before when it was raised', { occurredAt: '2026-01-02T00:00:00.000Z' }, {}, 'MEDIUM'],
    [
      'the time that the report has',
      { createdAt: '2025-12-01T00:00:00.000Z' },
      { occurredAt: '2026-01-02T23:00:00.000Z' },
      'LOW',
    ],
  ] as const)('counts age from %s, as the summary does', (_what, over, report, severity) => {
    const aged = anException({ severity: 'LOW', ...over });
    const change = accepted(recordSighting(aged, aReport(report), aContext({ now: later })));
    expect(change.state.severity).toBe(severity);
  });

  it('changes nothing else, whatever the report says', () => {
    const { state } = seen({ ...everything, severity: 'CRITICAL' });
    expect(state).toEqual({
      ...known,
      severity: 'CRITICAL',
      otherAmounts: [{ amount: '-1234.50', currency: 'EUR' }],
      version: 6,
      seenCount: 2,
      lastSeenAt: later,
      updatedAt: later,
    });
  });

  describe('with another amount', () => {
    const own = anException({
      severity: 'CRITICAL',
      amount: { amount: '100.00', currency: 'EUR' },
      version: 4,
    });
    const report = (before: ReconException, over: Partial<Raise>) =>
      accepted(recordSighting(before, aReport({ currency: 'EUR', ...over }), aContext({ now: later })));

    it('records what was reported, once, and keeps its own', () => {
      const facts = {
        source: 'bank',
        differences: [{ field: 'amount', actual: '120' }],
        metadata: { run: '7' },
      };
      const { basedOn, state, events } = report(own, { amount: '120', ...facts });
      const other = { amount: '120.00', currency: 'EUR' };
      expect(basedOn).toBe(4);
      expect(state).toMatchObject({ amount: own.amount, otherAmounts: [other], version: 5, seenCount: 2 });
      expect(events).toMatchObject([
        {
          type: 'exception.reported_otherwise',
          version: 5,
          changes: { otherAmounts: { to: [other] }, seenCount: { from: 1, to: 2 } },
          data: { report: { ...other, ...facts } },
        },
      ]);
      for (const amount of ['120.00', '100', '1.2e2'])
        expect(report(state, { amount })).toMatchObject({ state: { version: 5, seenCount: 3 }, events: [] });
      expect(report(state, { amount: '120', currency: 'USD' }).state.otherAmounts).toHaveLength(2);
    });

    it('and a higher severity tells both, each with its version', () => {
      const { state, events } = report({ ...own, severity: 'LOW' }, { amount: '99999', severity: 'HIGH' });
      expect(events.map(({ type, version }) => [type, version])).toEqual([
        ['exception.escalated', 5],
        ['exception.reported_otherwise', 6],
      ]);
      expect(Object.keys(events[1]!.changes)).toEqual(['otherAmounts']);
      expect(state).toMatchObject({ version: 6, severity: 'HIGH', seenCount: 2 });
    });

    it('records a hundred of them', () => {
      let state: ReconException = own;
      for (let i = 1; i <= 110; i++) ({ state } = report(state, { amount: `${i}.01` }));
      expect(state).toMatchObject({ seenCount: 111, version: 104, otherAmounts: { length: 100 } });
    });

    it('takes no amount at all for no other amount', () => {
      const { state } = accepted(recordSighting(own, aReport(), aContext({ now: later })));
      expect(state).toEqual({ ...own, seenCount: 2, lastSeenAt: later });
    });
  });

  it('refuses a malformed report', () => {
    const outcome = recordSighting(known, aReport({ amount: '1' }), aContext());
    expect(outcome).toMatchObject({ ok: false, refusal: { code: 'invalid_value', field: 'currency' } });
  });
});
