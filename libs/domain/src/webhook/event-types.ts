import type { CommentEventType } from '../comment/comment';
import type { DispatchEventType } from '../dispatch/dispatch.lifecycle';
import type { DisputeEventType } from '../dispute/dispute.lifecycle';
import type { ExceptionEventType } from '../exception/exception.lifecycle';

/** The type of an event, as it is in the history of an exception and in `type` of a webhook. */
export type EventType = ExceptionEventType | DisputeEventType | CommentEventType | DispatchEventType;

/** The types of events that endpoints can subscribe to, each with its description. A type that is missing here does not compile. */
export const eventDescriptions = {
  'exception.raised': 'An exception was raised.',
  'exception.escalated': 'It was reported again as graver than it was.',
  'exception.reported_otherwise':
    'It was reported again with an amount that no report had before; its own amount stays.',
  'exception.callback_ignored':
    'A callback came that was older than the one before, or repeats what awaits approval, and changed nothing.',
  'exception.assigned': 'Somebody took it on, was given it, or got a new due date.',
  'exception.unassigned': 'Whoever had it let go of it.',
  'exception.force_matched': 'It was resolved: it matches after all.',
  'exception.entry_adjusted': 'It was resolved by posting the difference.',
  'exception.resolved': 'It was resolved without touching the books.',
  'exception.resolution_proposed': 'Somebody proposed how to resolve it, and somebody else has to agree.',
  'exception.dispatched': 'It was handed to somebody outside.',
  'exception.approval_given': 'One of several approvals was given; it awaits the others.',
  'exception.waits_too_long': 'What it waits for is too long in coming; it waits on.',
  'exception.confirmed': 'What it waited for came: it is resolved.',
  'exception.returned': 'What it waited for said no, or took it up: it is worked on again.',
  'exception.recalled': 'It was taken back from whoever had it.',
  'exception.reversal_proposed':
    'Somebody wants the adjustment that resolved it taken back, and somebody else has to agree.',
  'exception.adjustment_reversed':
    'The adjustment that resolved it was taken back; it is open again as another one.',
  'exception.reversal_linked': 'It stands for a resolved one whose adjustment was taken back.',
  'exception.books_differ':
    'A reversal is booked here and not in the ledger, which refused it or did not confirm it.',
  'exception.books_agree': 'The ledger has booked the reversal after all.',
  'dispute.drafted': 'A dispute was prepared.',
  'dispute.opened': 'A dispute was put forward.',
  'dispute.evidence_requested': 'Evidence is asked for.',
  'dispute.evidence_submitted': 'Evidence was added.',
  'dispute.won': 'The dispute was won.',
  'dispute.lost': 'The dispute was lost.',
  'dispute.reopened': 'A lost dispute goes on.',
  'comment.added': 'Somebody commented.',
  'comment.edited': 'A comment was changed by its author.',
  'comment.deleted': 'A comment was deleted by its author.',
  'dispatch.confirmed': 'The other side has it, under a reference of its own.',
  'dispatch.failed': 'The other side refused it.',
  'dispatch.died': 'It could not be handed over, and is tried no more.',
  'dispatch.redriven': 'Somebody had it tried again.',
  'dispatch.duplicated': 'The other side has it more than once.',
  'dispatch.moved': 'The other side moved its ticket, which has another reference now.',
  'dispatch.answer_proposed': 'A person answered for it, and another person has to answer the same.',
} as const satisfies Record<EventType, string>;

/** The types of events, in the order of `eventDescriptions`. */
export const eventTypes = Object.keys(eventDescriptions) as readonly EventType[];
