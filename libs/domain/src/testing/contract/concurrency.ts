import assert from 'node:assert/strict';
import { decide } from '../../exception/exception';
import { ok } from '../../result';
import { sampleCommands } from '../builders';
import { accepted, atOnce, present, sorted, targetsOf, verdict, type Promises } from './setting';

const { exception: sample, dispute: ofDisputes } = sampleCommands;

const patienceMs = 100;

/** A barrier: all pass once `expected` have come. A store that admits one at a time lets that one pass after a while. */
function meetingPoint(expected: number): () => Promise<unknown> {
  let open = (): void => undefined;
  const allCame = new Promise<void>((resolve) => (open = resolve));
  let here = 0;
  return () => {
    if (++here === expected) open();
    return Promise.race([allCame, new Promise((resolve) => setTimeout(resolve, patienceMs))]);
  };
}

const oneAnd = (others: number, code: string): string[] => ['ok', ...Array<string>(others).fill(code)].sort();

/** Many at the same time leave what they would have left one after another. */
export const concurrency: Promises = {
  'runs the work again on the new state when another unit of work was faster': async (setting) => {
    const { raised, run, ctx, exception, history } = setting;
    const { id } = await raised();
    const meet = meetingPoint(2);
    const runs = await atOnce(2, async (worker) => {
      let count = 0;
      await run(async (tx) => {
        count += 1;
        const loaded = await tx.exceptions.load(id);
        assert.ok(loaded);
        if (count === 1) await meet();
        const change = accepted(
          decide(loaded.exception, { type: 'assign', assignee: `worker ${worker}` }, ctx()),
        );
        await tx.exceptions.save(change);
        return ok(undefined);
      });
      return count;
    });
    const [, first, second] = await history(id);
    assert.equal((await exception(id))?.exception.version, 3);
    assert.deepEqual([first?.version, second?.version], [2, 3]);
    assert.equal(second?.changes['assignedTo']?.from, first?.changes['assignedTo']?.to);
    assert.ok(
      runs.every((count) => count === 1 || count === 2),
      `ran ${runs.join(' and ')} times`,
    );
  },

  'lets one of twenty resolve, and books one adjustment': async (setting) => {
    const { raised, exceptions, meta, exception, history, adjustments } = setting;
    const { id } = await raised();
    const outcomes = await atOnce(20, (i) =>
      exceptions.handle(
        id,
        { ...sample.adjust_entry, amount: `${i + 1}.00` },
        meta({ actor: `worker ${i}` }),
      ),
    );
    assert.deepEqual(outcomes.map(verdict).sort(), oneAnd(19, 'not_allowed'));
    const winner = accepted(present(outcomes.find((outcome) => outcome.ok)));
    assert.deepEqual((await exception(id))?.exception, winner.state);
    assert.deepEqual(await adjustments(id), [winner.adjustment]);
    assert.equal((await history(id)).length, 2);
  },

  'lets one of twenty hand it over': async ({ raised, exceptions, meta, exception, history }) => {
    const { id } = await raised();
    const outcomes = await atOnce(20, () =>
      exceptions.handle(id, { type: 'dispatch', target: 'JIRA' }, meta()),
    );
    assert.deepEqual(outcomes.map(verdict).sort(), oneAnd(19, 'already_dispatched'));
    assert.deepEqual(targetsOf(await exception(id)), ['JIRA']);
    assert.equal((await history(id)).length, 2);
  },

  'lets one of twenty who saw the same version through': async ({ raised, exceptions, meta, exception }) => {
    const { id, version } = await raised();
    const outcomes = await atOnce(20, (i) =>
      exceptions.handle(id, { type: 'assign', assignee: `worker ${i}` }, meta({ expectedVersion: version })),
    );
    assert.deepEqual(outcomes.map(verdict).sort(), oneAnd(19, 'stale_version'));
    assert.equal((await exception(id))?.exception.version, 2);
  },

  'loses none of twenty assignments and counts their versions without a gap': async (setting) => {
    const { raised, exceptions, meta, exception, history } = setting;
    const { id } = await raised();
    const outcomes = await atOnce(20, (i) =>
      exceptions.handle(id, { type: 'assign', assignee: `worker ${i}` }, meta({ actor: `worker ${i}` })),
    );
    const done = outcomes.filter((outcome) => outcome.ok).map((outcome) => accepted(outcome));
    assert.ok(done.length > 0);
    const lines = await history(id);
    const versions = Array.from({ length: 1 + done.length }, (_, i) => i + 1);
    assert.deepEqual(
      lines.map(({ version }) => version),
      versions,
    );
    assert.deepEqual(sorted(lines.slice(1)), sorted(done.flatMap(({ events }) => events)));
    const { state } = present(done.find((change) => change.state.version === versions.length));
    assert.deepEqual((await exception(id))?.exception, state);
  },

  'opens one of three disputes of one category': async ({ raised, disputes, meta, history }) => {
    const { id } = await raised();
    const outcomes = await atOnce(3, () =>
      disputes.open(id, { category: 'OTHER', description: 'Wrong.' }, meta()),
    );
    assert.deepEqual(outcomes.map(verdict).sort(), oneAnd(2, 'dispute_active'));
    assert.equal((await history(id)).length, 2);
  },

  'opens disputes of different categories side by side': async ({ raised, disputes, meta, exception }) => {
    const { id } = await raised();
    const categories = ['OTHER', 'BANK_FEE_ERROR', 'AMOUNT_MISMATCH'] as const;
    await atOnce(3, async (i) =>
      accepted(await disputes.open(id, { category: present(categories[i]), description: 'Wrong.' }, meta())),
    );
    assert.equal((await exception(id))?.facts.activeDisputes.length, 3);
  },

  'reopens one dispute of a category, or opens another, but not both': async (setting) => {
    const { raised, disputed, disputes, meta, exception } = setting;
    const { id } = await raised();
    const lost = await disputed(id);
    accepted(await disputes.handle(lost.id, ofDisputes.lose, meta()));
    const outcomes = await Promise.all([
      disputes.handle(lost.id, ofDisputes.reopen, meta()),
      disputes.open(id, { category: lost.category, description: 'Wrong again.' }, meta()),
    ]);
    assert.deepEqual(outcomes.map(verdict).sort(), oneAnd(1, 'dispute_active'));
    assert.equal((await exception(id))?.facts.activeDisputes.length, 1);
  },

  'keeps the evidence of ten who submit at the same time': async (setting) => {
    const { raised, disputed, disputes, meta, dispute, history } = setting;
    const { id } = await raised();
    const { id: disputeId } = await disputed(id);
    const submitted = await atOnce(10, async (i) => {
      const command = { ...ofDisputes.submit_evidence, comment: `paper ${i}` };
      return accepted(await disputes.handle(disputeId, command, meta({ actor: `witness ${i}` })));
    });
    const state = await dispute(disputeId);
    assert.equal(state?.version, 11);
    assert.deepEqual(sorted(state.evidence), sorted(submitted.map(({ evidence }) => present(evidence))));
    const lines = (await history(id)).slice(2);
    assert.deepEqual(
      lines.map(({ version }) => version),
      [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    );
    assert.deepEqual(sorted(lines), sorted(submitted.flatMap(({ events }) => events)));
  },
};
