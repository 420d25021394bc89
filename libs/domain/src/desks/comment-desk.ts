import { commentTarget, exceptionTarget } from './targets';
import type { CommandMeta, ReplyCodec } from './command-meta';
import { change } from './use-case';
import type { Ports, Transaction } from '../ports/stores';
import type { Result } from '../result';
import { addComment, decideComment, type CommentChange, type CommentCommand } from '../comment/comment';

const save = (tx: Transaction, change: CommentChange): Promise<void> => tx.comments.save(change);

/** Use cases of comments: each loads, decides and saves. Every change is an event of the exception. */
export class CommentDesk {
  constructor(private readonly ports: Ports) {}

  /** `expectedVersion`, when given, is that of the exception. */
  add<A = Result<CommentChange>>(
    exceptionId: string,
    content: string,
    meta: CommandMeta<ReplyCodec<CommentChange, A>>,
  ): Promise<NoInfer<A>> {
    return change(this.ports, meta, {
      ...exceptionTarget(exceptionId),
      decide: ({ exception, facts }, ctx) => addComment(exception.id, content, ctx, facts),
      save,
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
      ...commentTarget(exceptionId, id),
      decide: (comment, ctx) => decideComment(comment, command, ctx),
      save,
    });
  }
}
