import assert from 'node:assert/strict';
import { sampleCommands } from '../builders';
import { accepted, present, type Promises, type Setting } from './setting';

const typesIn = async ({ history }: Setting, id: string): Promise<string[]> =>
  (await history(id)).map(({ type }) => type);

/** What is reported again is not raised again. */
export const raising: Promises = {
  'counts what is reported again, and raises its severity but never lowers it': async (setting) => {
    const { exceptions, meta, newId, exception } = setting;
    const report = { transactionId: newId(), reason: 'LATE' };
    const meet = async (severity: 'LOW' | 'MEDIUM' | 'HIGH') =>
      accepted(await exceptions.raise({ ...report, severity }, meta())).state;
    const { id } = await meet('MEDIUM');
    const expected = [
      ['LOW', 1, 'MEDIUM'],
      ['HIGH', 2, 'HIGH'],
      ['HIGH', 2, 'HIGH'],
      ['LOW', 2, 'HIGH'],
    ] as const;
    for (const [index, [said, version, severity]] of expected.entries()) {
      const state = await meet(said);
      assert.deepEqual(
        [state.id, state.version, state.severity, state.seenCount],
        [id, version, severity, index + 2],
      );
      assert.deepEqual((await exception(id))?.exception, state);
    }
    assert.deepEqual(await typesIn(setting, id), ['exception.raised', 'exception.escalated']);
  },

  'leaves alone what people did when it is reported again': async ({
    raised,
    exceptions,
    meta,
    exception,
  }) => {
    const { id, transactionId, reason } = await raised();
    const { state } = accepted(await exceptions.handle(id, sampleCommands.exception.assign, meta()));
    const again = accepted(await exceptions.raise({ transactionId, reason }, meta()));
    assert.deepEqual(again.state, { ...state, seenCount: 2 });
    assert.deepEqual((await exception(id))?.exception, again.state);
  },

  'raises a batch with repetitions in it and of what is there already': async (setting) => {
    const { exceptions, meta, newId, raised, exception } = setting;
    const known = await raised({ severity: 'HIGH' });
    const old = { transactionId: known.transactionId.toUpperCase(), reason: known.reason } as const;
    const fresh = { transactionId: newId(), reason: 'LATE' } as const;
    const outcomes = await exceptions.raiseAll(
      [
        { ...old, severity: 'LOW' },
        { ...fresh, severity: 'LOW' },
        { ...old, reason: '' },
        { ...fresh, severity: 'HIGH' },
        { ...fresh, transactionId: fresh.transactionId.toUpperCase(), severity: 'MEDIUM' },
        { ...old, severity: 'CRITICAL' },
      ],
      meta(),
    );
    assert.deepEqual(
      outcomes.map((outcome) => outcome.ok && [outcome.value.state.version, outcome.value.state.severity]),
      [[1, 'HIGH'], [1, 'LOW'], false, [2, 'HIGH'], [2, 'HIGH'], [2, 'CRITICAL']],
    );
    const [ofFresh, ofKnown] = outcomes.slice(-2).map((outcome) => accepted(outcome).state);
    const { id } = present(ofFresh);
    assert.deepEqual((await exception(id))?.exception, ofFresh);
    assert.deepEqual((await exception(known.id))?.exception, ofKnown);
    assert.deepEqual(await typesIn(setting, id), ['exception.raised', 'exception.escalated']);
    assert.deepEqual(await typesIn(setting, known.id), ['exception.raised', 'exception.escalated']);
    assert.deepEqual([ofFresh?.seenCount, ofKnown?.seenCount], [3, 3]);
  },

  'raises five hundred at once, answers in their order, and does no harm the second time': async (
    setting,
  ) => {
    const { exceptions, meta, newId, read } = setting;
    const reports = Array.from({ length: 500 }, (_, i) => ({
      transactionId: newId(),
      reason: `REASON ${i}`,
      amount: `${i}.01`,
      currency: 'EUR',
      metadata: { row: `${i}` },
    }));
    const raised = (await exceptions.raiseAll(reports, meta())).map((outcome) => accepted(outcome));
    assert.deepEqual(
      raised.map(({ state: { transactionId, reason, amount, metadata } }) => ({
        transactionId,
        reason,
        ...amount,
        metadata,
      })),
      reports,
    );
    const again = (await exceptions.raiseAll(reports, meta())).map((outcome) => accepted(outcome));
    assert.ok(again.every(({ basedOn, state }) => basedOn === 1 && state.seenCount === 2));
    assert.deepEqual(
      again.map(({ state }) => state.id),
      raised.map(({ state }) => state.id),
    );
    assert.equal((await read((tx) => tx.exceptions.unresolved(reports))).length, reports.length);
    assert.deepEqual(await typesIn(setting, present(raised.at(-1)).state.id), ['exception.raised']);
  },

  'raises an empty batch without complaint': async ({ exceptions, meta }) => {
    assert.deepEqual(await exceptions.raiseAll([], meta()), []);
  },
};
