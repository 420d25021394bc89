import assert from 'node:assert/strict';
import { decide } from '../../exception/exception';
import { raise } from '../../exception/raise';
import { aReport, sampleCommands } from '../builders';
import { accepted, commits, freshTenant, verdict, type Promises } from './setting';

/** Two tenants know nothing of each other. */
export const tenants: Promises = {
  'shows a tenant nothing of another': async (setting) => {
    const { id, transactionId, reason } = await setting.raised();
    const { id: disputeId } = await setting.disputed(id);
    const { id: commentId } = await setting.commented(id);
    const key = setting.newId();
    const request = { idempotency: { key, fingerprint: 'f' } };
    accepted(
      await setting.exceptions.handle(id, sampleCommands.exception.adjust_entry, setting.meta(request)),
    );
    const open = await setting.raised();

    const other = freshTenant(setting.harness);
    assert.equal(await other.exception(id), undefined);
    assert.equal(await other.dispute(disputeId), undefined);
    assert.equal(await other.comment(id, commentId), undefined);
    assert.deepEqual(await other.read((tx) => tx.exceptions.loadAll([id, open.id])), []);
    assert.deepEqual(
      await other.read((tx) => tx.exceptions.unresolved([open, { transactionId, reason }])),
      [],
    );
    assert.equal(await other.read((tx) => tx.replies.find(), key), undefined);
    assert.deepEqual(await other.history(id), []);
    assert.deepEqual(await other.adjustments(id), []);
    const { exception, dispute, comment } = sampleCommands;
    assert.equal(
      verdict(await other.exceptions.handle(open.id, exception.assign, other.meta())),
      'not_found',
    );
    const edited = await other.comments.handle(id, commentId, comment.edit_comment, other.meta());
    assert.equal(verdict(edited), 'not_found');
    assert.equal(verdict(await other.comments.add(id, 'Hello?', other.meta())), 'not_found');
    assert.equal(verdict(await other.disputes.handle(disputeId, dispute.win, other.meta())), 'not_found');
  },

  'lets a tenant write nothing of another': async (setting) => {
    const before = await setting.raised();
    const other = freshTenant(setting.harness);
    const change = accepted(decide(before, sampleCommands.exception.adjust_entry, setting.ctx()));
    const committed = await commits(other.save(change));
    assert.equal(committed, false);
    assert.deepEqual((await setting.exception(before.id))?.exception, before);
    assert.equal((await setting.history(before.id)).length, 1);
    assert.deepEqual(await setting.adjustments(before.id), []);
  },

  'keeps two tenants apart who use the same ids': async (setting) => {
    const id = setting.newId();
    const transactionId = setting.newId();
    const [one, two] = [setting, freshTenant(setting.harness)];
    const both = [one, two];
    for (const [index, { save, newId, ctx }] of both.entries()) {
      const ids = [id];
      const own = ctx({ actor: `tenant ${index}`, newId: () => ids.pop() ?? newId() });
      const change = accepted(raise(aReport({ transactionId, source: `source ${index}` }), own));
      assert.equal(change.state.id, id);
      await save(change);
    }
    for (const [index, { exception, history, read }] of both.entries()) {
      const state = (await exception(id))?.exception;
      assert.equal(state?.source, `source ${index}`);
      assert.deepEqual(await read((tx) => tx.exceptions.unresolved([state])), [state]);
      assert.deepEqual(
        (await history(id)).map(({ actor }) => actor),
        [`tenant ${index}`],
      );
    }
    accepted(await one.exceptions.handle(id, sampleCommands.exception.resolve, one.meta()));
    assert.equal((await two.exception(id))?.exception.status, 'OPEN');
  },
};
