import type { Wait } from './exception.lifecycle';
import type { DispatchTarget } from '../value/dispatch-target';
import type { ResidualTolerance } from '../resolution/residual';
import { defaultDueHours, defaultSeverityRules, type Severity, type SeverityRule } from '../value/severity';

/** What a deployment may decide for itself. Data, not code: pass another one to the desks. */
export type Policy = Readonly<{
  /** Severity of an exception that was raised without one; the first rule that fits. */
  severityRules: readonly SeverityRule[];
  /** Hours from raising to the due date, when none was given. */
  dueHours: Readonly<Record<Severity, number>>;
  /** Targets that can be dispatched to. MANUAL needs nothing and is always there. */
  connectors: readonly DispatchTarget[];
  /** Where people see an exception, such as `https://desk.example.com/exceptions/{id}`; part of every ticket. */
  exceptionLink?: string;
  /** Refuse to resolve while a dispute is active; otherwise it is allowed and marked in the history. */
  disputeBlocksResolving: boolean;
  /** Hours after which a proposal that nobody decided on goes back. */
  approvalExpiresHours: number;
  /** Hours after which an exception that waits for somebody else is flagged. */
  flagAfterHours: Readonly<Record<Exclude<Wait, 'approval'>, number>>;
  /** What the counterparts of a force match may leave without anybody accepting it. */
  residualTolerance: ResidualTolerance;
}>;

export const defaultPolicy: Policy = {
  severityRules: defaultSeverityRules,
  dueHours: defaultDueHours,
  connectors: ['MANUAL'],
  disputeBlocksResolving: false,
  approvalExpiresHours: 72,
  flagAfterHours: { external: 168, ledger: 4 },
  residualTolerance: {},
};
