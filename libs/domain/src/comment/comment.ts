import { fieldChanges, nextVersion, type Change, type Context, type HistoryEvent } from '../change';
import type { Dispatch } from '../dispatch/dispatch';
import { ok, refuse, type Result } from '../result';
import { textFlaw, type Flaw } from '../value/validation';
import { limits } from '../value/text';
import type { Timestamp } from '../value/timestamp';

/** What somebody has to say about an exception, in whatever status it is. */
export type Comment = Readonly<{
  id: string;
  exceptionId: string;
  version: number;
  author: string;
  content: string;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  /** Set once it was deleted; nobody sees it any more, but the history of its exception. */
  deletedAt?: Timestamp;
}>;

export type CommentCommand =
  Readonly<{ type: 'edit_comment'; content: string }> | Readonly<{ type: 'delete_comment' }>;

/** command → what it is called once it has happened. */
export const commentEvents = {
  add_comment: 'comment.added',
  edit_comment: 'comment.edited',
  delete_comment: 'comment.deleted',
} as const satisfies Record<CommentCommand['type'] | 'add_comment', string>;

export type CommentEventType = (typeof commentEvents)[keyof typeof commentEvents];
export type CommentEvent = HistoryEvent<CommentEventType>;
/** `notes`: what those outside who have the exception are told about it. */
export type CommentChange = Change<Comment, CommentEvent> & Readonly<{ notes?: readonly Dispatch[] }>;

const contentFlaw = (content: string): Flaw => textFlaw('content', content, limits.comment);

/** A new comment on an exception. */
export function addComment(exceptionId: string, content: string, ctx: Context): Result<CommentChange> {
  const flaw = contentFlaw(content);
  if (flaw) return refuse(flaw);
  const state: Comment = {
    id: ctx.newId(),
    exceptionId,
    version: 1,
    author: ctx.actor,
    content,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
  return ok({ basedOn: 0, state, events: [told('add_comment', undefined, state, ctx)] });
}

/** What a command does to a comment. Its author alone may give it. */
export function decideComment(
  comment: Comment,
  command: CommentCommand,
  ctx: Context,
): Result<CommentChange> {
  const flaw = command.type === 'edit_comment' ? contentFlaw(command.content) : undefined;
  if (flaw) return refuse(flaw);
  if (comment.author !== ctx.actor) return refuse({ code: 'not_author', author: comment.author });
  const changed = command.type === 'edit_comment' ? { content: command.content } : { deletedAt: ctx.now };
  const state = nextVersion(comment, changed, ctx);
  return ok({ basedOn: comment.version, state, events: [told(command.type, comment, state, ctx)] });
}

const told = (
  what: keyof typeof commentEvents,
  before: Comment | undefined,
  after: Comment,
  ctx: Context,
): CommentEvent => ({
  id: ctx.newId(),
  type: commentEvents[what],
  exceptionId: after.exceptionId,
  commentId: after.id,
  version: after.version,
  actor: ctx.actor,
  at: ctx.now,
  changes: fieldChanges(before, after),
});
