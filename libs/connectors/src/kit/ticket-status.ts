import { parseTimestamp, type Timestamp } from '@redress/domain';
import { textOf } from './json';
import type { Unavailable } from './http-result';

/** How far a ticket is, whatever its status is called there: not begun, under way, done, withdrawn, or no telling. */
export type TicketCategory = 'new' | 'indeterminate' | 'done' | 'cancelled' | 'undefined';

export type TicketStatus = Readonly<{
  /** As people there call it. */
  name: string;
  category: TicketCategory;
  /** Who has it, by the name shown there. */
  assignee?: string;
  updatedAt?: Timestamp;
}>;

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
