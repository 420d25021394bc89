import {
  fieldChanges,
  historyEvent,
  nextVersion,
  type Change,
  type Context,
  type HistoryEvent,
} from '../change';
import type { Dispatch } from '../dispatch/dispatch';
import { reserveNotes } from '../dispatch/reserve';
import type { ExceptionFacts } from '../exception/exception.facts';
import { noteText } from '../dispatch/ticket-text';
import { ok, refuse, type Result } from '../result';
import { isSamePerson } from '../value/person';
import { commandType, text, validate } from '../value/validation';
import { limits } from '../value/text';
import type { Timestamp } from '../value/timestamp';

/** A remark on an exception, whatever the status of that. */
export type Comment = Readonly<{
  id: string;
  exceptionId: string;
  version: number;
  author: string;
  content: string;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  /** Set once it was deleted. It is not shown any more; the history of its exception keeps it. */
  deletedAt?: Timestamp;
}>;

/** A command to an existing comment. Only its author may give it. */
export type CommentCommand =
  Readonly<{ type: 'edit_comment'; content: string }> | Readonly<{ type: 'delete_comment' }>;

/** command → the type of its event. */
export const commentEvents = {
  add_comment: 'comment.added',
  edit_comment: 'comment.edited',
  delete_comment: 'comment.deleted',
} as const satisfies Record<CommentCommand['type'] | 'add_comment', string>;

/** The types of the events of comments in the history of their exception. */
export type CommentEventType = (typeof commentEvents)[keyof typeof commentEvents];
/** An event of a comment. `version` is that of the comment. */
export type CommentEvent = HistoryEvent<CommentEventType>;
/** `notes`: the comment on the tickets of its exception. */
export type CommentChange = Change<Comment, CommentEvent> & Readonly<{ notes?: readonly Dispatch[] }>;

/** A new comment on an exception, and a note with its text on each of its tickets. */
export function addComment(
  exceptionId: string,
  content: string,
  ctx: Context,
  { liveDispatches: tickets, commentsFull }: CommentFacts = {},
): Result<CommentChange> {
  const malformed =
    validate({ content }, checks) ??
    (commentsFull &&
      ({
        code: 'invalid_value',
        field: 'content',
        problem: `would be more than ${limits.comments} comments`,
      } as const));
  if (malformed) return refuse(malformed);
  const state: Comment = {
    id: ctx.newId(),
    exceptionId,
    version: 1,
    author: ctx.actor,
    content,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
  const event = eventOf('add_comment', undefined, state, ctx);
  const notes = reserveNotes(tickets ?? [], exceptionId, () => commentNote(event), ctx);
  return ok({ basedOn: 0, state, events: [event], ...(notes.length && { notes }) });
}

/** The effect of a command on a comment. Only its author may give it. */
export function decideComment(
  comment: Comment,
  command: CommentCommand,
  ctx: Context,
): Result<CommentChange> {
  const edits = command.type === 'edit_comment';
  const malformed =
    commandType(['edit_comment', 'delete_comment'], command.type) ?? (edits && validate(command, checks));
  if (malformed) return refuse(malformed);
  if (!isSamePerson(comment.author, ctx.actor)) return refuse({ code: 'not_author', author: comment.author });
  const changed = edits ? { content: command.content } : { deletedAt: ctx.now };
  const state = nextVersion(comment, changed, ctx);
  return ok({ basedOn: comment.version, state, events: [eventOf(command.type, comment, state, ctx)] });
}

/** The facts that a new comment depends on. */
export type CommentFacts = Partial<Pick<ExceptionFacts, 'liveDispatches' | 'commentsFull'>>;

const checks = { content: text(limits.comment) };

const eventOf = (
  what: keyof typeof commentEvents,
  before: Comment | undefined,
  after: Comment,
  ctx: Context,
): CommentEvent => {
  const { id: commentId, exceptionId, version } = after;
  return historyEvent(
    commentEvents[what],
    { exceptionId, commentId, version },
    fieldChanges(before, after),
    ctx,
  );
};

const noteWords: Partial<Record<CommentEventType, string>> = {
  [commentEvents.add_comment]: 'commented',
  [commentEvents.edit_comment]: 'changed a comment',
};

/** The note that a comment puts on the tickets of its exception; undefined for a deletion. */
export function commentNote({ type, actor, changes }: CommentEvent): string | undefined {
  const words = noteWords[type];
  const content = changes['content']?.to;
  return words && noteText(`${actor} ${words}: ${typeof content === 'string' ? content : ''}`);
}
