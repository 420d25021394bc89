import { atVersion, once, type Answering, type CommandMeta } from '../once';
import type { Ports } from '../ports';
import { refuse, type Result } from '../result';
import { addComment, decideComment, type CommentChange, type CommentCommand } from './comment';

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
    return once(
      this.ports,
      meta,
      (tx) => tx.exceptions.load(exceptionId),
      async (loaded, tx, ctx) => {
        if (!loaded) return refuse({ code: 'not_found', what: 'exception', id: exceptionId });
        const current = atVersion(meta, loaded.exception.version);
        if (!current.ok) return current;
        const change = addComment(loaded.exception.id, content, ctx);
        if (change.ok) await tx.comments.save(change.value);
        return change;
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
    return once(
      this.ports,
      meta,
      (tx) => tx.comments.load(exceptionId, id),
      async (comment, tx, ctx) => {
        if (!comment) return refuse({ code: 'not_found', what: 'comment', id });
        const current = atVersion(meta, comment.version);
        if (!current.ok) return current;
        const change = decideComment(comment, command, ctx);
        if (change.ok) await tx.comments.save(change.value);
        return change;
      },
      answering,
    );
  }
}
