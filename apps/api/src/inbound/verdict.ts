import type { DispatchChange, ExceptionChange } from '@redress/domain';
import type { InboundOutcome } from './inbound-message';

/** What is done about a message; when it is applied, `change` of a ticket's exception, or what became of a posting. */
export type Verdict = Readonly<{
  outcome: InboundOutcome;
  reason?: string;
  change?: ExceptionChange;
  posting?: DispatchChange;
}>;

export const refused = (reason: string): Verdict => ({ outcome: 'refused', reason });
export const recorded = (reason?: string): Verdict => ({ outcome: 'recorded', ...(reason && { reason }) });
