import fc from 'fast-check';
import { aContext, anException, sequentialIds } from '../testing';
import { addComment, decideComment, type Comment, type CommentChange } from './comment';

const step = fc.record({
  /** Undefined deletes. */
  content: fc.option(fc.string({ minLength: 1, maxLength: 10, unit: 'grapheme' }), { nil: undefined }),
  actor: fc.constantFrom('ana', 'bo'),
});

/** Every change of one comment; what is refused leaves it as it was. */
const lives = fc.array(step, { maxLength: 20 }).map((steps): readonly CommentChange[] => {
  const newId = sequentialIds();
  const born = addComment(anException().id, 'Looks odd.', aContext({ newId }));
  if (!born.ok) throw new Error('It was never born.');
  const changes = [born.value];
  for (const [index, { content, actor }] of steps.entries()) {
    const { state } = changes.at(-1)!;
    const command =
      content === undefined
        ? ({ type: 'delete_comment' } as const)
        : ({ type: 'edit_comment', content } as const);
    const now = new Date(Date.UTC(2026, 0, 3, 0, 0, index)).toISOString();
    const outcome = decideComment(state, command, { actor, now, newId });
    if (outcome.ok) changes.push(outcome.value);
  }
  return changes;
});

const always = (holds: (life: readonly CommentChange[]) => void) =>
  fc.assert(fc.property(lives, holds), { numRuns: 500 });

describe('the life of a comment, whatever it is told', () => {
  it('counts its versions without a gap, each told in one event', () => {
    always((life) => {
      for (const [basedOn, change] of life.entries()) {
        expect([change.basedOn, change.state.version]).toEqual([basedOn, basedOn + 1]);
        expect(change.events.map(({ version }) => version)).toEqual([basedOn + 1]);
      }
    });
  });

  it('is its author alone', () => {
    always((life) => {
      for (const { state, events } of life) {
        expect([state.author, ...events.map(({ actor }) => actor)]).toEqual(['ana', 'ana']);
      }
    });
  });

  it('can be retold from its history', () => {
    always((life) => {
      let replayed: Partial<Record<keyof Comment, unknown>> = {};
      for (const { changes, version, at } of life.flatMap(({ events }) => events)) {
        for (const [field, { from, to }] of Object.entries(changes)) {
          expect(replayed[field as keyof Comment]).toEqual(from);
          replayed = { ...replayed, [field]: to };
        }
        replayed = { ...replayed, version, updatedAt: at };
      }
      expect(replayed).toStrictEqual(life.at(-1)?.state);
    });
  });

  it('is plain JSON all along', () => {
    always((life) => expect(JSON.parse(JSON.stringify(life))).toStrictEqual(life));
  });
});
