import { explain, limits, severities, type ApprovalRule, type DualControl } from '@redress/domain';
import {
  approvableCommands,
  barredFromApproval,
  maxApprovalRules,
  maxApprovers,
  validateApprovalRules,
  validateApprovalTerms,
} from '@redress/domain/settings';
import { givenMembers } from '../json/json-value';
import { JsonNumber } from '../json/strict-json';
import { field, Text } from '../http/fields';

export class RejectRequest {
  @Text(limits.resolutionReason, { example: 'The fee is in the contract.' })
  reason!: string;
}

const members = ['command', 'currency', 'minimumAmount', 'severity', 'approvers', 'mayNotApprove'];

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

function rulesFault(value: unknown): string | undefined {
  if (value === undefined) return 'is required';
  if (!Array.isArray(value)) return 'must be a list of rules';
  const rules = value as unknown[];
  const unsound = rules.findIndex((rule) => !isSound(rule));
  if (unsound >= 0)
    return `must be a list of rules {${members.join(', ')}}, which number ${unsound + 1} is not`;
  const flaw = validateApprovalRules(rules as ApprovalRule[]);
  return flaw && `must be sound: ${explain(flaw)}`;
}

/** The members are there, are known, and are of their kind; what they say is the domain's to judge. */
const isSound = (rule: unknown): boolean =>
  isRecord(rule) &&
  Object.keys(rule).every((name) => members.includes(name)) &&
  typeof rule['command'] === 'string' &&
  typeof rule['approvers'] === 'number' &&
  (rule['mayNotApprove'] === undefined || Array.isArray(rule['mayNotApprove'])) &&
  ['currency', 'minimumAmount', 'severity'].every((name) =>
    ['string', 'undefined'].includes(typeof rule[name]),
  );

const Rules = () =>
  field(
    'rules',
    rulesFault,
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

const controlFault = (value: unknown): string | undefined =>
  isRecord(value) &&
  Object.keys(value).join() === 'approvers' &&
  !validateApprovalTerms({ rules: [], answers: value as DualControl })
    ? undefined
    : `must be an object with approvers, a whole number from 1 to ${maxApprovers}`;

/** How many other people have to make the same request. */
const Control = (description: string) =>
  field(
    'control',
    controlFault,
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
