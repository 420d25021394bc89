import { change, type Answering, type CommandMeta } from './use-case';
import type { Ports } from '../ports/stores';
import type { Result } from '../result';
import { addComment, decideComment, type CommentChange, type CommentCommand } from '../comment/comment';

/** The only way in: load, decide, save. Every change is a line in the history of the exception. */
export class CommentDesk {
  constructor(private readonly ports: Ports) {}

  /** `expectedVersion`, when given, is that of the exception. */
  add<A = Result<CommentChange>>(
    exceptionId: string,
    content: string,
    meta: CommandMeta,
    answering?: Answering<CommentChange, A>,
  ): Promise<NoInfer<A>> {
    return change(
      this.ports,
      meta,
      {
        load: (tx) => tx.exceptions.load(exceptionId),
        missing: { code: 'not_found', what: 'exception', id: exceptionId },
        version: ({ exception }) => exception.version,
        decide: ({ exception, facts }, ctx) => addComment(exception.id, content, ctx, facts.liveDispatches),
        save: (tx, decided) => tx.comments.save(decided),
      },
      answering,
    );
  }

  /** `exceptionId` is part of the comment's address: a comment of another exception is not found. */
  handle<A = Result<CommentChange>>(
    exceptionId: string,
    id: string,
    command: CommentCommand,
    meta: CommandMeta,
    answering?: Answering<CommentChange, A>,
  ): Promise<NoInfer<A>> {
    return change(
      this.ports,
      meta,
      {
        load: (tx) => tx.comments.load(exceptionId, id),
        missing: { code: 'not_found', what: 'comment', id },
        version: (comment) => comment.version,
        decide: (comment, ctx) => decideComment(comment, command, ctx),
        save: (tx, decided) => tx.comments.save(decided),
      },
      answering,
    );
  }
}
