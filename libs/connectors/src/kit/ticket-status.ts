import { parseTimestamp, type Timestamp } from '@redress/domain';
import { textOf } from './json';
import type { Unavailable } from './http-result';

/**
 * The progress of a ticket, whatever its status is called in the external system; `undefined`: the system does not say.
 */
export type TicketCategory = 'new' | 'indeterminate' | 'done' | 'cancelled' | 'undefined';

/** The status of a ticket. */
export type TicketStatus = Readonly<{
  /** As people there call it. */
  name: string;
  category: TicketCategory;
  /** Who has it, by the name shown there. */
  assignee?: string;
  updatedAt?: Timestamp;
}>;

/** The result of reading a ticket's status. */
export type StatusRead =
  | Readonly<{ outcome: 'read'; status: TicketStatus }>
  /** There is no such ticket, or none that may be seen. */
  | Readonly<{ outcome: 'none'; problem: string }>
  | Unavailable;

/** A moment as ServiceNow (`2026-01-02 03:04:05`, UTC) or Jira (`2026-01-02T03:04:05.678+0100`) writes it. */
export function momentOf(value: unknown): Timestamp | undefined {
  const text = textOf(value)
    ?.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/, '$1T$2Z')
    .replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
  return text === undefined ? undefined : parseTimestamp(text);
}
