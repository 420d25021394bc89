import assert from 'node:assert/strict';
import { addComment, decideComment } from '../../comment/comment';
import { ok, refuse } from '../../result';
import { limits } from '../../value/text';
import { aComment, sampleCommands } from '../builders';
import { awkward } from './saving';
import { accepted, atOnce, commits, sorted, tally, verdict, type Promises } from './setting';

const { comment: sample, exception: ofExceptions } = sampleCommands;

/** Comments of an exception, and the lines they are in its history. */
export const comments: Promises = {
  'gives back a comment, every field of it, letter by letter': async (setting) => {
    const { raised, newId, saveComment, comment } = setting;
    const { id: exceptionId } = await raised();
    for (const content of [...awkward, '\u{1f600}'.repeat(limits.comment)]) {
      const state = aComment({
        id: newId(),
        exceptionId,
        version: 3,
        author: awkward.join().slice(0, 200),
        content,
        createdAt: '0001-01-01T00:00:00.000Z',
        updatedAt: '9999-12-31T23:59:59.999Z',
      });
      await saveComment({ basedOn: 0, state, events: [] });
      assert.deepEqual(await comment(exceptionId, state.id), state);
    }
  },

  'finds a comment under its exception alone, whatever the letter case': async (setting) => {
    const { raised, commented, comment, newId } = setting;
    const [{ id: exceptionId }, { id: elsewhere }] = [await raised(), await raised()];
    const state = await commented(exceptionId);
    const { id } = state;
    assert.deepEqual(await comment(exceptionId.toUpperCase(), id.toUpperCase()), state);
    assert.equal(await comment(elsewhere, id), undefined);
    assert.equal(await comment(newId(), id), undefined);
    assert.equal(await comment(exceptionId, newId()), undefined);
    assert.equal(await comment(exceptionId, exceptionId), undefined);
    for (const text of ['', 'x', `{${id}}`, id.replaceAll('-', ''), '\u0000', '😀']) {
      assert.equal(await comment(exceptionId, text), undefined);
      assert.equal(await comment(text, id), undefined);
    }
  },

  'takes as many comments of an exception as there may be, and no more': async (setting) => {
    const { raised, comments: desk, meta, run, ctx, exception } = setting;
    const { id } = await raised();
    const add = () => desk.add(id, 'One more.', meta());
    const written = await run(async (tx) => {
      await tx.exceptions.load(id);
      for (let i = 1; i < limits.comments; i++)
        await tx.comments.save(accepted(addComment(id, `Comment ${i}`, ctx())));
      return ok(undefined);
    });
    accepted(written);
    assert.equal((await exception(id))?.facts.commentsFull, undefined);
    const last = accepted(await add()).state;
    assert.equal((await exception(id))?.facts.commentsFull, true);
    assert.equal(verdict(await add()), 'invalid_value');
    // The others can still be edited; a deleted one stays in the history, and makes no place.
    accepted(await desk.handle(id, last.id, { type: 'edit_comment', content: 'Edited.' }, meta()));
    accepted(await desk.handle(id, last.id, { type: 'delete_comment' }, meta()));
    assert.equal(verdict(await add()), 'invalid_value');
  },

  'keeps what was edited, and shows no more what was deleted': async (setting) => {
    const { raised, commented, comment, comments: desk, meta } = setting;
    const { id: exceptionId } = await raised();
    const [one, other] = [await commented(exceptionId), await commented(exceptionId)];
    const edited = accepted(await desk.handle(exceptionId, one.id, sample.edit_comment, meta())).state;
    assert.equal(edited.content, sample.edit_comment.content);
    assert.deepEqual(await comment(exceptionId, one.id), edited);
    accepted(await desk.handle(exceptionId, one.id, sample.delete_comment, meta()));
    assert.equal(await comment(exceptionId, one.id), undefined);
    const again = await desk.handle(exceptionId, one.id, sample.delete_comment, meta());
    assert.equal(verdict(again), 'not_found');
    assert.deepEqual(await comment(exceptionId, other.id), other);
  },

  'tells comments in the history of their exception, letter by letter, and leaves it alone': async (
    setting,
  ) => {
    const { raised, exceptions, exception, comments: desk, meta, history } = setting;
    const { id } = await raised();
    accepted(await exceptions.handle(id, ofExceptions.resolve, meta()));
    const before = await exception(id);
    const added = accepted(await desk.add(id.toUpperCase(), awkward.join(), meta()));
    const changes = [added];
    for (const command of [sample.edit_comment, sample.delete_comment]) {
      changes.push(accepted(await desk.handle(id, added.state.id, command, meta())));
    }
    assert.deepEqual(
      (await history(id)).slice(2),
      changes.flatMap(({ events }) => events),
    );
    assert.deepEqual(await exception(id), before);
  },

  'commits a comment with all else, or not at all': async ({ raised, run, ctx, comment, history }) => {
    const { id: exceptionId } = await raised();
    const state = aComment({ id: ctx().newId(), exceptionId });
    const refusal = refuse({ code: 'not_author', author: 'bo' });
    const save = (outcome: typeof refusal | ReturnType<typeof ok>) =>
      run(async (tx) => {
        await tx.exceptions.load(exceptionId);
        await tx.comments.save({ basedOn: 0, state, events: [] });
        return outcome;
      });
    assert.deepEqual(await save(refusal), refusal);
    assert.equal(await comment(exceptionId, state.id), undefined);
    await save(ok(undefined));
    assert.deepEqual(await comment(exceptionId, state.id), state);
    assert.equal((await history(exceptionId)).length, 1);
  },

  'never saves a comment over another version than the decision was made on': async (setting) => {
    const { raised, commented, comment, comments: desk, saveComment, meta, ctx, history } = setting;
    const { id: exceptionId } = await raised();
    const before = await commented(exceptionId);
    const deleted = accepted(decideComment(before, sample.delete_comment, ctx()));
    const now = accepted(await desk.handle(exceptionId, before.id, sample.edit_comment, meta())).state;
    for (const basedOn of [0, 1, 3]) {
      const state = { ...deleted.state, version: basedOn + 1 };
      assert.equal(await commits(saveComment({ ...deleted, basedOn, state })), false);
    }
    assert.deepEqual(await comment(exceptionId, before.id), now);
    assert.equal((await history(exceptionId)).length, 3);
  },

  'loses none of ten edits, and lets one of ten who saw the same version through': async (setting) => {
    const { raised, commented, comment, comments: desk, meta, history } = setting;
    const { id: exceptionId } = await raised();
    const { id } = await commented(exceptionId);
    const edit = (i: number, expectedVersion?: number) =>
      desk.handle(
        exceptionId,
        id,
        { type: 'edit_comment', content: `edit ${i}` },
        meta(expectedVersion === undefined ? {} : { expectedVersion }),
      );
    const edited = (await atOnce(10, (i) => edit(i))).map((outcome) => accepted(outcome));
    const lines = (await history(exceptionId)).slice(2);
    assert.deepEqual(
      lines.map(({ version }) => version),
      [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    );
    assert.deepEqual(sorted(lines), sorted(edited.flatMap(({ events }) => events)));
    const last = edited.find(({ state }) => state.version === 11)?.state;
    assert.deepEqual(await comment(exceptionId, id), last);
    assert.deepEqual(tally(await atOnce(10, (i) => edit(i, 11))), { ok: 1, stale_version: 9 });
  },

  'deletes a comment once when ten want to': async ({ raised, commented, comments: desk, meta, history }) => {
    const { id: exceptionId } = await raised();
    const { id } = await commented(exceptionId);
    const outcomes = await atOnce(10, () => desk.handle(exceptionId, id, sample.delete_comment, meta()));
    assert.deepEqual(tally(outcomes), { ok: 1, not_found: 9 });
    assert.equal((await history(exceptionId)).length, 3);
  },

  'keeps ten comments and an assignment that come at the same time': async (setting) => {
    const { raised, exceptions, comments: desk, meta, exception, comment, history } = setting;
    const { id } = await raised();
    const [assigned, added] = await Promise.all([
      exceptions.handle(id, ofExceptions.assign, meta()),
      atOnce(10, async (i) => accepted(await desk.add(id, `comment ${i}`, meta()))),
    ]);
    assert.deepEqual((await exception(id))?.exception, accepted(assigned).state);
    for (const { state } of added) assert.deepEqual(await comment(id, state.id), state);
    const events = [...accepted(assigned).events, ...added.flatMap((change) => change.events)];
    assert.deepEqual(sorted((await history(id)).slice(1)), sorted(events));
  },
};
