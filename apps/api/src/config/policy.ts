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
  ...(config.exceptionLink && { exceptionLink: config.exceptionLink }),
});
