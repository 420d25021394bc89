import type { Wait } from './exception.lifecycle';
import type { DispatchTarget } from '../value/dispatch-target';
import type { AdjustmentCheck } from '../resolution/adjustment-check';
import type { ResidualTolerance } from '../resolution/residual';
import { defaultDueHours, defaultSeverityRules, type Severity, type SeverityRule } from '../value/severity';

/** The settings of a deployment. Data, not code: pass another policy to the desks. */
export type Policy = Readonly<{
  /** The severity of an exception that is raised without one: that of the first rule that fits. */
  severityRules: readonly SeverityRule[];
  /** Hours from raising to the due date, where the report has none. */
  dueHours: Readonly<Record<Severity, number>>;
  /** The connected targets. MANUAL needs no connection. */
  connectors: readonly DispatchTarget[];
  /** The address of an exception for people, such as `https://desk.example.com/exceptions/{id}`; part of every ticket. */
  exceptionLink?: string;
  /** Refuse to resolve while a dispute is active; otherwise it is allowed and marked in the history. */
  disputeBlocksResolving: boolean;
  /** Hours after which an undecided proposal returns. */
  approvalExpiresHours: number;
  /** Hours after which an exception that waits for an external system or the ledger is flagged. */
  flagAfterHours: Readonly<Record<Exclude<Wait, 'approval'>, number>>;
  /** The residual of a force match that needs no acceptance. */
  residualTolerance: ResidualTolerance;
  /** How an adjustment is compared with its exception. */
  adjustmentCheck: AdjustmentCheck;
}>;

/**
 * The policy that a desk has when none is given: proposals expire after 72 hours, waits are flagged after 168 hours
 * (external) and 4 hours (ledger), no residual is tolerated, an
 * adjustment is refused above 100 % of its exception or in another currency, only MANUAL is connected.
 */
export const defaultPolicy: Policy = {
  severityRules: defaultSeverityRules,
  dueHours: defaultDueHours,
  connectors: ['MANUAL'],
  disputeBlocksResolving: false,
  approvalExpiresHours: 72,
  flagAfterHours: { external: 168, ledger: 4 },
  residualTolerance: {},
  adjustmentCheck: { mode: 'warn', maxPercent: 100 },
};
