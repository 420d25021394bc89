import type { HistoryEvent } from '../change';
import type { ReconException } from '../exception/recon-exception';
import type { Message } from './message';
export const messageFor = (
  exception: ReconException,
  options: Readonly<{ queue?: string; link?: string }>,
): Message => ({
  exceptionId: exception.id,
  transactionId: exception.transactionId,
  severity: exception.severity,
  dueAt: exception.dueAt,
  ...options,
  summary: exception.reason,
  paragraphs: [exception.reason],
});
export const noteFor = (event: HistoryEvent): string | undefined => event.type;
