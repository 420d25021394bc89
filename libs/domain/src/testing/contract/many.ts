import assert from 'node:assert/strict';
import type { Handled } from '../../desks/handle-many';
import type { ReconException } from '../../exception/recon-exception';
import type { Result } from '../../result';
import { aReport, sampleCommands } from '../builders';
import { accepted, atOnce, present, sorted, targetsOf, tally, type Promises, type Setting } from './setting';

const { exception: sample } = sampleCommands;

const raisedMany = async ({ exceptions, newId, meta }: Setting, count: number): Promise<ReconException[]> => {
  const reports = Array.from({ length: count }, () => aReport({ transactionId: newId() }));
  return (await exceptions.raiseAll(reports, meta())).map((outcome) => accepted(outcome).state);
};

const loadAll = ({ read }: Setting, ...ids: string[]) => read((tx) => tx.exceptions.loadAll(ids));

/** Many exceptions in one unit of work. */
export const many: Promises = {
  'loads those of many that there are, each once and with its facts, whatever the letter case': async (
    setting,
  ) => {
    const { raised, disputed, exceptions, meta, exception, newId } = setting;
    const [{ id: one }, { id: two }, { id: three }] = [await raised(), await raised(), await raised()];
    await disputed(one);
    await disputed((await raised()).id);
    accepted(await exceptions.handle(two, { type: 'dispatch', target: 'JIRA' }, meta()));
    accepted(await exceptions.handle(three, sample.adjust_entry, meta()));
    const all = [one, two, three];
    const expected = await Promise.all(all.map((id) => exception(id)));
    assert.equal(expected[0]?.facts.activeDisputes.length, 1);
    assert.equal(expected[1]?.facts.liveDispatches.length, 1);
    const asked = [...all, newId(), two.toUpperCase(), one, newId()];
    assert.deepEqual(sorted(await loadAll(setting, ...asked)), sorted(expected));
    assert.deepEqual(await loadAll(setting, two.toUpperCase()), [expected[1]]);
  },

  'takes text among many ids that is no UUID for one it has not seen': async (setting) => {
    const { id } = await setting.raised();
    const texts = ['', ' ', 'x', `{${id}}`, id.replaceAll('-', ''), `${id} `, '{}', '\u0000', '\ud83d', '😀'];
    assert.deepEqual(await loadAll(setting, ...texts), []);
    assert.deepEqual(await loadAll(setting, ...texts, id), [await setting.exception(id)]);
  },

  'loads nothing where no id is given': async (setting) => {
    await setting.raised();
    assert.deepEqual(await loadAll(setting), []);
    assert.deepEqual(accepted(await setting.exceptions.handleAll([], sample.assign, setting.meta())), []);
  },

  'finds the reply together with as many as there are': async (setting) => {
    const { raised, remember, newId, read } = setting;
    const [{ id: one }, { id: two }] = [await raised(), await raised()];
    const [key, reply] = [newId(), { fingerprint: 'f', answer: 'a' }];
    await remember(reply, key);
    for (const ids of [[one, two], [newId()], []]) {
      const found = await read(
        async (tx) => [await tx.exceptions.loadAll(ids), await tx.replies.find()],
        key,
      );
      assert.deepEqual(found[1], reply);
    }
  },

  'gives a command to three hundred at once, and refuses alone who may not be given it': async (setting) => {
    const { exceptions, meta, newId, history } = setting;
    const all = (await raisedMany(setting, 300)).map(({ id }) => id);
    const done = all.filter((_, i) => i % 10 === 3);
    assert.deepEqual(tallyOf(await exceptions.handleAll(done, sample.resolve, meta())), { ok: 30 });

    const unknown = newId();
    const asked = [...all.slice(0, 150), unknown, ...all.slice(150), present(all[0]).toUpperCase()];
    const outcomes = await exceptions.handleAll(asked, sample.assign, meta({ actor: 'bo' }));
    assert.deepEqual(tallyOf(outcomes), { ok: 270, not_allowed: 30, not_found: 1 });
    const handled = accepted(outcomes);
    assert.deepEqual(
      handled.map(({ id }) => id),
      asked.slice(0, -1),
    );

    const states = new Map(
      (await loadAll(setting, ...all)).map(({ exception }) => [exception.id, exception]),
    );
    assert.equal(states.size, 300);
    for (const { id, outcome } of handled.filter((one) => one.id !== unknown)) {
      if (outcome.ok) assert.deepEqual(states.get(id), outcome.value.state);
      assert.equal(states.get(id)?.status, outcome.ok ? 'ASSIGNED' : 'RESOLVED');
      const [, line, ...more] = await history(id);
      assert.deepEqual(more, []);
      if (outcome.ok) assert.deepEqual([line], outcome.value.events);
      else assert.equal(line?.type, 'exception.resolved');
    }
    assert.deepEqual(await history(unknown), []);
  },

  'books and hands over for each of many what it would for one': async (setting) => {
    const { exceptions, meta, adjustments, exception } = setting;
    const ids = (await raisedMany(setting, 20)).map(({ id }) => id);
    accepted(await exceptions.handleAll(ids, { type: 'dispatch', target: 'JIRA' }, meta()));
    for (const id of ids) {
      assert.deepEqual(targetsOf(await exception(id)), ['JIRA']);
    }
    const handled = accepted(await exceptions.handleAll(ids, sample.adjust_entry, meta()));
    for (const { id, outcome } of handled) {
      assert.deepEqual(await adjustments(id), [accepted(outcome).adjustment]);
      assert.deepEqual((await exception(id))?.facts.liveDispatches, []);
    }
  },

  'changes each once when ten give a command to many of the same, in whatever order': async (setting) => {
    const { exceptions, meta, history } = setting;
    const all = (await raisedMany(setting, 40)).map(({ id }) => id);
    const outcomes = await atOnce(10, async (i) => {
      const mine = [...all, ...all].slice(3 * i, 3 * i + 25);
      const ids = i % 2 ? mine.reverse() : mine;
      return accepted(await exceptions.handleAll(ids, sample.resolve, meta({ actor: `worker ${i}` })));
    });
    for (const id of all) {
      const own = outcomes.flat().filter((one) => one.id === id);
      const refused = own.length > 1 && { not_allowed: own.length - 1 };
      assert.deepEqual(tally(own.map(({ outcome }) => outcome)), own.length > 0 ? { ok: 1, ...refused } : {});
      assert.equal((await history(id)).length, own.length > 0 ? 2 : 1);
    }
  },

  'gives a command to many once for one key, and answers alike': async (setting) => {
    const { exceptions, meta, newId, history } = setting;
    const ids = (await raisedMany(setting, 10)).map(({ id }) => id);
    const asked = meta({ idempotency: { key: newId(), fingerprint: 'f' } });
    const [first, ...others] = await atOnce(5, () => exceptions.handleAll(ids, sample.assign, asked));
    assert.deepEqual(tallyOf(present(first)), { ok: 10 });
    for (const other of others) assert.deepEqual(other, first);
    for (const id of ids) assert.equal((await history(id)).length, 2);
  },
};

const tallyOf = (outcomes: Result<readonly Handled[]>): Record<string, number> =>
  tally(accepted(outcomes).map(({ outcome }) => outcome));
