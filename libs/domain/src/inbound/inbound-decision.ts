import type { DispatchChange } from '../outcome/decide-outcome';
import type { ExceptionChange } from '../exception/exception.change';
import type { InboundOutcome } from './message';

/**
 * What is done about a message. When it is applied, `change` is what it does to the exception of a ticket, and `posting`
 * what it does to a posting.
 */
export type InboundDecision = Readonly<{
  outcome: InboundOutcome;
  reason?: string;
  change?: ExceptionChange;
  posting?: DispatchChange;
}>;

export const refused = (reason: string): InboundDecision => ({ outcome: 'refused', reason });
export const recorded = (reason?: string): InboundDecision => ({
  outcome: 'recorded',
  ...(reason && { reason }),
});
