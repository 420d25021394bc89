import { callbackStatuses, limits, type CallbackStatus } from '@redress/domain';
import { canonicalJson, isJsonObject } from '@redress/formats';
import { CheckedAs, OneOf, Text, Time } from '../http/fields';

/** More than any ticket needs, less than would make the history slow to read. */
const maxPayload = 20_000;

const payloadFault = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length <= maxPayload
    ? undefined
    : `must be an object of at most ${maxPayload} characters of JSON`;

/** As text, whatever it holds; what is no object becomes what is refused. */
const payloadText = (value: unknown): unknown => (isJsonObject(value) ? canonicalJson(value) : []);

export class CallbackRequest {
  @Text(limits.queue, { example: 'JIRA' })
  externalSystem!: string;

  @Text(limits.queue, { example: 'RECON-1234' })
  externalIssueId!: string;

  @OneOf(callbackStatuses, { example: 'RESOLVED', description: 'OPEN gives a pending exception back.' })
  status!: CallbackStatus;

  @Text(limits.queue, { optional: true, example: 'issue_updated' })
  callbackType?: string;

  @Text(limits.notes, { optional: true, example: 'Fee refunded by the bank' })
  resolutionNotes?: string;

  @Text(limits.assignee, { optional: true, example: 'user@example.com', description: 'Needed for ASSIGNED.' })
  assignee?: string;

  @Time({ optional: true })
  dueAt?: string;

  @Time({ optional: true, description: 'Older than the last one applied: recorded, and nothing changes.' })
  updatedAt?: string;

  // Kept as text: what it says does not matter here.
  @CheckedAs(
    'payload',
    payloadFault,
    { type: 'object', additionalProperties: {}, example: { key: 'RECON-1234' } },
    payloadText,
  )
  payload?: string;
}

export class RecallRequest {
  @Text(limits.resolutionReason, { optional: true, example: 'Solved by ourselves after all' })
  reason?: string;
}
