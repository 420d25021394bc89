import assert from 'node:assert/strict';
import { addComment } from '../../comment/comment';
import { openDispute } from '../../dispute/dispute';
import { decide } from '../../exception/exception';
import { noFacts } from '../../exception/exception.facts';
import { raise } from '../../exception/raise';
import { ok, refuse, type Result } from '../../result';
import { aReport, sampleCommands } from '../builders';
import { accepted, present, verdict, type Promises } from './setting';

const { exception: sample } = sampleCommands;
const reply = { fingerprint: 'what was asked', answer: '{"what":"was answered"}' };

/** A preview has the outcome of the command, and changes nothing. */
export const previews: Promises = {
  'writes nothing at all in a dry run, not even a reply': async (setting) => {
    const { harness, tenant, ctx, newId, raised, exception, dispute, comment, read } = setting;
    const before = await raised();
    const fresh = accepted(raise(aReport(), ctx()));
    const adjusted = accepted(decide(before, sample.adjust_entry, ctx()));
    const opened = accepted(
      openDispute(before.id, { category: 'OTHER', description: 'Wrong.' }, ctx(), noFacts),
    );
    const added = accepted(addComment(before.id, 'Looks odd.', ctx()));
    const refusal = refuse({ code: 'still_pending', waitsFor: 'approval' });
    const outcomes: readonly Result<string>[] = [ok('what came of it'), refusal];
    for (const outcome of outcomes) {
      const replyKey = newId();
      const run = harness.uow.run({ tenant, replyKey, dryRun: true }, async (tx) => {
        await tx.exceptions.save(fresh);
        await tx.exceptions.save(adjusted);
        await tx.disputes.save(opened);
        await tx.comments.save(added);
        await tx.replies.remember(reply);
        return outcome;
      });
      assert.deepEqual(await run, outcome);
      assert.equal(await exception(fresh.state.id), undefined);
      assert.deepEqual(await exception(before.id), { exception: before, facts: noFacts });
      assert.equal(await dispute(opened.state.id), undefined);
      assert.equal(await comment(before.id, added.state.id), undefined);
      assert.equal((await setting.history(before.id)).length, 1);
      assert.deepEqual(await setting.history(fresh.state.id), []);
      assert.deepEqual(await setting.adjustments(before.id), []);
      assert.equal(await read((tx) => tx.replies.find(), replyKey), undefined);
    }
  },

  'sees in a dry run what is there, and lets errors out': async ({ harness, tenant, raised, exception }) => {
    const { id } = await raised();
    const session = { tenant, dryRun: true } as const;
    const seen = await harness.uow.run(session, async (tx) => ok(await tx.exceptions.load(id)));
    assert.deepEqual(accepted(seen), await exception(id));
    const error = new Error('out of paper');
    const thrown = harness.uow.run(session, async () => Promise.reject(error));
    await assert.rejects(thrown, (reason) => reason === error);
  },

  'tells beforehand what a command then does, and leaves its key usable': async (setting) => {
    const { exceptions, comments, disputes, meta, newId, raised, exception, history } = setting;
    const { id } = await raised();
    const request = { idempotency: { key: newId(), fingerprint: 'f' } };
    const previewed = await exceptions.handle(id, sample.resolve, meta({ ...request, preview: true }));
    const opening = { category: 'OTHER', description: 'Wrong.' } as const;
    accepted(await disputes.open(id, opening, meta({ preview: true })));
    accepted(await comments.add(id, 'Looks odd.', meta({ preview: true })));
    assert.equal((await exception(id))?.exception.version, 1);
    assert.equal((await history(id)).length, 1);

    const done = await exceptions.handle(id, sample.resolve, meta(request));
    assert.deepEqual(accepted(previewed).state, accepted(done).state);
    assert.equal(
      verdict(await exceptions.handle(id, sample.resolve, meta({ preview: true }))),
      'not_allowed',
    );
    assert.deepEqual(await exceptions.handle(id, sample.resolve, meta(request)), done);
    assert.equal((await history(id)).length, 2);
  },

  'tells beforehand what a command to many, or a batch of reports, comes to': async (setting) => {
    const { exceptions, meta, raised, newId, exception, read } = setting;
    const [one, two] = [await raised(), await raised()];
    accepted(await exceptions.handle(two.id, sample.resolve, meta()));
    const asked = [one.id, two.id, newId()];
    const previewed = accepted(await exceptions.handleAll(asked, sample.resolve, meta({ preview: true })));
    assert.deepEqual(
      previewed.map(({ outcome }) => verdict(outcome)),
      ['ok', 'not_allowed', 'not_found'],
    );
    assert.deepEqual((await exception(one.id))?.exception, one);

    const report = aReport({ transactionId: newId() });
    const { transactionId, reason } = one;
    const reports = [report, { transactionId, reason }];
    const [fresh, again] = await exceptions.raiseAll(reports, meta({ preview: true }));
    assert.deepEqual([accepted(present(fresh)).basedOn, accepted(present(again)).state.seenCount], [0, 2]);
    assert.deepEqual(await read((tx) => tx.exceptions.unresolved(reports)), [one]);
  },
};
