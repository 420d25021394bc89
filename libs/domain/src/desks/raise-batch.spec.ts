import { defaultPolicy } from '../exception/policy';
import { aContext, anException, aReport } from '../testing';
import { accepted } from '../testing/outcomes';
import { Batch } from './raise-batch';
import type { ReconException } from '../exception/recon-exception';

describe('a batch', () => {
  const batchOver = (...known: readonly ReconException[]) => new Batch(known, aContext(), defaultPolicy);

  it('raises what is new and counts what it has met', () => {
    const batch = batchOver();
    const outcomes = [aReport(), aReport({ reason: 'LATE' }), aReport({ severity: 'HIGH' })].map((report) =>
      accepted(batch.add(report)),
    );
    expect(outcomes.map(({ state }) => [state.reason, state.version, state.seenCount])).toEqual([
      ['AMOUNT_MISMATCH', 1, 1],
      ['LATE', 1, 1],
      ['AMOUNT_MISMATCH', 2, 2],
    ]);
    const [merged, alone] = [...batch.changes()];
    expect(merged).toEqual({
      basedOn: 0,
      state: outcomes[2]?.state,
      events: [...(outcomes[0]?.events ?? []), ...(outcomes[2]?.events ?? [])],
    });
    expect(alone).toEqual(outcomes[1]);
  });

  it('knows an exception by transaction, in any case, and reason', () => {
    const { transactionId } = aReport();
    const known = anException({ version: 3 });
    const batch = batchOver(known);
    const { basedOn, state } = accepted(batch.add(aReport({ transactionId: transactionId.toUpperCase() })));
    expect([basedOn, state.id, state.seenCount]).toEqual([3, known.id, 2]);
    expect(accepted(batch.add(aReport({ reason: 'AMOUNT MISMATCH' }))).basedOn).toBe(0);
  });

  it.each([
    ['Überfällig ', ' überfällig'],
    ['zoe\u0308', 'ZO\u00cb'],
    ['\u00a0LATE\t', 'late'],
    ['İ', 'i\u0307'],
  ])('takes %j and %j for one reason, and keeps what came first', (first, second) => {
    const batch = batchOver();
    accepted(batch.add(aReport({ reason: first })));
    expect(accepted(batch.add(aReport({ reason: second }))).state).toMatchObject({
      reason: first,
      seenCount: 2,
    });
  });

  it('raises anew what was resolved, and names it', () => {
    const resolved = anException({ status: 'RESOLVED', version: 3 });
    const batch = batchOver(resolved);
    const { basedOn, state } = accepted(batch.add(aReport({ reason: ' amount_mismatch' })));
    expect([basedOn, state.previous]).toEqual([0, resolved.id]);
    expect(accepted(batch.add(aReport())).state).toMatchObject({ id: state.id, seenCount: 2 });
    expect(accepted(batch.add(aReport({ reason: 'OTHER' }))).state).not.toHaveProperty('previous');
  });

  it('bases all it did to a known exception on the version that is stored', () => {
    const batch = batchOver(anException({ version: 3, severity: 'LOW' }));
    for (const severity of ['MEDIUM', 'LOW', 'CRITICAL'] as const) accepted(batch.add(aReport({ severity })));
    const [change, ...more] = [...batch.changes()];
    expect(more).toEqual([]);
    expect(change).toMatchObject({ basedOn: 3, state: { version: 5, severity: 'CRITICAL', seenCount: 4 } });
    expect(change?.events.map(({ version }) => version)).toEqual([4, 5]);
  });

  it('tells its changes in the same order, whatever the order of the reports', () => {
    const reports = ['LOST', 'AMOUNT_MISMATCH', 'LATE'].map((reason) => aReport({ reason }));
    for (const order of [reports, [...reports].reverse()]) {
      const batch = batchOver();
      for (const report of order) accepted(batch.add(report));
      expect(batch.changes().map(({ state }) => state.reason)).toEqual(['AMOUNT_MISMATCH', 'LATE', 'LOST']);
    }
  });

  it('refuses a malformed report alone', () => {
    const batch = batchOver();
    expect(batch.add(aReport({ reason: '' })).ok).toBe(false);
    expect([...batch.changes()]).toEqual([]);
    expect(batch.add(aReport()).ok).toBe(true);
    expect(batch.add(aReport({ transactionId: 'x' })).ok).toBe(false);
    expect([...batch.changes()]).toHaveLength(1);
  });
});
