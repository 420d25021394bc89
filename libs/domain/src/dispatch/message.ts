import type { Severity } from '../value/severity';
import type { Timestamp } from '../value/timestamp';

/**
 * What somebody outside is told about an exception, frozen when the dispatch is reserved: each attempt sends the same.
 * Connectors put it into the words of their system and add nothing of their own.
 */
export type Message = Readonly<{
  exceptionId: string;
  transactionId: string;
  severity: Severity;
  dueAt: Timestamp;
  queue?: string;
  /** One line of at most 255 characters, without line breaks. */
  summary: string;
  /** What there is to know, a paragraph each, without markup. */
  paragraphs: readonly string[];
  /** Where the exception can be seen; left out when the address of the desk is not configured. */
  link?: string;
}>;
