import { limits, severities, type ApprovalRule, type DualControl } from '@redress/domain';
import {
  approvableCommands,
  approvalRulesProblem,
  barredFromApproval,
  dualControlProblem,
  maxApprovalRules,
  maxApprovers,
} from '@redress/domain/settings';
import { givenMembers, JsonNumber } from '@redress/formats';
import { field, Text } from '../http/fields';

export class RejectRequest {
  @Text(limits.resolutionReason, { example: 'The fee is in the contract.' })
  reason!: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is given, amounts digit by digit, counts as numbers. */
function plainRule(rule: unknown): unknown {
  if (!isRecord(rule)) return rule;
  const given = givenMembers(rule);
  const { approvers, minimumAmount } = given;
  return {
    ...given,
    ...(approvers instanceof JsonNumber && { approvers: Number(approvers.lexeme) }),
    ...(minimumAmount instanceof JsonNumber && { minimumAmount: minimumAmount.lexeme }),
  };
}

const Rules = () =>
  field(
    'rules',
    approvalRulesProblem,
    {
      read: (given) => (Array.isArray(given) ? given.map(plainRule) : given),
      example: [
        { command: 'adjust_entry', currency: 'EUR', minimumAmount: '10000.00', approvers: 2 },
        { command: 'force_match', severity: 'CRITICAL', approvers: 1 },
      ],
      description:
        'For each amount at stake the first that fits decides, and of those the strictest; what a rule leaves out does not ' +
        'restrict it. None: no approval.',
    },
    {
      type: 'array',
      maxItems: maxApprovalRules,
      items: {
        type: 'object',
        required: ['command', 'approvers'],
        additionalProperties: false,
        properties: {
          command: { type: 'string', enum: [...approvableCommands] },
          currency: { type: 'string', pattern: '^[A-Z]{3}$' },
          minimumAmount: { type: 'string' },
          severity: { type: 'string', enum: [...severities] },
          mayNotApprove: { type: 'array', items: { type: 'string', enum: [...barredFromApproval] } },
          approvers: { type: 'integer', minimum: 1, maximum: maxApprovers },
        },
      },
    },
  );

/** How many other people have to make the same request. */
const Control = (description: string) =>
  field(
    'control',
    dualControlProblem,
    { optional: true, read: plainRule, example: { approvers: 1 }, description },
    {
      type: 'object',
      selfRequired: false,
      required: ['approvers'],
      additionalProperties: false,
      properties: { approvers: { type: 'integer', minimum: 1, maximum: maxApprovers } },
    },
  );

export class PutApprovalPolicy {
  @Rules() rules!: ApprovalRule[];

  @Control('How many other people have to put the same change of this policy, where it may weaken it.')
  policyChanges?: DualControl;

  @Control('How many other people have to ask for the same change of the connection to the ledger.')
  ledgerChanges?: DualControl;

  @Control('How many other people have to give the same answer for a dispatch that was given up.')
  answers?: DualControl;
}
