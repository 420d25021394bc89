import assert from 'node:assert/strict';
import type { ReconException } from '../../exception/recon-exception';
import { aCallback, sampleCommands } from '../builders';
import { accepted, atOnce, present, sorted, targetsOf, tally, type Promises, type Setting } from './setting';

const dispatched = async ({ raised, exceptions, meta }: Setting): Promise<ReconException> => {
  const { id } = await raised();
  return accepted(await exceptions.handle(id, { type: 'dispatch', target: 'JIRA' }, meta())).state;
};

/** What external systems say of what was dispatched to them. */
export const callbacks: Promises = {
  'keeps a hand-over that was taken up, until the exception is resolved or taken back': async (setting) => {
    const { exceptions, meta, exception } = setting;
    const { exception: sample } = sampleCommands;
    const ends = [[sample.resolve], [sample.dispatch, sample.recall], [sample.propose, sample.confirm]];
    for (const commands of ends) {
      const { id } = await dispatched(setting);
      const callback = aCallback({ status: 'ASSIGNED', updatedAt: '2026-01-02T08:00:00.001Z' });
      const { state } = accepted(await exceptions.receive(id, callback, meta()));
      assert.deepEqual((await exception(id))?.exception, state);
      assert.deepEqual([state.status, state.externalUpdatedAt], ['ASSIGNED', callback.updatedAt]);
      for (const [i, command] of commands.entries()) {
        assert.deepEqual(targetsOf(await exception(id)).slice(0, 1), ['JIRA']);
        accepted(await exceptions.handle(id, command, meta({ actor: `actor ${i}` })));
      }
      assert.deepEqual((await exception(id))?.facts.liveDispatches, []);
    }
  },

  'keeps a callback that came too late in the history, and the exception as it is': async (setting) => {
    const { exceptions, meta, exception, history } = setting;
    const { id } = await dispatched(setting);
    accepted(await exceptions.receive(id, aCallback({ status: 'ASSIGNED' }), meta()));
    const before = present(await exception(id));
    const late = aCallback({ updatedAt: '2020-01-01T00:00:00.000Z', payload: '"\\u0000 \\" 😀"' });
    const outcomes = await atOnce(10, async () => accepted(await exceptions.receive(id, late, meta())));
    assert.deepEqual(await exception(id), before);
    const lines = (await history(id)).slice(3);
    assert.deepEqual(sorted(lines), sorted(outcomes.flatMap(({ events }) => events)));
    assert.ok(lines.every(({ version }) => version === before.exception.version));
    accepted(await exceptions.receive(id, aCallback(), meta()));
    assert.equal((await history(id)).at(-1)?.version, before.exception.version + 1);
  },

  'resolves once when ten say at the same time that it is': async (setting) => {
    const { exceptions, meta, history } = setting;
    const { id } = await dispatched(setting);
    const outcomes = await atOnce(10, () => exceptions.receive(id, aCallback(), meta()));
    assert.deepEqual(tally(outcomes), { ok: 1, not_allowed: 9 });
    const [done] = outcomes.filter((outcome) => outcome.ok);
    assert.deepEqual((await history(id)).slice(2), accepted(present(done)).events);
  },
};
