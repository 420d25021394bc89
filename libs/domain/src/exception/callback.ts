import { limits } from '../value/text';
import type { Timestamp } from '../value/timestamp';
import {
  invalid,
  note,
  oneOf,
  optional,
  text,
  time,
  validate,
  type Checks,
  type Invalid,
} from '../value/validation';

/** The statuses that an external system may report: forward to ASSIGNED or RESOLVED, or OPEN, which returns it. */
export const callbackStatuses = ['OPEN', 'ASSIGNED', 'RESOLVED'] as const;
/** A status that an external system may report. */
export type CallbackStatus = (typeof callbackStatuses)[number];

/** The report of an external system about an exception that was dispatched to it. */
export type Callback = Readonly<{
  externalSystem: string;
  externalIssueId: string;
  status: CallbackStatus;
  callbackType?: string;
  resolutionNotes?: string;
  /** Required for ASSIGNED. */
  assignee?: string;
  dueAt?: Timestamp;
  /** The time of the change there; a callback older than the last applied one is recorded and changes nothing. */
  updatedAt?: Timestamp;
  /** The rest of the message as text, kept in the history. */
  payload?: string;
}>;

const optionalText = (max: number) => optional(text(max));

const checks: Partial<Checks<Callback>> = {
  externalSystem: text(limits.queue),
  externalIssueId: text(limits.queue),
  status: oneOf(callbackStatuses),
  callbackType: optionalText(limits.queue),
  resolutionNotes: optionalText(limits.notes),
  assignee: (field, assignee, whole) =>
    assignee === undefined && whole.status === 'ASSIGNED'
      ? invalid(field, 'is required when the status is ASSIGNED')
      : optionalText(limits.assignee)(field, assignee, whole),
  dueAt: time,
  updatedAt: time,
  payload: note(limits.payload),
};

/** Why a callback is malformed. */
export const validateCallback = (callback: Callback): Invalid | undefined => validate(callback, checks);
