import { explain, type Refusal } from '../refusal';
import type { ApprovalRule } from '../resolution/approval-policy';
import { maxApprovers } from '../resolution/approval-policy';
import type { DualControl } from '../resolution/approval';
import { validateApprovalRules, validateApprovalTerms } from '../resolution/approval-policy.validation';
import { reasonedCommands, validateReasonCodes, type ReasonCodes } from '../resolution/reason-codes';

/*
 * Checks of settings as they come from outside, such as the body of a request. Each answers what is wrong, as the rest of a
 * sentence that begins with the name of the field.
 */

type Members = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const hasOnly = (record: Members, names: readonly string[]): boolean =>
  Object.keys(record).every((name) => names.includes(name));
const sound = (refusal: Refusal | undefined): string | undefined =>
  refusal && `must be sound: ${explain(refusal)}`;

const ruleMembers = ['command', 'currency', 'minimumAmount', 'severity', 'approvers', 'mayNotApprove'];

const isRule = (rule: unknown): boolean =>
  isRecord(rule) &&
  hasOnly(rule, ruleMembers) &&
  typeof rule['command'] === 'string' &&
  typeof rule['approvers'] === 'number' &&
  (rule['mayNotApprove'] === undefined || Array.isArray(rule['mayNotApprove'])) &&
  ['currency', 'minimumAmount', 'severity'].every((name) =>
    ['string', 'undefined'].includes(typeof rule[name]),
  );

/** What is wrong with the rules of an approval policy. */
export function approvalRulesProblem(rules: unknown): string | undefined {
  if (rules === undefined) return 'is required';
  if (!Array.isArray(rules)) return 'must be a list of rules';
  const other = rules.findIndex((rule) => !isRule(rule));
  return other >= 0
    ? `must be a list of rules {${ruleMembers.join(', ')}}, which number ${other + 1} is not`
    : sound(validateApprovalRules(rules as ApprovalRule[]));
}

/** What is wrong with a dual control. */
export const dualControlProblem = (control: unknown): string | undefined =>
  isRecord(control) &&
  hasOnly(control, ['approvers']) &&
  !validateApprovalTerms({ rules: [], answers: control as DualControl })
    ? undefined
    : `must be an object with approvers, a whole number from 1 to ${maxApprovers}`;

const freeText = 'free_text';
const codeMembers = ['code', 'label', 'active'];

const isCodes = (list: unknown): boolean =>
  list === freeText ||
  (Array.isArray(list) &&
    list.every(
      (entry) =>
        isRecord(entry) &&
        hasOnly(entry, codeMembers) &&
        typeof entry['code'] === 'string' &&
        typeof entry['label'] === 'string' &&
        ['boolean', 'undefined'].includes(typeof entry['active']),
    ));

/** What is wrong with the reason codes of all commands. */
export function reasonCodesProblem(commands: unknown): string | undefined {
  if (commands === undefined) return 'is required';
  if (!isRecord(commands) || !hasOnly(commands, reasonedCommands))
    return `must be an object of ${reasonedCommands.join(', ')}`;
  const other = reasonedCommands.find((command) => !isCodes(commands[command]));
  return other !== undefined
    ? `must say "${freeText}" or a list of codes {${codeMembers.join(', ')}} for each command, which it does not for ${other}`
    : sound(validateReasonCodes(commands as ReasonCodes));
}
