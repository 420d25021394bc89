import { messageLimits } from '../dispatch/ticket-text';
import { aComment, aContext, now, sampleCommands } from '../testing';
import { accepted, refusal } from '../testing/outcomes';
import { limits } from '../value/text';
import { addComment, commentNote, decideComment, type CommentCommand } from './comment';

const { comment: sample } = sampleCommands;
const exceptionId = aComment().exceptionId;

const unfit: [string, string][] = [
  ['', 'must not be blank'],
  [' \n\t', 'must not be blank'],
  ['x'.repeat(limits.comment + 1), 'must be at most 5000 characters'],
  ['a\u0000b', 'must not contain the character U+0000'],
  ['\ud83d', 'must not contain half of a surrogate pair'],
];

describe('adding a comment', () => {
  it('says who wrote what, and when', () => {
    const { basedOn, state, events } = accepted(addComment(exceptionId, 'Looks odd.', aContext()));
    const { id } = state;
    expect(basedOn).toBe(0);
    expect(state).toEqual({
      id: expect.any(String),
      exceptionId,
      version: 1,
      author: 'ana',
      content: 'Looks odd.',
      createdAt: now,
      updatedAt: now,
    });
    expect(events).toEqual([
      {
        id: expect.any(String),
        type: 'comment.added',
        exceptionId,
        commentId: id,
        version: 1,
        actor: 'ana',
        at: now,
        changes: {
          id: { to: id },
          exceptionId: { to: exceptionId },
          author: { to: 'ana' },
          content: { to: 'Looks odd.' },
          createdAt: { to: now },
        },
      },
    ]);
    expect(events[0]?.id).not.toBe(id);
  });

  it.each(unfit)('refuses %j', (content, problem) => {
    const expected = { code: 'invalid_value', field: 'content', problem };
    expect(refusal(addComment(exceptionId, content, aContext()))).toEqual(expected);
  });

  it('takes as many characters as there may be, however wide', () => {
    const content = '😀'.repeat(limits.comment);
    expect(accepted(addComment(exceptionId, content, aContext())).state.content).toBe(content);
  });
});

describe('a comment', () => {
  const later = '2026-02-03T04:05:06.007Z';
  const before = aComment({ version: 4 });
  const change = (command: CommentCommand) =>
    accepted(decideComment(before, command, aContext({ now: later })));

  it('is edited by its author', () => {
    const { basedOn, state, events } = change(sample.edit_comment);
    const { content } = sample.edit_comment;
    expect(basedOn).toBe(4);
    expect(state).toEqual({ ...before, version: 5, content, updatedAt: later });
    expect(events).toMatchObject([
      {
        type: 'comment.edited',
        commentId: before.id,
        version: 5,
        actor: 'ana',
        at: later,
        changes: { content: { from: before.content, to: content } },
      },
    ]);
  });

  it('is deleted by its author, and what it said stays in the state', () => {
    const { basedOn, state, events } = change(sample.delete_comment);
    expect(basedOn).toBe(4);
    expect(state).toEqual({ ...before, version: 5, deletedAt: later, updatedAt: later });
    expect(events).toMatchObject([
      { type: 'comment.deleted', version: 5, at: later, changes: { deletedAt: { to: later } } },
    ]);
  });

  it('is not changed by any other user', () => {
    for (const command of Object.values(sample)) {
      const outcome = decideComment(before, command, aContext({ actor: 'bo' }));
      expect(refusal(outcome)).toEqual({ code: 'not_author', author: 'ana' });
    }
  });

  it.each(unfit)('is not edited to %j by any user', (content, problem) => {
    for (const actor of ['ana', 'bo']) {
      const outcome = decideComment(before, { type: 'edit_comment', content }, aContext({ actor }));
      expect(refusal(outcome)).toEqual({ code: 'invalid_value', field: 'content', problem });
    }
  });
});

describe('the note of a comment', () => {
  const tickets = [
    { id: 'jira', target: 'JIRA' },
    { id: 'by hand', target: 'MANUAL' },
    { id: 'hook', target: 'WEBHOOK' },
  ] as const;
  const added = accepted(
    addComment(exceptionId, 'Called the bank.\r\nThey \u202ewill call back.', aContext(), {
      liveDispatches: tickets,
    }),
  );
  const note = 'ana commented: Called the bank.\nThey will call back.';

  it('goes to each ticket of an external system', () => {
    expect(added.notes).toMatchObject(
      ['jira', 'hook'].map((ticketId) => ({ ticketId, exceptionId, kind: 'note', state: 'RESERVED', note })),
    );
    expect(
      accepted(addComment(exceptionId, 'Hi.', aContext(), { liveDispatches: tickets.slice(1, 2) })).notes,
    ).toBeUndefined();
    expect(accepted(addComment(exceptionId, 'Hi.', aContext())).notes).toBeUndefined();
  });

  it('has the text of the comment', () => {
    expect(commentNote(added.events[0]!)).toBe(note);
    const before = aComment({ author: 'ana' });
    const edited = accepted(decideComment(before, { type: 'edit_comment', content: 'No.' }, aContext()));
    expect(commentNote(edited.events[0]!)).toBe('ana changed a comment: No.');
  });

  it('is cut to the limit of a message', () => {
    const event = { ...added.events[0]!, changes: { content: { to: 'x'.repeat(100_000) } } };
    expect(commentNote(event)).toHaveLength(messageLimits.paragraphs);
  });

  it('is not written about a deletion', () => {
    const before = aComment({ author: 'ana' });
    const deleted = accepted(decideComment(before, { type: 'delete_comment' }, aContext()));
    expect(commentNote(deleted.events[0]!)).toBeUndefined();
  });
});
