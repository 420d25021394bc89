import type { Context } from '../change';
import { change, type CommandMeta, type ReplyCodec } from './use-case';
import type { Ports } from '../ports/stores';
import { reserveNotes } from '../dispatch/reserve';
import type { ExceptionFacts } from '../exception/exception.rules';
import { ok, type Result } from '../result';
import { addComment, decideComment, type CommentChange, type CommentCommand } from '../comment/comment';

/** The only way in: load, decide, save. Every change is a line in the history of the exception. */
export class CommentDesk {
  constructor(private readonly ports: Ports) {}

  /** `expectedVersion`, when given, is that of the exception. */
  add<A = Result<CommentChange>>(
    exceptionId: string,
    content: string,
    meta: CommandMeta<ReplyCodec<CommentChange, A>>,
  ): Promise<NoInfer<A>> {
    return change(this.ports, meta, {
      load: (tx) => tx.exceptions.load(exceptionId),
      missing: { code: 'not_found', what: 'exception', id: exceptionId },
      version: ({ exception }) => exception.version,
      decide: ({ exception, facts }, ctx) => {
        const added = addComment(exception.id, content, ctx);
        return added.ok ? ok(withNotes(added.value, facts, ctx)) : added;
      },
      save: (tx, decided) => tx.comments.save(decided),
    });
  }

  /** `exceptionId` is part of the comment's address: a comment of another exception is not found. */
  handle<A = Result<CommentChange>>(
    exceptionId: string,
    id: string,
    command: CommentCommand,
    meta: CommandMeta<ReplyCodec<CommentChange, A>>,
  ): Promise<NoInfer<A>> {
    return change(this.ports, meta, {
      load: (tx) => tx.comments.load(exceptionId, id),
      missing: { code: 'not_found', what: 'comment', id },
      version: (comment) => comment.version,
      decide: (comment, ctx) => decideComment(comment, command, ctx),
      save: (tx, decided) => tx.comments.save(decided),
    });
  }
}

/** Those outside who have the exception get to read it as well. */
function withNotes(change: CommentChange, facts: ExceptionFacts, ctx: Context): CommentChange {
  const notes = change.events.flatMap((event) => reserveNotes(facts.liveDispatches, event, ctx));
  return notes.length ? { ...change, notes } : change;
}
