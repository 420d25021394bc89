import assert from 'node:assert/strict';
import { decideDispute } from '../../dispute/dispute';
import { decide } from '../../exception/exception';
import { noFacts } from '../../exception/exception.facts';
import { raise } from '../../exception/raise';
import { ok, refuse } from '../../result';
import { aReport, sampleCommands } from '../builders';
import { accepted, commits, type Promises } from './setting';

const { exception: sample, dispute: ofDisputes } = sampleCommands;
const reply = { fingerprint: 'what was asked', answer: '{"what":"was answered"}' };

/** All of a unit of work, or nothing. */
export const unitsOfWork: Promises = {
  'gives back what the work came to': async ({ run, newId }) => {
    assert.deepEqual(await run(async () => ok({ any: 'value' })), ok({ any: 'value' }));
    const refusal = refuse({ code: 'not_found', what: 'exception', id: newId() });
    assert.deepEqual(await run(async () => refusal), refusal);
  },

  'commits everything together when the work is ok': async ({ run, read, ctx, newId, exception }) => {
    const replyKey = newId();
    const [one, two] = ['LATE', 'LOST'].map((reason) => accepted(raise(aReport({ reason }), ctx())));
    assert.ok(one && two);
    await run(async (tx) => {
      await tx.exceptions.save(one);
      await tx.exceptions.save(two);
      await tx.replies.remember(reply);
      return ok(undefined);
    }, replyKey);
    assert.deepEqual((await exception(one.state.id))?.exception, one.state);
    assert.deepEqual((await exception(two.state.id))?.exception, two.state);
    assert.deepEqual(await read((tx) => tx.replies.find(), replyKey), reply);
  },

  'writes nothing when the work refuses, but keeps the reply': async (setting) => {
    const { run, read, raised, ctx, newId, exception, history, adjustments } = setting;
    const replyKey = newId();
    const before = await raised();
    const fresh = accepted(raise(aReport(), ctx()));
    const refusal = refuse({ code: 'still_pending', waitsFor: 'approval' });
    const outcome = await run(async (tx) => {
      await tx.exceptions.save(fresh);
      await tx.exceptions.save(accepted(decide(before, sample.adjust_entry, ctx())));
      await tx.replies.remember(reply);
      return refusal;
    }, replyKey);
    assert.deepEqual(outcome, refusal);
    assert.equal(await exception(fresh.state.id), undefined);
    assert.deepEqual((await exception(before.id))?.exception, before);
    assert.equal((await history(before.id)).length, 1);
    assert.deepEqual(await history(fresh.state.id), []);
    assert.deepEqual(await adjustments(before.id), []);
    assert.deepEqual(await read((tx) => tx.replies.find(), replyKey), reply);
  },

  'writes nothing at all when the work throws, and lets the error out': async (setting) => {
    const { run, read, raised, ctx, newId, exception, history, adjustments } = setting;
    const replyKey = newId();
    const before = await raised();
    const fresh = accepted(raise(aReport(), ctx()));
    const error = new Error('out of paper');
    const work = run(async (tx) => {
      await tx.exceptions.save(fresh);
      await tx.exceptions.save(accepted(decide(before, sample.adjust_entry, ctx())));
      await tx.replies.remember(reply);
      throw error;
    }, replyKey);
    await assert.rejects(work, (thrown) => thrown === error);
    assert.equal(await exception(fresh.state.id), undefined);
    assert.deepEqual((await exception(before.id))?.exception, before);
    assert.equal((await history(before.id)).length, 1);
    assert.deepEqual(await history(fresh.state.id), []);
    assert.deepEqual(await adjustments(before.id), []);
    assert.equal(await read((tx) => tx.replies.find(), replyKey), undefined);
  },

  'goes on after an error as if nothing had happened': async ({ run, raised, exceptions, meta }) => {
    const { id } = await raised();
    for (let i = 0; i < 20; i++) {
      await assert.rejects(
        run(async (tx) => Promise.reject(new Error(`${!!(await tx.exceptions.load(id))}`))),
        /true/,
      );
    }
    assert.equal(accepted(await exceptions.handle(id, sample.assign, meta())).state.version, 2);
  },

  'never saves an exception over another version than the decision was made on': async (setting) => {
    const { save, raised, exceptions, meta, ctx, exception, history } = setting;
    const before = await raised();
    const resolved = accepted(decide(before, sample.force_match, ctx()));
    const now = accepted(await exceptions.handle(before.id, sample.assign, meta())).state;
    for (const basedOn of [0, 1, 3]) {
      const state = { ...resolved.state, version: basedOn + 1 };
      assert.equal(await commits(save({ ...resolved, basedOn, state })), false);
    }
    assert.deepEqual((await exception(before.id))?.exception, now);
    assert.equal((await history(before.id)).length, 2);
  },

  'never saves a dispute over another version than the decision was made on': async (setting) => {
    const { saveDispute, raised, disputed, disputes, meta, ctx, dispute, history } = setting;
    const { id: exceptionId } = await raised();
    const before = await disputed(exceptionId);
    const won = accepted(decideDispute(before, ofDisputes.win, ctx(), noFacts));
    const now = accepted(await disputes.handle(before.id, ofDisputes.submit_evidence, meta())).state;
    for (const basedOn of [0, 1, 3]) {
      const state = { ...won.state, version: basedOn + 1 };
      assert.equal(await commits(saveDispute({ ...won, basedOn, state })), false);
    }
    assert.deepEqual(await dispute(before.id), now);
    assert.equal((await history(exceptionId)).length, 3);
  },

  'commits none of several changes when one of them is stale': async (setting) => {
    const { run, raised, exceptions, meta, ctx, exception, history } = setting;
    const [fresh, stale] = [await raised(), await raised()];
    const changes = [fresh, stale].map((state) => accepted(decide(state, sample.resolve, ctx())));
    accepted(await exceptions.handle(stale.id, sample.assign, meta()));
    const unit = run(async (tx) => {
      for (const change of changes) await tx.exceptions.save(change);
      return ok(undefined);
    });
    assert.equal(await commits(unit), false);
    assert.deepEqual((await exception(fresh.id))?.exception, fresh);
    assert.equal((await history(fresh.id)).length, 1);
  },
};
