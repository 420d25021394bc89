import assert from 'node:assert/strict';
import { sampleCommands } from '../builders';
import { accepted, atOnce, type Promises } from './setting';

const { exception: sample } = sampleCommands;

/** Many who report the same at the same time are all counted. */
export const concurrentReports: Promises = {
  'makes one exception of ten reports of the same': async ({
    exceptions,
    meta,
    newId,
    exception,
    history,
  }) => {
    const report = { transactionId: newId(), reason: 'LATE' };
    const outcomes = await atOnce(10, async () => accepted(await exceptions.raise(report, meta())));
    const [id, ...others] = new Set(outcomes.map(({ state }) => state.id));
    assert.ok(id);
    assert.deepEqual(others, []);
    assert.equal(outcomes.filter(({ basedOn }) => basedOn === 0).length, 1);
    assert.equal((await history(id)).length, 1);
    assert.equal((await exception(id))?.exception.version, 1);
  },

  'counts every one of ten sightings, and loses none to an assignment': async (setting) => {
    const { exceptions, meta, raised, exception } = setting;
    const { id, transactionId, reason } = await raised();
    const [assigned] = await Promise.all([
      exceptions.handle(id, sample.assign, meta()),
      atOnce(10, () => exceptions.raise({ transactionId, reason }, meta())),
    ]);
    accepted(assigned);
    const state = (await exception(id))?.exception;
    assert.equal(state?.assignedTo, 'bo');
    assert.equal(state.seenCount, 11);
  },

  'loses nothing when two batches meet, in whatever order they name the same': async (setting) => {
    const { exceptions, meta, newId, read } = setting;
    const reports = Array.from({ length: 20 }, () => ({ transactionId: newId(), reason: 'LATE' }));
    const batches = await Promise.all(
      [reports, [...reports].reverse(), reports].map((batch) => exceptions.raiseAll(batch, meta())),
    );
    assert.ok(batches.flat().every((outcome) => outcome.ok));
    const found = await read((tx) => tx.exceptions.unresolved(reports));
    assert.equal(found.length, reports.length);
    assert.ok(found.every(({ seenCount }) => seenCount === 3));
  },
};
