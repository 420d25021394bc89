import type { Context } from '../change';
import type { Comment, CommentCommand } from '../comment/comment';
import { messageFor } from '../dispatch/ticket-text';
import type { Dispatch } from '../dispatch/dispatch';
import type { Dispute } from '../dispute/dispute';
import { disputeLifecycle, type DisputeCommand, type DisputeCommandType } from '../dispute/dispute.lifecycle';
import type { Callback } from '../exception/callback';
import type { ReconException } from '../exception/recon-exception';
import {
  exceptionLifecycle,
  type ExceptionCommand,
  type ExceptionCommandType,
} from '../exception/exception.lifecycle';
import { commands, type CommandWithFields, type Lifecycle } from '../lifecycle';
import type { Raise } from '../exception/report';
import type { Timestamp } from '../value/timestamp';

/** The moment at which everything in an example happens, unless it says otherwise. */
export const now: Timestamp = '2026-01-02T03:04:05.678Z';

/** A clock that always shows `now`. */
export const fixedClock = (): Date => new Date(now);

/** Ids with the form of a UUIDv7, counted up: the same ones in every run. */
export function sequentialIds(): () => string {
  const time = Date.parse(now).toString(16).padStart(12, '0');
  let count = 0;
  return () => `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${(++count).toString(16).padStart(12, '0')}`;
}

/** The context of a command by `ana`, at `now`. */
export const aContext = (over: Partial<Context> = {}): Context => ({
  actor: 'ana',
  now,
  newId: sequentialIds(),
  ...over,
});

/** An exception that was just raised, with nothing but what every exception has. */
export const anException = (over: Partial<ReconException> = {}): ReconException => ({
  id: '019b7c00-0000-7000-8000-00000000e0e0',
  version: 1,
  status: 'OPEN',
  transactionId: '019b7c00-0000-7000-8000-000000007777',
  reason: 'AMOUNT_MISMATCH',
  severity: 'MEDIUM',
  dueAt: '2026-01-07T03:04:05.678Z',
  seenCount: 1,
  lastSeenAt: now,
  createdAt: now,
  updatedAt: now,
  ...over,
});

/** A dispute that was just opened, of `anException()`. */
export const aDispute = (over: Partial<Dispute> = {}): Dispute => ({
  id: '019b7c00-0000-7000-8000-00000000d0d0',
  exceptionId: '019b7c00-0000-7000-8000-00000000e0e0',
  version: 1,
  state: 'OPEN',
  category: 'BANK_FEE_ERROR',
  description: 'The bank charged a fee that the contract rules out.',
  openedBy: 'ana',
  evidence: [],
  createdAt: now,
  updatedAt: now,
  ...over,
});

/** A comment that was just added to `anException()`. */
export const aComment = (over: Partial<Comment> = {}): Comment => ({
  id: '019b7c00-0000-7000-8000-00000000c0c0',
  exceptionId: '019b7c00-0000-7000-8000-00000000e0e0',
  version: 1,
  author: 'ana',
  content: 'The bank confirmed the fee by telephone.',
  createdAt: now,
  updatedAt: now,
  ...over,
});

/** A ticket for `anException()` in Jira that was just reserved. */
export const aDispatch = (over: Partial<Dispatch> = {}): Dispatch => ({
  id: '019b7c00-0000-7000-8000-00000000a0a0',
  version: 1,
  exceptionId: '019b7c00-0000-7000-8000-00000000e0e0',
  target: 'JIRA',
  kind: 'ticket',
  state: 'RESERVED',
  live: true,
  message: messageFor(anException()),
  sends: 0,
  doubtfulSends: 0,
  attempts: 0,
  misses: 0,
  sweeps: 0,
  nextAttemptAt: now,
  requestedBy: 'ana',
  requestedAt: now,
  updatedAt: now,
  ...over,
});

/** A report with nothing but what every report has. */
export const aReport = (over: Partial<Raise> = {}): Raise => ({
  transactionId: '019b7c00-0000-7000-8000-000000007777',
  reason: 'AMOUNT_MISMATCH',
  ...over,
});

/** What Jira says of an exception that it has as OPS-4711, with everything that can be said, whatever the status. */
export const aCallback = (over: Partial<Callback> = {}): Callback => ({
  externalSystem: 'JIRA',
  externalIssueId: 'OPS-4711',
  status: 'RESOLVED',
  callbackType: 'issue_updated',
  resolutionNotes: 'The bank refunded the fee.',
  assignee: 'dee',
  dueAt: '2026-01-08T12:00:00.000Z',
  updatedAt: '2026-01-02T12:00:00.000Z',
  payload: '{"key":"OPS-4711"}',
  ...over,
});

/** One sample for each command. */
export type Samples<Command extends { type: string }, Type extends string> = {
  readonly [T in Type]: Extract<Command, { type: T }>;
};

/** The commands of a lifecycle as they are without fields. */
const bare = (lifecycle: Lifecycle<string, string>): Record<string, { type: string }> =>
  Object.fromEntries(commands(lifecycle).map((type) => [type, { type }]));

const exceptionCommands: Samples<ExceptionCommand, CommandWithFields<ExceptionCommand>> = {
  assign: { type: 'assign', assignee: 'bo', dueAt: '2026-01-09T12:00:00.000Z' },
  force_match: {
    type: 'force_match',
    overrideReason: 'BUSINESS_DECISION',
    notes: 'The customer confirmed it.',
    counterparts: [
      {
        source: 'ledger',
        transactionId: '019b7c00-0000-7000-8000-000000008888',
        amount: '150.50',
        currency: 'BRL',
      },
      {
        source: 'cards',
        transactionId: '019b7c00-0000-7000-8000-000000009999',
        amount: '-12',
        currency: 'JPY',
      },
    ],
    acceptResidual: true,
  },
  adjust_entry: {
    type: 'adjust_entry',
    amount: '150.50',
    currency: 'BRL',
    direction: 'CREDIT',
    effectiveAt: '2026-01-01T00:00:00.000Z',
    reasonCode: 'FEE_ADJUSTMENT',
    notes: 'The wire fee was booked twice.',
  },
  resolve: { type: 'resolve', resolution: 'Found in the next statement.', reason: 'TIMING' },
  propose: {
    type: 'propose',
    resolution: {
      type: 'force_match',
      overrideReason: 'BUSINESS_DECISION',
      notes: 'The customer confirmed it.',
    },
    waitsFor: 'approval',
  },
  dispatch: { type: 'dispatch', target: 'MANUAL', queue: 'back office' },
  confirm: { type: 'confirm', notes: 'Closed over there.' },
  return: { type: 'return', reason: 'Not ours.' },
  recall: { type: 'recall', reason: 'Sent by mistake.' },
};

const disputeCommands: Samples<DisputeCommand, CommandWithFields<DisputeCommand>> = {
  request_evidence: { type: 'request_evidence', note: 'Please send the contract.' },
  submit_evidence: {
    type: 'submit_evidence',
    comment: 'The contract, page 3.',
    fileUrl: 'https://files.example.com/contract.pdf#page=3',
  },
  win: { type: 'win', resolution: 'The bank paid the fee back.' },
  lose: { type: 'lose', resolution: 'The fee is in the contract.' },
  reopen: { type: 'reopen', reason: 'A newer contract was found.' },
};

const ofComments: Samples<CommentCommand, CommentCommand['type']> = {
  edit_comment: { type: 'edit_comment', content: 'The bank confirmed the fee in writing.' },
  delete_comment: { type: 'delete_comment' },
};

// A command that the samples do not name has no fields.
const ofExceptions = { ...bare(exceptionLifecycle), ...exceptionCommands } as Samples<
  ExceptionCommand,
  ExceptionCommandType
>;
const ofDisputes = { ...bare(disputeLifecycle), ...disputeCommands } as Samples<
  DisputeCommand,
  DisputeCommandType
>;

/** One well-formed command of every type, with every optional field; from a status that has it, it is accepted. */
export const sampleCommands = { exception: ofExceptions, dispute: ofDisputes, comment: ofComments };
