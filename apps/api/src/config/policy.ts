import { defaultPolicy, type Policy } from '@redress/domain';
import type { Config } from './config';

/** The policy of the domain as the variables set it. */
export const policyOf = (config: Config): Policy => ({
  ...defaultPolicy,
  severityRules: config.severityRules,
  dueHours: config.dueHours,
  disputeBlocksResolving: config.disputeBlocksResolving,
  approvalExpiresHours: config.approvalExpiresHours,
  flagAfterHours: config.flagAfterHours,
  residualTolerance: config.residualTolerance,
  adjustmentCheck: { mode: config.adjustmentCheck, maxPercent: config.adjustmentMaxPercent },
  ...(config.exceptionLink && { exceptionLink: config.exceptionLink }),
});
