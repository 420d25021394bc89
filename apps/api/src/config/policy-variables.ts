import { defaultPolicy } from '@redress/domain';
import { flag, dueHours, flagHours, integer, oneOf, residualTolerance, severityRules } from './parsers';
import { withDefault } from './variable';

/** The policy of the desk. */
export const policyVariables = {
  disputeBlocksResolving: withDefault(
    'DISPUTE_BLOCKS_RESOLVING',
    'false',
    flag('true', 'false'),
    'Refuse to resolve an exception while one of its disputes is active.',
  ),
  approvalExpiresHours: withDefault(
    'APPROVAL_EXPIRES_HOURS',
    '72',
    integer(1, 8760),
    'Hours after which a proposed resolution that nobody decided on goes back.',
  ),
  flagAfterHours: withDefault(
    'PENDING_FLAG_HOURS',
    JSON.stringify(defaultPolicy.flagAfterHours),
    flagHours,
    'Hours after which an exception that still waits for an external system, or for the ledger, is flagged.',
  ),
  residualTolerance: withDefault(
    'FORCE_MATCH_TOLERANCE',
    '*=0',
    residualTolerance,
    'What the counterparts of a force match may leave, either way, without anybody accepting it.',
  ),
  adjustmentCheck: withDefault(
    'ADJUSTMENT_CHECK',
    defaultPolicy.adjustmentCheck.mode,
    oneOf('refuse', 'warn', 'off'),
    'What becomes of an adjustment in another currency than its exception, or larger than it allows: `warn` makes it with a warning, `off` does not compare.',
  ),
  adjustmentMaxPercent: withDefault(
    'ADJUSTMENT_MAX_PERCENT',
    String(defaultPolicy.adjustmentCheck.maxPercent),
    integer(1, 1_000_000),
    'The most that an adjustment may be, in percent of the largest amount that its exception names.',
  ),
  severityRules: withDefault(
    'SEVERITY_RULES',
    JSON.stringify(defaultPolicy.severityRules),
    severityRules,
    'Severity of an exception raised without one: the first rule whose amount or age is reached, else `LOW`.',
  ),
  dueHours: withDefault(
    'DUE_HOURS',
    JSON.stringify(defaultPolicy.dueHours),
    dueHours,
    'Hours from raising an exception to its due date, when none is given.',
  ),
};
